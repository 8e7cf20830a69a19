//! Loops over the rows of a `[rows, channels]` matrix.
//!
//! A row of few channels does not fill a vector register, so several rows are read as one
//! long row, together with per-channel tables that are repeated to the same length.

/// Floats in one task: large enough to be worth a thread, small enough for its cache.
const TASK_LEN: usize = 1 << 15;

/// The fewest floats of a long row.
const MIN_LANES: usize = 64;

/// Length of a long row: a multiple of `channels`.
pub(crate) fn lanes(channels: usize) -> usize {
    MIN_LANES.div_ceil(channels) * channels
}

/// Floats in one task: whole long rows, independent of the number of threads.
pub(crate) fn task_len(channels: usize) -> usize {
    let lanes = lanes(channels);
    (TASK_LEN / lanes).max(1) * lanes
}

/// The per-channel numbers, repeated to the length of a long row.
pub(crate) fn repeat(per_channel: &[f32]) -> Vec<f32> {
    per_channel
        .iter()
        .copied()
        .cycle()
        .take(lanes(per_channel.len()))
        .collect()
}

/// Sums the lanes that belong to the same channel.
pub(crate) fn fold(lanes: &[f32], channels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; channels];
    for row in lanes.chunks_exact(channels) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(value);
        }
    }
    sums
}
