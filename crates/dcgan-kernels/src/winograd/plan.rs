//! The order of work of the three kernels.

use std::ops::Range;

use super::few::FEW;
use super::panels::{GROUP, Panels};
use super::tiling::Tiling;
use super::weight::{self, Along};
use crate::blocks::{BLOCK, Row, with_rows};
use crate::geometry::Geometry;

/// How much is in the works at a time, in rows of a block of channels.
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

/// A layer, and how its work is cut.
pub(crate) struct Plan<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) tiling: &'a Tiling,
    pub(super) limits: Limits,
}

impl<'a> Plan<'a> {
    pub fn new(geometry: &'a Geometry, tiling: &'a Tiling) -> Self {
        Self {
            geometry,
            tiling,
            limits: LIMITS,
        }
    }

    /// Fine to coarse.
    pub fn gather(&self, fine: &[f32], weight: &[f32], bias: Option<&[f32]>, coarse: &mut [f32]) {
        let along = Along::Coarse;
        let slabs = self.slabs(along);
        let images = self.images(slabs.len());
        let few = self.is_few(&slabs);
        with_rows(self.points_len(along, &slabs), |points| {
            let coarse_chunks = coarse.chunks_mut(images * self.geometry.coarse.image_len());
            let fine_chunks = fine.chunks(images * self.geometry.fine.image_len());
            for (chunk, (fine, coarse)) in fine_chunks.zip(coarse_chunks).enumerate() {
                let tiles = self.tiles(coarse);
                let (left, mut result) = (self.fine_panels(tiles), self.coarse_panels(tiles));
                result.strip = if few { 1 } else { COARSE_STRIP }.min(self.coarse_blocks());
                with_rows(left.len() + result.len(), |values| {
                    let (left_values, values) = values.split_at_mut(left.len());
                    self.fine_to_points(&left, fine, left_values);
                    let left = (&left, &*left_values);
                    if few {
                        self.multiply_few(along, weight, left, (&result, values));
                    } else {
                        let (slabs, weight) = ((along, &slabs[..]), (weight, &mut *points));
                        self.multiply_slabs(slabs, chunk, weight, left, (&result, values));
                    }
                    self.coarse_from_points(&result, values, bias, coarse);
                });
            }
        });
    }

    /// Coarse to fine.
    pub fn spread(&self, coarse: &[f32], weight: &[f32], bias: Option<&[f32]>, fine: &mut [f32]) {
        let along = Along::Fine;
        let slabs = self.slabs(along);
        let images = self.images(slabs.len());
        let few = self.is_few(&slabs);
        with_rows(self.points_len(along, &slabs), |points| {
            let fine_chunks = fine.chunks_mut(images * self.geometry.fine.image_len());
            let coarse_chunks = coarse.chunks(images * self.geometry.coarse.image_len());
            for (chunk, (coarse, fine)) in coarse_chunks.zip(fine_chunks).enumerate() {
                let tiles = self.tiles(coarse);
                let (left, mut result) = (self.coarse_panels(tiles), self.fine_panels(tiles));
                result.strip = if few { 1 } else { FINE_STRIP }.min(self.fine_blocks());
                with_rows(left.len() + result.len(), |values| {
                    let (left_values, values) = values.split_at_mut(left.len());
                    self.coarse_to_points(&left, coarse, left_values);
                    let left = (&left, &*left_values);
                    if few {
                        self.multiply_few(along, weight, left, (&result, values));
                    } else {
                        let (slabs, weight) = ((along, &slabs[..]), (weight, &mut *points));
                        self.multiply_slabs(slabs, chunk, weight, left, (&result, values));
                    }
                    self.fine_from_points(&result, values, bias, fine);
                });
            }
        });
    }

    /// `gradient[coarse channel, fine channel, tap]`, summed over the batch.
    pub fn weight_gradient(&self, fine: &[f32], coarse: &[f32], gradient: &mut [f32]) {
        let slabs = self.slabs(Along::Fine);
        let images = self.images(slabs.len());
        let chunks = self.geometry.coarse.batch.div_ceil(images);
        let few = self.is_few(&slabs);
        with_rows(self.points_len(Along::Fine, &slabs), |points| {
            let fine_chunks = fine.chunks(images * self.geometry.fine.image_len());
            let coarse_chunks = coarse.chunks(images * self.geometry.coarse.image_len());
            for (chunk, (fine, coarse)) in fine_chunks.zip(coarse_chunks).enumerate() {
                let tiles = self.tiles(coarse);
                let (left, right) = (self.coarse_panels(tiles), self.fine_panels(tiles));
                with_rows(left.len() + right.len(), |values| {
                    let (left_values, right_values) = values.split_at_mut(left.len());
                    self.coarse_to_points(&left, coarse, left_values);
                    self.fine_to_points(&right, fine, right_values);
                    let (left, right) = ((&left, &*left_values), (&right, &*right_values));
                    if few {
                        return self.weight_gradient_few(left, right, gradient);
                    }
                    // A single slab gathers the sums of all chunks before it is transformed.
                    let single = slabs.len() == 1;
                    for slab in &slabs {
                        let points = &mut points[..self.slab_len(Along::Fine, slab)];
                        self.sum_over_tiles(slab, left, right, single && chunk > 0, points);
                        if !single || chunk + 1 == chunks {
                            let add = !single && chunk > 0;
                            self.weight_from_points(points, slab, add, gradient);
                        }
                    }
                });
            }
        });
    }

