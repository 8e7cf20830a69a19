//! `G w Gᵀ` from taps to points, and its adjoint `Gᵀ u G` for the gradient.
//!
//! Weights are small beside the values of wide layers with large batches, and the other way
//! round with small ones.

use std::ops::Range;

use rayon::prelude::*;

use super::panels::{BLOCK, Row};
use super::points::MOST_POINTS;
use super::prefetch::{prefetch, prefetch_from};
use super::stage::RUN;
use super::tiling::{Phase, Tiling};
use super::transform::{Matrix, TapEvaluation, Transposed, apply};
use crate::geometry::Geometry;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Which channels run along a row of the transformed weight; the other ones count its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    Fine,
    Coarse,
}

/// Rows of a phase's taps transformed along y but not yet along x.
type Lines = [Row; MOST_POINTS * MOST_POINTS];

/// One dimension of a phase: applies `G`, or its transpose, to rows that lie apart by a step.
#[inline(always)]
fn along<S: Simd>(
    simd: S,
    (points, taps): (usize, usize),
    back: bool,
    source: Strided<&[Row]>,
    target: Strided<&mut [Row]>,
) {
    match (points, taps, back) {
        (5, 2, false) => transform::<S, TapEvaluation, 5, 2>(simd, source, target),
        (5, 2, true) => transform::<S, Transposed<TapEvaluation>, 2, 5>(simd, source, target),
        (5, _, false) => transform::<S, TapEvaluation, 5, 3>(simd, source, target),
        (5, _, true) => transform::<S, Transposed<TapEvaluation>, 3, 5>(simd, source, target),
        (_, 2, false) => transform::<S, TapEvaluation, 6, 2>(simd, source, target),
        (_, 2, true) => transform::<S, Transposed<TapEvaluation>, 2, 6>(simd, source, target),
        (_, 3, false) => transform::<S, TapEvaluation, 6, 3>(simd, source, target),
        (_, 3, true) => transform::<S, Transposed<TapEvaluation>, 3, 6>(simd, source, target),
        (_, _, false) => transform::<S, TapEvaluation, 6, 4>(simd, source, target),
        (_, _, true) => transform::<S, Transposed<TapEvaluation>, 4, 6>(simd, source, target),
    }
}

/// Rows that lie `step` apart.
struct Strided<T> {
    rows: T,
    step: usize,
}

#[inline(always)]
fn transform<S: Simd, T: Matrix<OUT, IN>, const OUT: usize, const IN: usize>(
    simd: S,
    source: Strided<&[Row]>,
    target: Strided<&mut [Row]>,
) {
    for lane in (0..BLOCK).step_by(S::F32_LANES) {
        let mut values = [simd.splat_f32s(0.0); IN];
        for (i, value) in values.iter_mut().enumerate() {
            let row = &source.rows[i * source.step][lane..];
            *value = S::as_simd_f32s(row).0[0];
        }
        let values = apply::<S, T, OUT, IN>(simd, values);
        for (i, value) in values.iter().enumerate() {
            let row = &mut target.rows[i * target.step][lane..];
            S::as_mut_simd_f32s(row).0[0] = *value;
        }
    }
}

impl Phase {
    /// The first tap of the phase, and the steps to the next one in either dimension.
    fn tap_steps(&self, geometry: &Geometry) -> (usize, usize, usize) {
        let (kernel, stride) = (geometry.window.kernel, geometry.window.stride);
        let first = self.first[0] * kernel + self.first[1];
        (first, stride * kernel, stride)
    }

    /// `G w Gᵀ`, each number being a row of channels, from all taps to the phase's points.
    #[inline(always)]
    fn taps_to_points<S: Simd>(
        &self,
        simd: S,
        geometry: &Geometry,
        taps: &[Row],
        to: Strided<&mut [Row]>,
    ) {
        let ([points_y, points_x], [taps_y, taps_x]) = (self.points, self.taps);
        let (first, step_y, step_x) = self.tap_steps(geometry);
        let mut lines: Lines = [[0.0; BLOCK]; MOST_POINTS * MOST_POINTS];
        for x in 0..taps_x {
            let source = Strided {
                rows: &taps[first + x * step_x..],
                step: step_y,
            };
            let target = Strided {
                rows: &mut lines[x..],
                step: taps_x,
            };
            along(simd, (points_y, taps_y), false, source, target);
        }
        for y in 0..points_y {
            let source = Strided {
                rows: &lines[y * taps_x..],
                step: 1,
            };
            let target = Strided {
                rows: &mut to.rows[y * points_x * to.step..],
                step: to.step,
            };
            along(simd, (points_x, taps_x), false, source, target);
        }
    }

