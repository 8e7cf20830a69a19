//! Converts PyTorch's weight layout, `[coarse, fine, tap]` for short, into the matrices of the
//! products, and gradients back.

use rayon::prelude::*;

use crate::geometry::Geometry;
use crate::profile::{self, Part};

/// Channels handled together: sixteen floats are one cache line.
const LINE: usize = 16;

/// Writes the weight as `[tap, fine, coarse]`: one row for each value of a column.
pub(crate) fn columns_to_coarse(geometry: &Geometry, weight: &[f32], matrix: &mut [f32]) {
    let (fine, coarse) = (geometry.fine.channels, geometry.coarse.channels);
    let taps = geometry.taps();
    // A task owns a few fine channels of every tap, so that it reads the weight in order.
    let mut tasks: Vec<Vec<&mut [f32]>> = (0..fine.div_ceil(LINE)).map(|_| Vec::new()).collect();
    for of_tap in matrix.chunks_exact_mut(fine * coarse) {
        for (task, rows) in tasks.iter_mut().zip(of_tap.chunks_mut(LINE * coarse)) {
            task.push(rows);
        }
    }
    tasks
        .into_par_iter()
        .enumerate()
        .for_each(|(task, mut of_taps)| {
            profile::time(Part::WeightLayouts, || {
                for first in (0..coarse).step_by(LINE) {
                    let line = first..coarse.min(first + LINE);
                    for row in 0..of_taps[0].len() / coarse {
                        let source = (task * LINE + row) * taps;
                        for (tap, rows) in of_taps.iter_mut().enumerate() {
                            let target = &mut rows[row * coarse..][line.clone()];
                            for (value, channel) in target.iter_mut().zip(line.clone()) {
                                *value = weight[channel * fine * taps + source + tap];
                            }
                        }
                    }
                }
            });
        });
}

/// Writes the weight as `[block, coarse, tap, fine in block]` for blocks of `block` fine
/// channels, the last one narrower: one matrix for each block, one row for each coarse channel.
pub(crate) fn coarse_to_columns(
    geometry: &Geometry,
    weight: &[f32],
    block: usize,
    matrix: &mut [f32],
) {
    let (fine, coarse) = (geometry.fine.channels, geometry.coarse.channels);
    let taps = geometry.taps();
    for (index, of_block) in matrix.chunks_mut(coarse * taps * block).enumerate() {
        let width = of_block.len() / (coarse * taps);
        of_block
            .par_chunks_exact_mut(taps * width)
            .enumerate()
            .for_each(|(channel, row)| {
                profile::time(Part::WeightLayouts, || {
                    let source = &weight[(channel * fine + index * block) * taps..][..width * taps];
                    for (tap, values) in row.chunks_exact_mut(width).enumerate() {
                        for (value, from) in values.iter_mut().zip(source.chunks_exact(taps)) {
                            *value = from[tap];
                        }
                    }
                });
            });
    }
}

/// Sums the matrices `[tap, fine, coarse]` of `parts` in their order and writes the result in
/// PyTorch's layout.
pub(crate) fn gradient_from_columns(geometry: &Geometry, parts: &[f32], gradient: &mut [f32]) {
    let (fine, coarse) = (geometry.fine.channels, geometry.coarse.channels);
    let taps = geometry.taps();
    let of_channel = fine * taps;
    gradient
        .par_chunks_mut(LINE * of_channel)
        .enumerate()
        .for_each(|(task, rows)| {
            profile::time(Part::WeightLayouts, || {
                let line = rows.len() / of_channel;
                for position in 0..of_channel {
                    let (channel, tap) = (position / taps, position % taps);
                    let source = (tap * fine + channel) * coarse + task * LINE;
                    let mut sums = [0.0_f32; LINE];
                    for part in parts.chunks_exact(geometry.weight_len()) {
                        for (sum, value) in sums.iter_mut().zip(&part[source..][..line]) {
                            *sum += value;
                        }
                    }
                    for (row, sum) in rows.chunks_exact_mut(of_channel).zip(sums) {
                        row[position] = sum;
                    }
                }
            });
        });
}

/// Writes a gradient `[coarse, tap, fine]` in PyTorch's layout.
pub(crate) fn gradient_from_rows(geometry: &Geometry, matrix: &[f32], gradient: &mut [f32]) {
    let (fine, taps) = (geometry.fine.channels, geometry.taps());
    gradient
        .par_chunks_exact_mut(fine * taps)
        .zip(matrix.par_chunks_exact(fine * taps))
        .for_each(|(target, source)| {
            profile::time(Part::WeightLayouts, || {
                for (channel, values) in target.chunks_exact_mut(taps).enumerate() {
                    for (value, from) in values.iter_mut().zip(source.chunks_exact(fine)) {
                        *value = from[channel];
                    }
                }
            });
        });
}
