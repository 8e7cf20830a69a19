//! The products of a chunk with a slab of the weight, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::panels::{PanelData, PanelDataMut, PanelPlace, Panels};
use super::plan::Plan;
use crate::blocks::factors::Factors;
use crate::blocks::kernel::{Multiply, Pair};
use crate::blocks::transposed::{MultiplyTransposed, RowRun};
use crate::blocks::{BLOCK, Row};
use crate::geometry::Side;

/// Tiles that are summed over together: their rows of both factors fit into the innermost
/// cache.
const RUN_TILES: usize = 64;

impl<F: Factors> Plan<'_, F> {
    /// Computes the panels of the result that belong to a slab of the weight.
    pub(super) fn multiply(
        &self,
        along: Side,
        slab: &Range<usize>,
        left: PanelData<F::Row>,
        weight: &[F::Row],
        result: &mut PanelDataMut,
    ) {
        let panels = result.panels;
        let first = slab.start * panels.block_len();
        let values = &mut result.rows[first..][..slab.len() * panels.block_len()];
        let step = self.blocks(along.other()) * self.tiling.slots.len() * BLOCK;
        panels
            .pairs(first, values)
            .into_par_iter()
            .for_each(|(panel, values)| {
                let mut place = panels.place(panel);
                let width = self.block_width(along, place.block);
                let next_width = (values.len() > panels.rows())
                    .then(|| self.block_width(along, place.block + 1));
                place.block -= slab.start;
                let panel_factors = PanelFactors {
                    factors: self.factors,
                    left: left.rows,
                    right: weight,
                    pairs: &self.pairs(along, left.panels, place),
                    step,
                };
                let (one, two) = values.split_at_mut(panels.rows());
                let rows = panels.rows() - 1;
                let one = &mut one[..rows];
                match next_width {
                    None => panel_factors.multiply([one], width),
                    Some(BLOCK) => panel_factors.multiply([one, &mut two[..rows]], BLOCK),
                    Some(next_width) => {
                        panel_factors.multiply([one], width);
                        panel_factors
                            .next()
                            .multiply([&mut two[..rows]], next_width);
                    }
                }
            });
    }

    /// Where the factors of a panel of the result start: a sum over blocks of channels and,
    /// from fine to coarse, over the phases that share the point. The block is counted from the
    /// start of the slab.
    fn pairs(&self, along: Side, left: &Panels, place: PanelPlace) -> Vec<Pair> {
        let inner_blocks = self.blocks(along.other());
        let slots = self.factor_slots(along, place.point);
        let mut pairs = Vec::with_capacity(slots.len() * inner_blocks);
        for slot in slots {
            let left_point = self.left_point(along, slot);
            for inner in 0..inner_blocks {
                let block = place.block * inner_blocks + inner;
                pairs.push(Pair {
                    left: left.start(place.group, left_point, inner),
                    right: (block * self.tiling.slots.len() + slot) * BLOCK,
                    depth: self.block_width(along.other(), inner),
                });
            }
        }
        pairs
    }

    /// The slots whose products add up to a point of the result (from coarse to fine, a slot).
    pub(super) fn factor_slots(&self, along: Side, point: usize) -> Range<usize> {
        match along {
            Side::Coarse => self.tiling.slots_of(point),
            Side::Fine => point..point + 1,
        }
    }

    /// The point of the left factor that is multiplied at a slot.
    pub(super) fn left_point(&self, along: Side, slot: usize) -> usize {
        match along {
            Side::Coarse => slot,
            Side::Fine => self.tiling.slots[slot].point,
        }
    }

    /// Sums coarse times fine values over the tiles of the chunk into `points`:
    /// `[fine block, slot, coarse block, coarse channel]`.
    pub(super) fn sum_over_tiles(
        &self,
        slab: &Range<usize>,
        left: PanelData<F::Row>,
        right: PanelData<F::Row>,
        add: bool,
        points: &mut [Row],
    ) {
        let coarse_blocks = self.blocks(Side::Coarse);
        let (mut sums, _) = points.as_chunks_mut::<BLOCK>();
        let mut tasks = Vec::new();
        for fine_block in slab.clone() {
            for point in 0..self.tiling.point_count() {
                let count = self.tiling.slots_of(point).len() * coarse_blocks;
                let (of_point, rest) = sums.split_at_mut(count);
                tasks.push((fine_block, point, of_point));
                sums = rest;
            }
        }
        tasks
            .into_par_iter()
            .for_each(|(fine_block, point, results)| {
                let multiply = MultiplyTransposed {
                    results,
                    left: left.rows,
                    right: right.rows,
                    runs: &self.tile_runs(left.panels, right.panels, fine_block, point),
                    channels: self.geometry.coarse.channels,
                    width: self.block_width(Side::Fine, fine_block),
                    add,
                };
                self.factors.multiply_transposed(multiply);
            });
    }

    /// The runs of tiles that are summed over together, for all coarse blocks and all slots of a
    /// point.
    fn tile_runs(
        &self,
        left: &Panels,
        right: &Panels,
        fine_block: usize,
        point: usize,
    ) -> Vec<RowRun> {
        let mut runs = Vec::new();
        for group in 0..left.groups() {
            let rows = left.group(group).len();
            for first in (0..rows).step_by(RUN_TILES) {
                let coarse = 0..self.blocks(Side::Coarse);
                let slots = self.tiling.slots_of(point);
                runs.push(RowRun {
                    rows: RUN_TILES.min(rows - first),
                    left: coarse
                        .map(|block| left.start(group, point, block) + first)
                        .collect(),
                    right: slots
                        .map(|slot| right.start(group, slot, fine_block) + first)
                        .collect(),
                });
            }
        }
        runs
    }
}

/// The factors of neighbouring panels of the result.
struct PanelFactors<'a, F: Factors> {
    factors: F,
    left: &'a [F::Row],
    right: &'a [F::Row],
    pairs: &'a [Pair],
    /// Rows from the weights of one panel to those of the next.
    step: usize,
}

impl<F: Factors> PanelFactors<'_, F> {
    /// The factors of the second of two panels.
    fn next(&self) -> Self {
        Self {
            right: &self.right[self.step..],
            ..*self
        }
    }

    /// Computes `W` panels, of `width` channels.
    fn multiply<const W: usize>(&self, results: [&mut [Row]; W], width: usize) {
        let multiply = Multiply {
            results,
            left: self.left,
            right: self.right,
            pairs: self.pairs,
            step: self.step,
            width,
            add: false,
        };
        self.factors.multiply(multiply);
    }
}