    /// `Gᵀ u G`, the adjoint.
    #[inline(always)]
    fn points_to_taps<S: Simd>(
        &self,
        simd: S,
        geometry: &Geometry,
        from: Strided<&[Row]>,
        taps: &mut [Row],
    ) {
        let ([points_y, points_x], [taps_y, taps_x]) = (self.points, self.taps);
        let (first, step_y, step_x) = self.tap_steps(geometry);
        let mut lines: Lines = [[0.0; BLOCK]; MOST_POINTS * MOST_POINTS];
        for y in 0..points_y {
            let source = Strided {
                rows: &from.rows[y * points_x * from.step..],
                step: from.step,
            };
            let target = Strided {
                rows: &mut lines[y * taps_x..],
                step: 1,
            };
            along(simd, (points_x, taps_x), true, source, target);
        }
        for x in 0..taps_x {
            let source = Strided {
                rows: &lines[x..],
                step: taps_x,
            };
            let target = Strided {
                rows: &mut taps[first + x * step_x..],
                step: step_y,
            };
            along(simd, (points_y, taps_y), true, source, target);
        }
    }
}

/// Transforms the weight for a run of blocks along the rows: `[block, block of rows, slot,
/// row]`, with zeros past the last channels.
pub(super) fn to_points(
    geometry: &Geometry,
    tiling: &Tiling,
    weight: &[f32],
    along: Along,
    blocks: &Range<usize>,
    points: &mut [Row],
) {
    let rows = match along {
        Along::Fine => geometry.coarse.channels,
        Along::Coarse => geometry.fine.channels,
    };
    let row_blocks = rows.div_ceil(BLOCK);
    points
        .par_chunks_exact_mut(tiling.slots.len() * BLOCK)
        .enumerate()
        .for_each(|(index, points)| {
            let block = blocks.start + index / row_blocks;
            let rows = index % row_blocks * BLOCK;
            simd::run(
                Part::WeightTransforms,
                ToPoints {
                    geometry,
                    phases: &tiling.phases,
                    weight,
                    along,
                    block,
                    rows,
                    points,
                },
            );
        });
}

struct ToPoints<'a> {
    geometry: &'a Geometry,
    phases: &'a [Phase],
    weight: &'a [f32],
    along: Along,
    block: usize,
    /// The first of the channels that count the rows.
    rows: usize,
    points: &'a mut [Row],
}

impl Loop for ToPoints<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.geometry.taps();
        let rows = match self.along {
            Along::Fine => self.geometry.coarse.channels,
            Along::Coarse => self.geometry.fine.channels,
        };
        let mut taps = vec![[0.0; BLOCK]; RUN * count];
        let mut values = vec![[[0.0; BLOCK]; RUN]; MOST_POINTS * MOST_POINTS];
        for first in (0..BLOCK).step_by(RUN) {
            let channels = rows.saturating_sub(self.rows + first).min(RUN);
            self.read(self.rows + first, channels, &mut taps);
            taps[channels * count..].fill([0.0; BLOCK]);
            for phase in self.phases {
                for slot in &phase.slots {
                    let rows = &self.points[slot * BLOCK + first..][..RUN];
                    rows.iter().for_each(prefetch);
                }
                for (row, taps) in taps.chunks_exact(count).enumerate() {
                    let values = Strided {
                        rows: &mut values.as_flattened_mut()[row..],
                        step: RUN,
                    };
                    phase.taps_to_points(simd, self.geometry, taps, values);
                }
                for (values, slot) in values.iter().zip(&phase.slots) {
                    self.points[slot * BLOCK + first..][..RUN].copy_from_slice(values);
                }
            }
        }
    }
}