    /// Whether there are few tiles, and too many weights to keep them transformed. All of the
    /// batch is one chunk then.
    fn is_few(&self, slabs: &[Range<usize>]) -> bool {
        let tiles = self.geometry.coarse.batch * self.tiling.tiles_per_image();
        tiles <= FEW && slabs.len() > 1
    }

    /// Rows for the transformed weights of a slab, if there are to be any.
    fn points_len(&self, along: Along, slabs: &[Range<usize>]) -> usize {
        match self.is_few(slabs) {
            true => 0,
            false => self.slab_len(along, &slabs[0]),
        }
    }

    pub(super) fn fine_blocks(&self) -> usize {
        self.geometry.fine.channels.div_ceil(BLOCK)
    }

    pub(super) fn coarse_blocks(&self) -> usize {
        self.geometry.coarse.channels.div_ceil(BLOCK)
    }

    /// Blocks that make up the rows of the transformed weight.
    pub(super) fn inner_blocks(&self, along: Along) -> usize {
        match along {
            Along::Fine => self.coarse_blocks(),
            Along::Coarse => self.fine_blocks(),
        }
    }

    fn fine_panels(&self, tiles: usize) -> Panels {
        Panels::by_group(tiles, self.tiling.slots.len(), self.fine_blocks())
    }

    fn coarse_panels(&self, tiles: usize) -> Panels {
        Panels::by_group(tiles, self.tiling.point_count(), self.coarse_blocks())
    }

    /// Tiles of whole coarse images.
    fn tiles(&self, coarse: &[f32]) -> usize {
        coarse.len() / self.geometry.coarse.image_len() * self.tiling.tiles_per_image()
    }

    /// Cuts the blocks along the rows of the transformed weight into slabs of whole strips.
    fn slabs(&self, along: Along) -> Vec<Range<usize>> {
        let (blocks, strip) = match along {
            Along::Fine => (self.fine_blocks(), FINE_STRIP),
            Along::Coarse => (self.coarse_blocks(), COARSE_STRIP),
        };
        let strip_rows = self.slab_len(along, &(0..strip));
        let step = (self.limits.slab / strip_rows).max(1) * strip;
        (0..blocks)
            .step_by(step)
            .map(|start| start..blocks.min(start + step))
            .collect()
    }

    /// Rows of a slab.
    fn slab_len(&self, along: Along, slab: &Range<usize>) -> usize {
        slab.len() * self.inner_blocks(along) * self.tiling.slots.len() * BLOCK
    }

    /// Images of a chunk. Where the weight takes many slabs, and so must be transformed again
    /// for each chunk, a chunk is as large as the weight.
    fn images(&self, slabs: usize) -> usize {
        let per_tile = self.tiling.slots.len() * self.fine_blocks()
            + self.tiling.point_count() * self.coarse_blocks();
        let rows = if slabs == 1 {
            self.limits.chunk
        } else {
            self.limits.chunk.max(2 * slabs * self.limits.slab)
        };
        let tiles = (rows / per_tile / GROUP).max(1) * GROUP;
        (tiles / self.tiling.tiles_per_image()).max(1)
    }

    /// Multiplies a chunk with one slab after the other. A single slab stays transformed from the
    /// first chunk on.
    fn multiply_slabs(
        &self,
        (along, slabs): (Along, &[Range<usize>]),
        chunk: usize,
        (weight, points): (&[f32], &mut [Row]),
        left: (&Panels, &[Row]),
        (result, values): (&Panels, &mut [Row]),
    ) {
        for slab in slabs {
            let points = &mut points[..self.slab_len(along, slab)];
            if chunk == 0 || slabs.len() > 1 {
                weight::to_points(self.geometry, self.tiling, weight, along, slab, points);
            }
            self.multiply(along, slab, left, points, (result, values));
        }
    }

    fn weight_from_points(
        &self,
        points: &[Row],
        slab: &Range<usize>,
        add: bool,
        gradient: &mut [f32],
    ) {
        weight::from_points(self.geometry, self.tiling, points, slab, add, gradient);
    }
}
