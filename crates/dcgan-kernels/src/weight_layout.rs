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
                        for (index, of_taps) in of_taps.chunks_mut(LINE).enumerate() {
                            let source = (task * LINE + row) * taps + index * LINE;
                            let mut square = [[0.0; LINE]; LINE];
                            for (values, channel) in square.iter_mut().zip(line.clone()) {
                                let start = channel * fine * taps + source;
                                copy(values, &weight[start..][..of_taps.len()]);
                            }
                            let square = transposed(&square);
                            for (rows, values) in of_taps.iter_mut().zip(&square) {
                                let target = &mut rows[row * coarse..][line.clone()];
                                copy(target, values);
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
                    transpose(source, taps, row);
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
                let firsts = |channel| (0..taps).step_by(LINE).map(move |first| (channel, first));
                for (channel, first) in (0..fine).flat_map(firsts) {
                    let count = LINE.min(taps - first);
                    let mut sums = [[0.0_f32; LINE]; LINE];
                    for part in parts.chunks_exact(geometry.weight_len()) {
                        for (tap, sums) in sums[..count].iter_mut().enumerate() {
                            let source = ((first + tap) * fine + channel) * coarse + task * LINE;
                            for (sum, value) in sums.iter_mut().zip(&part[source..][..line]) {
                                *sum += value;
                            }
                        }
                    }
                    let sums = transposed(&sums);
                    for (row, sums) in rows.chunks_exact_mut(of_channel).zip(&sums) {
                        copy(&mut row[channel * taps + first..][..count], sums);
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
                transpose(source, fine, target);
            });
        });
}

/// Exchanges rows of `columns` values with columns, square by square.
fn transpose(source: &[f32], columns: usize, target: &mut [f32]) {
    let rows = source.len() / columns;
    for first_row in (0..rows).step_by(LINE) {
        let height = LINE.min(rows - first_row);
        for first in (0..columns).step_by(LINE) {
            let width = LINE.min(columns - first);
            let mut square = [[0.0; LINE]; LINE];
            for (row, values) in square[..height].iter_mut().enumerate() {
                copy(
                    values,
                    &source[(first_row + row) * columns + first..][..width],
                );
            }
            for (column, values) in transposed(&square)[..width].iter().enumerate() {
                copy(
                    &mut target[(first + column) * rows + first_row..][..height],
                    values,
                );
            }
        }
    }
}

/// Copies as many values as both have: a whole line in two or four moves.
#[inline(always)]
fn copy(target: &mut [f32], source: &[f32]) {
    match (
        target.first_chunk_mut::<LINE>(),
        source.first_chunk::<LINE>(),
    ) {
        (Some(target), Some(source)) => *target = *source,
        _ => target
            .iter_mut()
            .zip(source)
            .for_each(|(target, source)| *target = *source),
    }
}

/// A square with rows and columns exchanged. Of fixed size, so that the compiler can do it in registers.
#[inline(always)]
fn transposed(square: &[[f32; LINE]; LINE]) -> [[f32; LINE]; LINE] {
    std::array::from_fn(|column| std::array::from_fn(|row| square[row][column]))
}