impl ToPoints<'_> {
    /// Reads the taps of a few of the channels that count the rows, one row for each tap.
    #[inline(always)]
    fn read(&self, first: usize, channels: usize, taps: &mut [Row]) {
        let count = self.geometry.taps();
        let (coarse, fine) = (self.geometry.coarse.channels, self.geometry.fine.channels);
        let lanes = match self.along {
            Along::Fine => fine,
            Along::Coarse => coarse,
        };
        // From these taps to those of the next run of rows.
        let ahead = match self.along {
            Along::Fine => RUN * fine,
            Along::Coarse => RUN,
        };
        let first_lane = self.block * BLOCK;
        for lane in 0..BLOCK.min(lanes - first_lane) {
            for (row, taps) in taps.chunks_exact_mut(count).take(channels).enumerate() {
                let start = match self.along {
                    Along::Fine => (first + row) * fine + first_lane + lane,
                    Along::Coarse => (first_lane + lane) * fine + first + row,
                };
                prefetch_from(self.weight, (start + ahead) * count);
                let source = &self.weight[start * count..][..count];
                for (tap, &value) in taps.iter_mut().zip(source) {
                    tap[lane] = value;
                }
            }
        }
    }
}

/// Turns `[fine block, slot, coarse block, coarse channel]` for a run of fine blocks back into
/// the gradient of the weight, adding to it or not.
pub(super) fn from_points(
    geometry: &Geometry,
    tiling: &Tiling,
    points: &[Row],
    blocks: &Range<usize>,
    add: bool,
    gradient: &mut [f32],
) {
    gradient
        .par_chunks_mut(RUN * geometry.fine.channels * geometry.taps())
        .enumerate()
        .for_each(|(run, gradient)| {
            simd::run(
                Part::WeightTransforms,
                FromPoints {
                    geometry,
                    phases: &tiling.phases,
                    points,
                    blocks,
                    first: run * RUN,
                    add,
                    gradient,
                },
            );
        });
}

/// A run of coarse channels, read together since their values at a point are neighbours.
struct FromPoints<'a> {
    geometry: &'a Geometry,
    phases: &'a [Phase],
    points: &'a [Row],
    blocks: &'a Range<usize>,
    /// The first of the coarse channels.
    first: usize,
    add: bool,
    gradient: &'a mut [f32],
}

impl Loop for FromPoints<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channel_len = self.geometry.fine.channels * self.geometry.taps();
        let channels = self.gradient.len() / channel_len;
        let coarse = self.geometry.coarse.channels.next_multiple_of(BLOCK);
        let block_len = self.points.len() / self.blocks.len();
        let mut taps = vec![[0.0; BLOCK]; RUN * self.geometry.taps()];
        let mut values = vec![[[0.0; BLOCK]; RUN]; MOST_POINTS * MOST_POINTS];
        for (points, block) in self.points.chunks_exact(block_len).zip(self.blocks.clone()) {
            for phase in self.phases {
                for (rows, slot) in values.iter_mut().zip(&phase.slots) {
                    let source = &points[slot * coarse + self.first..][..channels];
                    rows[..channels].copy_from_slice(source);
                }
                let taps = taps.chunks_exact_mut(self.geometry.taps());
                for (channel, taps) in taps.take(channels).enumerate() {
                    let values = Strided {
                        rows: &values.as_flattened()[channel..],
                        step: RUN,
                    };
                    phase.points_to_taps(simd, self.geometry, values, taps);
                }
            }
            self.write(block, &taps);
        }
    }
}

impl FromPoints<'_> {
    /// Turns the taps of a block of fine channels into PyTorch's layout.
    #[inline(always)]
    fn write(&mut self, block: usize, taps: &[Row]) {
        let count = self.geometry.taps();
        let channel_len = self.geometry.fine.channels * count;
        let first = block * BLOCK;
        let width = BLOCK.min(self.geometry.fine.channels - first);
        let channels = self.gradient.chunks_exact_mut(channel_len);
        for (gradient, taps) in channels.zip(taps.chunks_exact(count)) {
            let target = &mut gradient[first * count..][..width * count];
            for (lane, target) in target.chunks_exact_mut(count).enumerate() {
                for (value, tap) in target.iter_mut().zip(taps) {
                    let old = if self.add { *value } else { 0.0 };
                    *value = old + tap[lane];
                }
            }
        }
    }
}
