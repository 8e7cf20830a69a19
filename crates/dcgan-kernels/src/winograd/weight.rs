//! `G w Gᵀ` from taps to points, and its adjoint `Gᵀ u G` for the gradient.
//!
//! Weights are small compared with the values of wide layers in large batches, and large in
//! small batches.

use std::marker::PhantomData;
use std::ops::Range;

use rayon::prelude::*;

use super::plan::Plan;
use super::points::MAX_POINTS;
use super::stage::RUN;
use super::tiling::{Phase, Tiling};
use crate::blocks::factors::{Factors, Order};
use crate::blocks::prefetch::{prefetch_from, prefetch_rows};
use crate::blocks::{BLOCK, Row};
use crate::geometry::{Geometry, Side};
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

impl<F: Factors> Plan<'_, F> {
    /// Transforms the weight for a run of blocks along the rows: `[block, block of rows, slot,
    /// row]`, with zeros past the last channels. The channels of the side `along` run along a
    /// row; those of the other side count the rows.
    pub(super) fn weight_to_points(
        &self,
        weight: &[f32],
        along: Side,
        blocks: &Range<usize>,
        points: &mut [F::Row],
    ) {
        let row_blocks = self.blocks(along.other());
        points
            .par_chunks_exact_mut(self.tiling.slots.len() * BLOCK)
            .enumerate()
            .for_each(|(index, points)| {
                let block = blocks.start + index / row_blocks;
                self.block_to_points(weight, along, block, index % row_blocks, points);
            });
    }

    /// Transforms the weight for one block along the rows and one block of rows: `[slot, row]`,
    /// on the calling thread.
    pub(super) fn block_to_points(
        &self,
        weight: &[f32],
        along: Side,
        block: usize,
        row_block: usize,
        points: &mut [F::Row],
    ) {
        let transform = ToPoints {
            factors: self.factors,
            geometry: self.geometry,
            phases: &self.tiling.phases,
            weight,
            along,
            block,
            rows: row_block * BLOCK,
            points,
        };
        simd::run(Part::WeightTransforms, transform);
    }
}

struct ToPoints<'a, F: Factors> {
    factors: F,
    geometry: &'a Geometry,
    phases: &'a [Phase],
    weight: &'a [f32],
    along: Side,
    block: usize,
    /// The first of the channels that count the rows.
    rows: usize,
    points: &'a mut [F::Row],
}

impl<F: Factors> Loop for ToPoints<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.geometry.taps();
        let rows = self.geometry.grid(self.along.other()).channels;
        let mut taps = vec![[0.0; BLOCK]; RUN * count];
        let mut values = vec![[[0.0; BLOCK]; RUN]; MAX_POINTS * MAX_POINTS];
        for first in (0..BLOCK).step_by(RUN) {
            let channels = rows.saturating_sub(self.rows + first).min(RUN);
            self.read(self.rows + first, channels, &mut taps);
            taps[channels * count..].fill([0.0; BLOCK]);
            for phase in self.phases {
                for slot in &phase.slots {
                    let rows = &self.points[slot * BLOCK + first..][..RUN];
                    prefetch_rows(rows);
                }
                for (row, taps) in taps.chunks_exact(count).enumerate() {
                    phase.taps_to_points::<S, F>(simd, self.geometry, taps, row, &mut values);
                }
                for (values, slot) in values.iter().zip(&phase.slots) {
                    let target = &mut self.points[slot * BLOCK + first..][..RUN];
                    self.factors.store(Order::Pairs, values, target);
                }
            }
        }
    }
}

impl<F: Factors> ToPoints<'_, F> {
    /// Reads the taps of a few of the channels that count the rows, one row for each tap.
    #[inline(always)]
    fn read(&self, first: usize, channels: usize, taps: &mut [Row]) {
        let count = self.geometry.taps();
        let fine = self.geometry.fine.channels;
        let lanes = self.geometry.grid(self.along).channels;
        // From these taps to those of the next run of rows.
        let ahead = match self.along {
            Side::Fine => RUN * fine,
            Side::Coarse => RUN,
        };
        let first_lane = self.block * BLOCK;
        for lane in 0..BLOCK.min(lanes - first_lane) {
            for (row, taps) in taps.chunks_exact_mut(count).take(channels).enumerate() {
                let start = match self.along {
                    Side::Fine => (first + row) * fine + first_lane + lane,
                    Side::Coarse => (first_lane + lane) * fine + first + row,
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

/// Transforms `[fine block, slot, coarse block, coarse channel]` for a run of fine blocks back
/// into the gradient of the weight, or adds it to the gradient.
pub(super) fn from_points<F: Factors>(
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
                FromPoints::<F> {
                    factors: PhantomData,
                    geometry,
                    phases: &tiling.phases,
                    points,
                    blocks,
                    first: run * RUN,
                    coarse: geometry.coarse.channels.next_multiple_of(BLOCK),
                    add,
                    gradient,
                },
            );
        });
}

/// Transforms `[slot, coarse channel]` for a block of either side back into the gradient of the
/// weight, on the calling thread. `gradient` holds the coarse channels of the block.
pub(super) fn block_from_points<F: Factors>(
    geometry: &Geometry,
    tiling: &Tiling,
    points: &[Row],
    fine_block: usize,
    gradient: &mut [f32],
) {
    let channel_len = geometry.fine.channels * geometry.taps();
    for (run, gradient) in gradient.chunks_mut(RUN * channel_len).enumerate() {
        let transform = FromPoints::<F> {
            factors: PhantomData,
            geometry,
            phases: &tiling.phases,
            points,
            blocks: &(fine_block..fine_block + 1),
            first: run * RUN,
            coarse: BLOCK,
            add: false,
            gradient,
        };
        simd::run(Part::WeightTransforms, transform);
    }
}

/// A run of coarse channels. They are read together because their values at a point are
/// neighbours.
struct FromPoints<'a, F: Factors> {
    factors: PhantomData<F>,
    geometry: &'a Geometry,
    phases: &'a [Phase],
    points: &'a [Row],
    blocks: &'a Range<usize>,
    /// The first of the coarse channels.
    first: usize,
    /// Coarse channels at a slot.
    coarse: usize,
    add: bool,
    gradient: &'a mut [f32],
}

impl<F: Factors> Loop for FromPoints<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let channel_len = self.geometry.fine.channels * self.geometry.taps();
        let channels = self.gradient.len() / channel_len;
        let block_len = self.points.len() / self.blocks.len();
        let mut taps = vec![[0.0; BLOCK]; RUN * self.geometry.taps()];
        let mut values = vec![[[0.0; BLOCK]; RUN]; MAX_POINTS * MAX_POINTS];
        for (points, block) in self.points.chunks_exact(block_len).zip(self.blocks.clone()) {
            for phase in self.phases {
                for (rows, slot) in values.iter_mut().zip(&phase.slots) {
                    let source = &points[slot * self.coarse + self.first..][..channels];
                    rows[..channels].copy_from_slice(source);
                }
                let taps = taps.chunks_exact_mut(self.geometry.taps());
                for (channel, taps) in taps.take(channels).enumerate() {
                    phase.points_to_taps::<S, F>(simd, self.geometry, &values, channel, taps);
                }
            }
            self.write(block, &taps);
        }
    }
}

impl<F: Factors> FromPoints<'_, F> {
    /// Writes the taps of a block of fine channels in PyTorch's layout.
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
