//! The gradient of the weight: a sum over all positions.

use rayon::prelude::*;

use super::plane::Round;
use super::{Planes, Tap};
use crate::arithmetic::Bf16;
use crate::bf16::PairRow;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::kernel::{Multiply, Pair};
use crate::blocks::{BLOCK, Row, block_width, long_rows, with_rows};
use crate::geometry::{Geometry, Side};
use crate::profile::{self, Part};
use crate::simd;
use crate::{scratch, weight_layout};

/// Rows of both factors of a task, so that they stay in a core's own cache.
const ROWS: usize = 1 << 14;

/// `gradient[coarse channel, fine channel, tap]`, summed over the batch.
pub(crate) fn weight_gradient(
    geometry: &Geometry,
    bf16: Bf16,
    fine: &[f32],
    coarse: &[f32],
    gradient: &mut [f32],
) {
    let planes = Planes::new(geometry);
    let sums = Sums {
        planes,
        bf16,
        taps: planes.all_taps(),
    };
    let panel = planes.blocks(Side::Coarse) * BLOCK;
    let panels = planes.blocks(Side::Fine) * sums.taps.len();
    with_rows(panels * panel, |results: &mut [Row]| {
        let images = sums.images();
        let fine = fine.chunks(images * geometry.fine.image_len());
        let coarse = coarse.chunks(images * geometry.coarse.image_len());
        for (chunk, (fine, coarse)) in fine.zip(coarse).enumerate() {
            sums.add_images(fine, coarse, chunk > 0, results);
        }
        scratch::with(gradient.len(), |rows| {
            sums.to_rows(results, rows);
            weight_layout::gradient_from_rows(geometry, rows, gradient);
        });
    });
}

struct Sums<'a> {
    planes: Planes<'a>,
    bf16: Bf16,
    taps: Vec<Tap>,
}

impl Sums<'_> {
    /// Images that are summed over at a time.
    fn images(&self) -> usize {
        let blocks = self.planes.blocks(Side::Coarse) + self.planes.blocks(Side::Fine);
        let positions = ROWS / blocks;
        (positions / self.planes.positions()).clamp(1, self.planes.geometry.coarse.batch)
    }

    /// Sums over some images into panels `[block of fine channels, tap]`, which have a row for each
    /// coarse channel, or adds to them.
    fn add_images(&self, fine: &[f32], coarse: &[f32], add: bool, results: &mut [Row]) {
        let Self { planes, bf16, .. } = self;
        let images = coarse.len() / planes.geometry.coarse.image_len();
        let depth = (images * planes.positions()).next_multiple_of(BLOCK);
        let coarse_blocks = planes.blocks(Side::Coarse);
        let panel = coarse_blocks * BLOCK;
        let pitch = (depth + planes.max_shift() + 1).next_multiple_of(2);
        let rights = planes.blocks(Side::Fine) * planes.phases() * 2;
        with_rows(depth * coarse_blocks, |left: &mut [PairRow]| {
            self.round_coarse(coarse, left);
            let left = &*left;
            with_rows(rights * pitch, |right: &mut [PairRow]| {
                self.round_fine(fine, pitch, right);
                let right = &*right;
                let panels = results.par_chunks_exact_mut(panel).enumerate();
                panels.for_each(|(index, results)| {
                    let (block, tap) = (index / self.taps.len(), index % self.taps.len());
                    let tap = self.taps[tap];
                    let shift = planes.shift(tap.step);
                    let plane = self.right_plane(block, tap.phase, shift % 2);
                    let start = plane * pitch + shift / 2 * 2;
                    let pairs: Vec<_> = (0..depth / BLOCK)
                        .map(|tile| Pair {
                            left: tile * panel,
                            right: start + tile * BLOCK,
                            depth: BLOCK,
                        })
                        .collect();
                    bf16.multiply(Multiply {
                        results: [results],
                        left,
                        right,
                        pairs: &pairs,
                        step: 0,
                        width: block_width(planes.geometry.fine.channels, block),
                        add,
                    });
                });
            });
        });
    }

    /// The index of a plane of the right factor: a block of channels of a phase, in pairs of
    /// positions that begin with even ones, or with odd ones.
    fn right_plane(&self, block: usize, phase: usize, odd: usize) -> usize {
        (block * self.planes.phases() + phase) * 2 + odd
    }

    /// Rounds the fine pixels, in pairs of neighbours.
    fn round_fine(&self, fine: &[f32], pitch: usize, target: &mut [PairRow]) {
        let phases = self.planes.phases();
        let planes = target.par_chunks_exact_mut(pitch).enumerate();
        planes.for_each(|(plane, target)| {
            let round = Round {
                bf16: self.bf16,
                order: Order::Pairs,
                place: self.planes.fine(plane / 2 % phases),
                values: fine,
                block: plane / 2 / phases,
                first: plane % 2,
                target,
            };
            simd::run(Part::Columns, round);
        });
    }

    /// Rounds the coarse pixels to `[tile of positions, coarse channel, position]`. Where an image has
    /// more positions than pixels, zeros are multiplied.
    fn round_coarse(&self, coarse: &[f32], target: &mut [PairRow]) {
        let panel = self.planes.blocks(Side::Coarse) * BLOCK;
        let tiles = target.par_chunks_exact_mut(panel).enumerate();
        tiles.for_each(|(tile, target)| {
            for (block, target) in target.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let mut rows = [[0; 16]; BLOCK];
                let round = Round {
                    bf16: self.bf16,
                    order: Order::Pairs,
                    place: self.planes.coarse(0),
                    values: coarse,
                    block,
                    first: tile * BLOCK,
                    target: &mut rows,
                };
                simd::run(Part::Columns, round);
                profile::time(Part::Columns, || {
                    self.bf16.transpose(long_rows(&rows), target);
                });
            }
        });
    }

    /// The sums as `[coarse channel, tap, fine channel]`.
    fn to_rows(&self, results: &[Row], rows: &mut [f32]) {
        let panel = self.planes.blocks(Side::Coarse) * BLOCK;
        let taps = self.taps.len();
        let channels = self.planes.geometry.fine.channels;
        let of_channels = rows.par_chunks_exact_mut(taps * channels).enumerate();
        of_channels.for_each(|(channel, row)| {
            profile::time(Part::WeightLayouts, || {
                for (tap, row) in row.chunks_exact_mut(channels).enumerate() {
                    for (block, row) in row.chunks_mut(BLOCK).enumerate() {
                        let result = &results[(block * taps + tap) * panel + channel];
                        row.copy_from_slice(&result[..row.len()]);
                    }
                }
            });
        });
    }
}
