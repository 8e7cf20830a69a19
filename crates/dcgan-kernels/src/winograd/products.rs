//! The products of a chunk with a slab of the weight, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::panels::Panels;
use super::plan::Plan;
use super::weight::Along;
use crate::blocks::kernel::{Multiply, MultiplyTransposed, Near};
use crate::blocks::{BLOCK, Row};
use crate::profile::Part;
use crate::simd;

/// Tiles that are summed over together: their rows of both factors fit into the innermost
/// cache.
const NEAR: usize = 64;

impl Plan<'_> {
    /// Computes those panels of the result that belong to a slab of the weight.
    pub(super) fn multiply(
        &self,
        along: Along,
        slab: &Range<usize>,
        (left, left_values): (&Panels, &[Row]),
        weight: &[Row],
        (result, values): (&Panels, &mut [Row]),
    ) {
        let first = slab.start * result.block_len();
        let values = &mut values[first..][..slab.len() * result.block_len()];
        let step = self.inner_blocks(along) * self.tiling.slots.len() * BLOCK;
        result
            .twos(first, values)
            .into_par_iter()
            .for_each(|(panel, values)| {
                let (group, point, block) = result.at(panel);
                let pairs = &self.pairs(along, left, (group, point, block - slab.start));
                let (one, two) = values.split_at_mut(result.rows());
                let rows = result.rows() - 1;
                let one = &mut one[..rows];
                match two.is_empty() {
                    true => run([one], left_values, (weight, step), pairs),
                    false => run([one, &mut two[..rows]], left_values, (weight, step), pairs),
                }
            });
    }

    /// Where the factors of a panel of the result start: a sum over blocks of channels and,
    /// from fine to coarse, over the phases that share the point.
    fn pairs(
        &self,
        along: Along,
        left: &Panels,
        (group, point, block): (usize, usize, usize),
    ) -> Vec<(usize, usize)> {
        let inner_blocks = self.inner_blocks(along);
        let slots = match along {
            Along::Coarse => self.tiling.slots_of(point),
            Along::Fine => point..point + 1,
        };
        let mut pairs = Vec::with_capacity(slots.len() * inner_blocks);
        for slot in slots {
            let left_point = match along {
                Along::Coarse => slot,
                Along::Fine => self.tiling.slots[slot].0,
            };
            for inner in 0..inner_blocks {
                let right = (block * inner_blocks + inner) * self.tiling.slots.len() + slot;
                pairs.push((left.start(group, left_point, inner), right * BLOCK));
            }
        }
        pairs
    }

    /// Sums coarse times fine values over the tiles of the chunk:
    /// `[fine block, slot, coarse block, coarse channel]`, adding them to `points` or not.
    pub(super) fn sum_over_tiles(
        &self,
        slab: &Range<usize>,
        (left, left_values): (&Panels, &[Row]),
        (right, right_values): (&Panels, &[Row]),
        add: bool,
        points: &mut [Row],
    ) {
        let coarse_blocks = self.coarse_blocks();
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
                let nears = self.nears(left, right, fine_block, point);
                let multiply = MultiplyTransposed {
                    results,
                    left: left_values,
                    right: right_values,
                    nears: &nears,
                    add,
                };
                simd::run(Part::Products, multiply);
            });
    }

    /// The tiles that are summed over together, one run after the other, for all coarse blocks
    /// and all slots of a point.
    fn nears(&self, left: &Panels, right: &Panels, fine_block: usize, point: usize) -> Vec<Near> {
        let mut nears = Vec::new();
        for group in 0..left.groups() {
            let rows = left.group(group).len();
            for first in (0..rows).step_by(NEAR) {
                let coarse = 0..self.coarse_blocks();
                let slots = self.tiling.slots_of(point);
                nears.push(Near {
                    rows: NEAR.min(rows - first),
                    left: coarse
                        .map(|block| left.start(group, point, block) + first)
                        .collect(),
                    right: slots
                        .map(|slot| right.start(group, slot, fine_block) + first)
                        .collect(),
                });
            }
        }
        nears
    }
}

/// Computes `W` panels of the result, for which the weights lie `step` rows apart.
fn run<const W: usize>(
    results: [&mut [Row]; W],
    left: &[Row],
    (right, step): (&[Row], usize),
    pairs: &[(usize, usize)],
) {
    let multiply = Multiply {
        results,
        left,
        right,
        pairs,
        step,
        add: false,
    };
    simd::run(Part::Products, multiply);
}
