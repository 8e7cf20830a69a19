//! The order of work for few tiles and many weights, as in the widest layers of small batches.
//!
//! Transformed weights are then much more than anything else, so they are never gathered: a
//! block by a block of channels is transformed in the core's own cache, multiplied there, and
//! forgotten.

use rayon::prelude::*;

use super::panels::Panels;
use super::plan::Plan;
use super::weight::{self, Along};
use crate::blocks::kernel::{Multiply, MultiplyTransposed, Near};
use crate::blocks::with_rows;
use crate::blocks::{BLOCK, Row};
use crate::profile::Part;
use crate::simd;

/// The most tiles for which a block of the result, at all points, fits into a core's own cache
/// beside the weights of a pair of blocks.
pub(super) const FEW: usize = 24;

impl Plan<'_> {
    /// Multiplies all of the weight: the result's panels, each a strip, from the left panels.
    pub(super) fn multiply_few(
        &self,
        along: Along,
        weight: &[f32],
        (left, left_values): (&Panels, &[Row]),
        (result, values): (&Panels, &mut [Row]),
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let pairs: Vec<_> = (0..result.points)
            .map(|point| self.pairs_of_first(along, left, point))
            .collect();
        values
            .par_chunks_exact_mut(result.block_len())
            .enumerate()
            .for_each(|(block, values)| {
                with_rows(tiling.slots.len() * BLOCK, |points| {
                    for inner in 0..self.inner_blocks(along) {
                        weight::block_to_points(
                            geometry,
                            tiling,
                            weight,
                            along,
                            [block, inner],
                            points,
                        );
                        // The panels of neighbouring blocks are neighbours.
                        let left = &left_values[inner * left.rows()..];
                        for (panel, pairs) in values.chunks_exact_mut(result.rows()).zip(&pairs) {
                            let rows = panel.len() - 1;
                            let multiply = Multiply {
                                results: [&mut panel[..rows]],
                                left,
                                right: points,
                                pairs,
                                step: 0,
                                add: inner > 0,
                            };
                            simd::run(Part::Products, multiply);
                        }
                    }
                });
            });
    }

    /// Where the factors of a result start in the panels of the first inner block, and in the
    /// weights of a pair of blocks.
    fn pairs_of_first(&self, along: Along, left: &Panels, point: usize) -> Vec<(usize, usize)> {
        let slots = match along {
            Along::Coarse => self.tiling.slots_of(point),
            Along::Fine => point..point + 1,
        };
        slots
            .map(|slot| {
                let left_point = match along {
                    Along::Coarse => slot,
                    Along::Fine => self.tiling.slots[slot].0,
                };
                (left.start(0, left_point, 0), slot * BLOCK)
            })
            .collect()
    }

    /// The gradient of all of the weight, from coarse panels on the left and fine ones on the
    /// right.
    pub(super) fn weight_gradient_few(
        &self,
        (left, left_values): (&Panels, &[Row]),
        (right, right_values): (&Panels, &[Row]),
        gradient: &mut [f32],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let channel_len = geometry.fine.channels * geometry.taps();
        gradient
            .par_chunks_mut(BLOCK * channel_len)
            .enumerate()
            .for_each(|(block, gradient)| {
                with_rows(tiling.slots.len() * BLOCK, |sums| {
                    for fine_block in 0..self.fine_blocks() {
                        let mut results = &mut *sums.as_chunks_mut::<BLOCK>().0;
                        for point in 0..tiling.point_count() {
                            let slots = tiling.slots_of(point);
                            let (of_point, rest) = results.split_at_mut(slots.len());
                            results = rest;
                            let near = Near {
                                rows: left.tiles,
                                left: vec![left.start(0, point, block)],
                                right: slots.map(|slot| right.start(0, slot, fine_block)).collect(),
                            };
                            let multiply = MultiplyTransposed {
                                results: of_point,
                                left: left_values,
                                right: right_values,
                                nears: &[near],
                                add: false,
                            };
                            simd::run(Part::Products, multiply);
                        }
                        weight::block_from_points(geometry, tiling, sums, fine_block, gradient);
                    }
                });
            });
    }
}
