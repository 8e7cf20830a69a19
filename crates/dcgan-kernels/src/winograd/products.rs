//! The products of a chunk with a slab of the weight, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::kernel::{Multiply, MultiplyTransposed};
use super::panels::{BLOCK, Panels, Row};
use super::plan::Plan;
use super::weight::Along;
use crate::profile::Part;
use crate::simd;

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
        values
            .par_chunks_exact_mut(result.rows())
            .enumerate()
            .for_each(|(index, panel)| {
                let (group, point, block) = result.at(first / result.rows() + index);
                let pairs = self.pairs(along, left, (group, point, block - slab.start));
                let last = panel.len() - 1;
                simd::run(
                    Part::Products,
                    Multiply {
                        result: &mut panel[..last],
                        left: left_values,
                        right: weight,
                        pairs: &pairs,
                    },
                );
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
    /// `[fine block, slot, coarse block, coarse channel]`.
    pub(super) fn sum_over_tiles(
        &self,
        slab: &Range<usize>,
        (left, left_values): (&Panels, &[Row]),
        (right, right_values): (&Panels, &[Row]),
        points: &mut [Row],
    ) {
        let (coarse_blocks, slots) = (self.coarse_blocks(), self.tiling.slots.len());
        let (sums, _) = points.as_chunks_mut::<BLOCK>();
        sums.par_iter_mut().enumerate().for_each(|(index, result)| {
            let coarse_block = index % coarse_blocks;
            let slot = index / coarse_blocks % slots;
            let fine_block = slab.start + index / coarse_blocks / slots;
            let point = self.tiling.slots[slot].0;
            let pairs: Vec<_> = (0..left.groups())
                .map(|group| {
                    (
                        left.start(group, point, coarse_block),
                        right.start(group, slot, fine_block),
                        left.group(group).len(),
                    )
                })
                .collect();
            simd::run(
                Part::Products,
                MultiplyTransposed {
                    result,
                    left: left_values,
                    right: right_values,
                    pairs: &pairs,
                },
            );
        });
    }
}
