//! The order of work for few tiles and many weights, as in the widest layers of small batches.
//!
//! Transformed weights would be much larger than everything else, so they are never stored: one
//! block by block of channels is transformed in the core's own cache, multiplied there, and
//! dropped.

use rayon::prelude::*;

use super::panels::{PanelData, PanelDataMut, Panels};
use super::plan::Plan;
use super::weight;
use crate::blocks::factors::Factors;
use crate::blocks::kernel::{Multiply, Pair};
use crate::blocks::transposed::{MultiplyTransposed, RowRun};
use crate::blocks::{BLOCK, Row, with_rows};
use crate::geometry::Side;

impl<F: Factors> Plan<'_, F> {
    /// Multiplies with all of the weight. Every block of the result is a strip of its own.
    pub(super) fn multiply_small_batch(
        &self,
        along: Side,
        weight: &[f32],
        left: PanelData<F::Row>,
        result: PanelDataMut,
    ) {
        let tiling = self.tiling;
        let panels = result.panels;
        let pairs = |depth| -> Vec<_> {
            (0..panels.points)
                .map(|point| self.pairs_of_first_block(along, left.panels, point, depth))
                .collect()
        };
        let inner_blocks = self.blocks(along.other());
        let whole = pairs(BLOCK);
        let last = pairs(self.block_width(along.other(), inner_blocks - 1));
        result
            .rows
            .par_chunks_exact_mut(panels.block_len())
            .enumerate()
            .for_each(|(block, values)| {
                with_rows(tiling.slots.len() * BLOCK, |points: &mut [F::Row]| {
                    for inner in 0..inner_blocks {
                        let pairs = if inner + 1 < inner_blocks {
                            &whole
                        } else {
                            &last
                        };
                        self.block_to_points(weight, along, block, inner, points);
                        // The panels of neighbouring blocks are neighbours.
                        let left = &left.rows[inner * left.panels.rows()..];
                        for (panel, pairs) in values.chunks_exact_mut(panels.rows()).zip(pairs) {
                            let rows = panel.len() - 1;
                            let multiply = Multiply {
                                results: [&mut panel[..rows]],
                                left,
                                right: points,
                                pairs,
                                step: 0,
                                width: self.block_width(along, block),
                                add: inner > 0,
                            };
                            self.factors.multiply(multiply);
                        }
                    }
                });
            });
    }

    /// The factors of a result: where they start in the panels of the first inner block, and in
    /// the weights of a pair of blocks.
    fn pairs_of_first_block(
        &self,
        along: Side,
        left: &Panels,
        point: usize,
        depth: usize,
    ) -> Vec<Pair> {
        self.factor_slots(along, point)
            .map(|slot| Pair {
                left: left.start(0, self.left_point(along, slot), 0),
                right: slot * BLOCK,
                depth,
            })
            .collect()
    }

    /// The gradient of all of the weight, from coarse panels on the left and fine ones on the
    /// right.
    pub(super) fn weight_gradient_small_batch(
        &self,
        left: PanelData<F::Row>,
        right: PanelData<F::Row>,
        gradient: &mut [f32],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let channel_len = geometry.fine.channels * geometry.taps();
        gradient
            .par_chunks_mut(BLOCK * channel_len)
            .enumerate()
            .for_each(|(block, gradient)| {
                with_rows(tiling.slots.len() * BLOCK, |sums: &mut [Row]| {
                    for fine_block in 0..self.blocks(Side::Fine) {
                        let mut results = &mut *sums.as_chunks_mut::<BLOCK>().0;
                        for point in 0..tiling.point_count() {
                            let slots = tiling.slots_of(point);
                            let (of_point, rest) = results.split_at_mut(slots.len());
                            results = rest;
                            let run = RowRun {
                                rows: left.panels.tiles,
                                left: vec![left.panels.start(0, point, block)],
                                right: slots
                                    .map(|slot| right.panels.start(0, slot, fine_block))
                                    .collect(),
                            };
                            let multiply = MultiplyTransposed {
                                results: of_point,
                                left: left.rows,
                                right: right.rows,
                                runs: &[run],
                                channels: self.block_width(Side::Coarse, block),
                                width: self.block_width(Side::Fine, fine_block),
                                add: false,
                            };
                            self.factors.multiply_transposed(multiply);
                        }
                        weight::block_from_points::<F>(
                            geometry, tiling, sums, fine_block, gradient,
                        );
                    }
                });
            });
    }
}
