//! The order of work of the three kernels.

use std::ops::Range;

use super::panels::{GROUP, PanelData, PanelDataMut, Panels};
use super::tiling::Tiling;
use super::weight;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::{BLOCK, Row, block_width, with_rows};
use crate::geometry::{Geometry, Side};

/// How much is worked on at a time, in rows of a block of channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Rows of a slab of transformed weights.
    pub slab: usize,
    /// Rows of the transformed values of a chunk of the batch.
    pub chunk: usize,
}

/// 16 MiB each, to share a cache of common size.
const LIMITS: Limits = Limits {
    slab: 1 << 17,
    chunk: 1 << 17,
};

/// Coarse blocks of a strip: they are computed while the same fine values are in the cache.
const COARSE_STRIP: usize = 4;

/// Fine blocks of a strip: they are computed together.
const FINE_STRIP: usize = 2;

/// The most tiles for which a block of the result, at all points, fits into a core's own cache
/// along with the weights of a pair of blocks.
const MAX_SMALL_BATCH_TILES: usize = 24;

/// A layer, and how its work is cut.
pub(crate) struct Plan<'a, F: Factors> {
    pub(super) geometry: &'a Geometry,
    pub(super) tiling: &'a Tiling,
    pub(super) factors: F,
    pub(super) limits: Limits,
}

impl<'a, F: Factors> Plan<'a, F> {
    pub fn new(geometry: &'a Geometry, tiling: &'a Tiling, factors: F) -> Self {
        Self {
            geometry,
            tiling,
            factors,
            limits: LIMITS,
        }
    }

    /// Fine to coarse.
    pub fn gather(&self, fine: &[f32], weight: &[f32], bias: Option<&[f32]>, coarse: &mut [f32]) {
        self.convolve(Side::Coarse, fine, weight, bias, coarse);
    }

    /// Coarse to fine.
    pub fn spread(&self, coarse: &[f32], weight: &[f32], bias: Option<&[f32]>, fine: &mut [f32]) {
        self.convolve(Side::Fine, coarse, weight, bias, fine);
    }

    /// From the values of the other side to those of `to`.
    fn convolve(
        &self,
        to: Side,
        input: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        output: &mut [f32],
    ) {
        let from = to.other();
        let slabs = self.slabs(to);
        let images = self.images(slabs.len());
        let small_batch = self.is_small_batch(&slabs);
        with_rows(self.points_len(to, &slabs), |points: &mut [F::Row]| {
            let inputs = input.chunks(images * self.geometry.grid(from).image_len());
            let outputs = output.chunks_mut(images * self.geometry.grid(to).image_len());
            for (chunk, (input, output)) in inputs.zip(outputs).enumerate() {
                let tiles = self.tiles(from, input);
                let (left, mut result) = (self.panels(from, tiles), self.panels(to, tiles));
                let strip = if small_batch { 1 } else { strip(to) };
                result.strip = strip.min(self.blocks(to));
                with_rows(result.len(), |result_rows: &mut [Row]| {
                    with_rows(left.len(), |left_rows: &mut [F::Row]| {
                        self.transform(from, &left, input, Order::Rows, left_rows);
                        let left = PanelData {
                            panels: &left,
                            rows: &*left_rows,
                        };
                        let products = PanelDataMut {
                            panels: &result,
                            rows: &mut *result_rows,
                        };
                        if small_batch {
                            self.multiply_small_batch(to, weight, left, products);
                        } else {
                            // a single slab stays transformed from the first chunk on
                            let transform = chunk == 0 || slabs.len() > 1;
                            let weight = transform.then_some(weight);
                            self.multiply_slabs(to, &slabs, weight, points, left, products);
                        }
                    });
                    self.transform_back(to, &result, result_rows, bias, output);
                });
            }
        });
    }

