//! `A y Aᵀ` from coarse pixels to points, and its adjoint `Aᵀ m A` back.

use std::ops::Range;

use super::panels::{Panels, Share};
use super::stage::{RUN, Stage, runs};
use super::tiling::Tiling;
use super::transform::{Evaluation, Transposed, both, load, store};
use crate::blocks::prefetch::prefetch_from;
use crate::blocks::{BLOCK, Row};
use crate::geometry::Geometry;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Transforms a share of the tiles.
pub(super) struct ToPoints<'a> {
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub coarse: &'a [f32],
    pub share: Share<'a>,
}

impl ToPoints<'_> {
    pub fn run(self) {
        match (self.tiling.points, self.tiling.side) {
            (5, 3) => simd::run(Part::ValueTransforms, ToPointsOf::<5, 3>(self)),
            (5, _) => simd::run(Part::ValueTransforms, ToPointsOf::<5, 4>(self)),
            (_, 3) => simd::run(Part::ValueTransforms, ToPointsOf::<6, 3>(self)),
            (_, 4) => simd::run(Part::ValueTransforms, ToPointsOf::<6, 4>(self)),
            _ => simd::run(Part::ValueTransforms, ToPointsOf::<6, 5>(self)),
        }
    }
}

struct ToPointsOf<'a, const N: usize, const M: usize>(ToPoints<'a>);

impl<const N: usize, const M: usize> Loop for ToPointsOf<'_, N, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(mut task) = self;
        let channels = task.geometry.coarse.channels;
        let mut stage = Stage::new();
        for tiles in runs(task.share.tiles.clone()) {
            let places: [Places<M>; RUN] = places(task.geometry, task.tiling, &tiles);
            for block in 0..task.share.blocks {
                Stage::fetch_panels(&mut task.share, block, &tiles, 0..N * N);
                for (tile, places) in places[..tiles.len()].iter().enumerate() {
                    for lane in (0..BLOCK).step_by(S::F32_LANES) {
                        let mut values = [[simd.splat_f32s(0.0); M]; M];
                        for y in 0..M {
                            for x in 0..M {
                                if let Some(place) = places[y][x] {
                                    let pixel = &task.coarse[place..place + channels];
                                    values[y][x] = load(simd, pixel, block * BLOCK + lane);
                                    prefetch_from(pixel, (block + 1) * BLOCK + lane);
                                }
                            }
                        }
                        let values = both::<S, Evaluation, N, N, M, M>(simd, values);
                        let rows = stage.points_mut(tile, N * N);
                        for (row, value) in rows.zip(values.as_flattened()) {
                            S::as_mut_simd_f32s(&mut row[lane..]).0[0] = *value;
                        }
                    }
                }
                stage.put(&mut task.share, block, &tiles, 0..N * N);
            }
        }
    }
}

/// Computes the pixels of a few images.
pub(super) struct FromPoints<'a> {
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub panels: &'a Panels,
    pub values: &'a [Row],
    /// The first tile of the first of the images.
    pub first: usize,
    pub bias: Option<&'a [f32]>,
    pub coarse: &'a mut [f32],
}

impl FromPoints<'_> {
    pub fn run(self) {
        match (self.tiling.points, self.tiling.side) {
            (5, 3) => simd::run(Part::ValueTransforms, FromPointsOf::<5, 3>(self)),
            (5, _) => simd::run(Part::ValueTransforms, FromPointsOf::<5, 4>(self)),
            (_, 3) => simd::run(Part::ValueTransforms, FromPointsOf::<6, 3>(self)),
            (_, 4) => simd::run(Part::ValueTransforms, FromPointsOf::<6, 4>(self)),
            _ => simd::run(Part::ValueTransforms, FromPointsOf::<6, 5>(self)),
        }
    }
}

struct FromPointsOf<'a, const N: usize, const M: usize>(FromPoints<'a>);

impl<const N: usize, const M: usize> Loop for FromPointsOf<'_, N, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(task) = self;
        let channels = task.geometry.coarse.channels;
        let images = task.coarse.len() / task.geometry.coarse.image_len();
        let end = task.first + images * task.tiling.tiles_per_image();
        let mut stage = Stage::new();
        for tiles in runs(task.first..end) {
            let here = tiles.start - task.first..tiles.end - task.first;
            let places: [Places<M>; RUN] = places(task.geometry, task.tiling, &here);
            let (group, row) = task.panels.row(tiles.start);
            for block in 0..task.panels.blocks {
                let place = (group, block, row);
                stage.get(task.panels, place, tiles.len(), 0..N * N, task.values);
                for (tile, places) in places[..tiles.len()].iter().enumerate() {
                    for lane in (0..BLOCK).step_by(S::F32_LANES) {
                        let mut values = [[simd.splat_f32s(0.0); N]; N];
                        let rows = stage.points(tile, N * N);
                        for (value, row) in values.as_flattened_mut().iter_mut().zip(rows) {
                            *value = S::as_simd_f32s(&row[lane..]).0[0];
                        }
                        let values = both::<S, Transposed<Evaluation>, M, M, N, N>(simd, values);
                        let start = block * BLOCK + lane;
                        let bias = load(simd, task.bias.unwrap_or_default(), start);
                        for y in 0..M {
                            for x in 0..M {
                                if let Some(place) = places[y][x] {
                                    let pixel = &mut task.coarse[place..place + channels];
                                    store(simd, pixel, start, simd.add_f32s(values[y][x], bias));
                                    prefetch_from(pixel, start + BLOCK);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The index of the first channel of every pixel of a tile, or `None` past the edge.
type Places<const M: usize> = [[Option<usize>; M]; M];

/// The places of a run of tiles.
fn places<const M: usize>(
    geometry: &Geometry,
    tiling: &Tiling,
    tiles: &Range<usize>,
) -> [Places<M>; RUN] {
    let grid = &geometry.coarse;
    let mut all = [[[None; M]; M]; RUN];
    for (places, tile) in all.iter_mut().zip(tiles.clone()) {
        let (image, [first_y, first_x]) = tiling.locate(tile);
        for (y, places) in (first_y..grid.height).zip(places) {
            for (x, place) in (first_x..grid.width).zip(places) {
                *place = Some(((image * grid.height + y) * grid.width + x) * grid.channels);
            }
        }
    }
    all
}
