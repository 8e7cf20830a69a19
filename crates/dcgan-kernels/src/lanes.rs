//! Loops over the rows of a `[rows, channels]` matrix.
//!
//! A row of few channels does not fill a vector register, so several rows are read as one
//! long row, against tables of per-channel numbers that repeat as often.

/// Floats in one task: large enough to be worth a thread, small enough for its cache.
const TASK: usize = 1 << 15;

/// Floats that a long row has at least.
const LANES: usize = 64;

/// Length of a long row: a multiple of `channels`.
pub(crate) fn lanes(channels: usize) -> usize {
    LANES.div_ceil(channels) * channels
}

/// Floats in one task: whole long rows, the same number whatever the thread count.
pub(crate) fn task_len(channels: usize) -> usize {
    let lanes = lanes(channels);
    (TASK / lanes).max(1) * lanes
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

/// Adds up the lanes that belong to the same channel.
pub(crate) fn fold(lanes: &[f32], channels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; channels];
    for row in lanes.chunks_exact(channels) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(value);
        }
    }
    sums
}