    /// `gradient[coarse channel, fine channel, tap]`, summed over the batch.
    pub fn weight_gradient(&self, fine: &[f32], coarse: &[f32], gradient: &mut [f32]) {
        let slabs = self.slabs(Side::Fine);
        let images = self.images(slabs.len());
        let chunks = self.geometry.coarse.batch.div_ceil(images);
        let small_batch = self.is_small_batch(&slabs);
        with_rows(
            self.points_len(Side::Fine, &slabs),
            |points: &mut [Row]| {
                let fine_chunks = fine.chunks(images * self.geometry.fine.image_len());
                let coarse_chunks = coarse.chunks(images * self.geometry.coarse.image_len());
                for (chunk, (fine, coarse)) in fine_chunks.zip(coarse_chunks).enumerate() {
                    let tiles = self.tiles(Side::Coarse, coarse);
                    let left = self.panels(Side::Coarse, tiles);
                    let right = self.panels(Side::Fine, tiles);
                    with_rows(left.len() + right.len(), |rows: &mut [F::Row]| {
                        let (left_rows, right_rows) = rows.split_at_mut(left.len());
                        self.transform(Side::Coarse, &left, coarse, Order::Pairs, left_rows);
                        self.transform(Side::Fine, &right, fine, Order::Pairs, right_rows);
                        let left = PanelData {
                            panels: &left,
                            rows: &*left_rows,
                        };
                        let right = PanelData {
                            panels: &right,
                            rows: &*right_rows,
                        };
                        if small_batch {
                            return self.weight_gradient_small_batch(left, right, gradient);
                        }
                        // A single slab gathers the sums of all chunks before it is transformed.
                        let single = slabs.len() == 1;
                        for slab in &slabs {
                            let points = &mut points[..self.slab_len(Side::Fine, slab)];
                            self.sum_over_tiles(slab, left, right, single && chunk > 0, points);
                            if !single || chunk + 1 == chunks {
                                let add = !single && chunk > 0;
                                let (geometry, tiling) = (self.geometry, self.tiling);
                                weight::from_points::<F>(
                                    geometry, tiling, points, slab, add, gradient,
                                );
                            }
                        }
                    });
                }
            },
        );
    }

    /// Whether there are few tiles, and too many weights to keep them transformed. The batch is
    /// a single chunk then.
    fn is_small_batch(&self, slabs: &[Range<usize>]) -> bool {
        let tiles = self.geometry.coarse.batch * self.tiling.tiles_per_image();
        tiles <= MAX_SMALL_BATCH_TILES && slabs.len() > 1
    }

    /// Rows for the transformed weights of a slab, if there are to be any.
    fn points_len(&self, along: Side, slabs: &[Range<usize>]) -> usize {
        if self.is_small_batch(slabs) {
            0
        } else {
            self.slab_len(along, &slabs[0])
        }
    }

    /// Blocks of channels of a side.
    pub(super) fn blocks(&self, side: Side) -> usize {
        self.geometry.grid(side).channels.div_ceil(BLOCK)
    }

    /// Channels of a block of a side.
    pub(super) fn block_width(&self, side: Side, block: usize) -> usize {
        block_width(self.geometry.grid(side).channels, block)
    }

    /// Panels for the transformed values of a side.
    fn panels(&self, side: Side, tiles: usize) -> Panels {
        let points = match side {
            Side::Fine => self.tiling.slots.len(),
            Side::Coarse => self.tiling.point_count(),
        };
        Panels::by_group(tiles, points, self.blocks(side))
    }

    /// Tiles of the images of a side.
    fn tiles(&self, side: Side, images: &[f32]) -> usize {
        images.len() / self.geometry.grid(side).image_len() * self.tiling.tiles_per_image()
    }

    /// Cuts the blocks along the rows of the transformed weight into slabs of whole strips.
    fn slabs(&self, along: Side) -> Vec<Range<usize>> {
        let (blocks, strip) = (self.blocks(along), strip(along));
        let strip_rows = self.slab_len(along, &(0..strip));
        let step = (self.limits.slab / strip_rows).max(1) * strip;
        (0..blocks)
            .step_by(step)
            .map(|start| start..blocks.min(start + step))
            .collect()
    }

    /// Rows of a slab.
    fn slab_len(&self, along: Side, slab: &Range<usize>) -> usize {
        slab.len() * self.blocks(along.other()) * self.tiling.slots.len() * BLOCK
    }

    /// Images of a chunk. Where the weight takes many slabs, and so must be transformed again
    /// for each chunk, a chunk is as large as the weight.
    fn images(&self, slabs: usize) -> usize {
        let per_tile = self.tiling.slots.len() * self.blocks(Side::Fine)
            + self.tiling.point_count() * self.blocks(Side::Coarse);
        let rows = if slabs == 1 {
            self.limits.chunk
        } else {
            self.limits.chunk.max(2 * slabs * self.limits.slab)
        };
        let tiles = (rows / per_tile / GROUP).max(1) * GROUP;
        (tiles / self.tiling.tiles_per_image()).max(1)
    }

    /// Multiplies a chunk with one slab after the other. Without a weight, `points` holds the
    /// only slab already.
    fn multiply_slabs(
        &self,
        along: Side,
        slabs: &[Range<usize>],
        weight: Option<&[f32]>,
        points: &mut [F::Row],
        left: PanelData<F::Row>,
        mut result: PanelDataMut,
    ) {
        for slab in slabs {
            let points = &mut points[..self.slab_len(along, slab)];
            if let Some(weight) = weight {
                self.weight_to_points(weight, along, slab, points);
            }
            self.multiply(along, slab, left, points, &mut result);
        }
    }
}

fn strip(side: Side) -> usize {
    match side {
        Side::Fine => FINE_STRIP,
        Side::Coarse => COARSE_STRIP,
    }
}
