//! `A y Aᵀ` from coarse pixels to points, and its adjoint `Aᵀ m A` back.

use std::marker::PhantomData;
use std::ops::Range;

use super::panels::{PanelData, Share};
use super::stage::{RUN, Stage, runs};
use super::tiling::{TilePlace, Tiling};
use super::transform::{Evaluation, Transposed, both, load, store};
use crate::blocks::factors::Factors;
use crate::blocks::prefetch::prefetch_from;
use crate::blocks::{BLOCK, block_width};
use crate::geometry::Geometry;
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// A pass over tiles of `M` by `M` coarse pixels, at `N` by `N` points.
pub(super) trait TilePass {
    fn tiling(&self) -> &Tiling;

    fn run<S: Simd, const N: usize, const M: usize>(self, simd: S);
}

/// Runs a pass with the sizes of its tiling as constants.
pub(super) fn run(pass: impl TilePass) {
    let tiling = pass.tiling();
    let part = Part::ValueTransforms;
    match (tiling.points, tiling.side) {
        (4, 2) => simd::run(part, WithSizes::<_, 4, 2>(pass)),
        (4, 3) => simd::run(part, WithSizes::<_, 4, 3>(pass)),
        (5, 2) => simd::run(part, WithSizes::<_, 5, 2>(pass)),
        (5, 3) => simd::run(part, WithSizes::<_, 5, 3>(pass)),
        (5, 4) => simd::run(part, WithSizes::<_, 5, 4>(pass)),
        (6, 3) => simd::run(part, WithSizes::<_, 6, 3>(pass)),
        (6, 4) => simd::run(part, WithSizes::<_, 6, 4>(pass)),
        (6, 5) => simd::run(part, WithSizes::<_, 6, 5>(pass)),
        sizes => unreachable!("no transform for points and side {sizes:?}"),
    }
}

/// A pass whose sizes are known.
struct WithSizes<P, const N: usize, const M: usize>(P);

impl<P: TilePass, const N: usize, const M: usize> Loop for WithSizes<P, N, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run::<S, N, M>(simd);
    }
}

/// Transforms a share of the tiles.
pub(super) struct ToPoints<'a, F: Factors> {
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub coarse: &'a [f32],
    pub share: Share<'a, F>,
}

impl<F: Factors> TilePass for ToPoints<'_, F> {
    fn tiling(&self) -> &Tiling {
        self.tiling
    }

    #[inline(always)]
    fn run<S: Simd, const N: usize, const M: usize>(mut self, simd: S) {
        let channels = self.geometry.coarse.channels;
        let mut stage = Stage::new();
        for tiles in runs(self.share.tiles.clone()) {
            let places: [Places<M>; RUN] = places(self.geometry, self.tiling, &tiles);
            for block in 0..self.share.blocks {
                Stage::prefetch_panels(&mut self.share, block, &tiles, 0..N * N);
                for (tile, places) in places[..tiles.len()].iter().enumerate() {
                    for lane in (0..block_width(channels, block)).step_by(S::F32_LANES) {
                        let mut values = [[simd.splat_f32s(0.0); M]; M];
                        for y in 0..M {
                            for x in 0..M {
                                if let Some(place) = places[y][x] {
                                    let pixel = &self.coarse[place..place + channels];
                                    values[y][x] = load(simd, pixel, block * BLOCK + lane);
                                    prefetch_from(pixel, (block + 1) * BLOCK + lane);
                                }
                            }
                        }
                        let values = both::<S, Evaluation<F>, N, N, M, M>(simd, values);
                        let rows = stage.points_mut(tile, N * N);
                        for (row, value) in rows.zip(values.as_flattened()) {
                            S::as_mut_simd_f32s(&mut row[lane..]).0[0] = *value;
                        }
                    }
                }
                stage.put(&mut self.share, block, &tiles, 0..N * N);
            }
        }
    }
}

/// Computes the pixels of a few images.
pub(super) struct FromPoints<'a, F: Factors> {
    pub factors: PhantomData<F>,
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub values: PanelData<'a>,
    /// The first tile of the first of the images.
    pub first: usize,
    pub bias: Option<&'a [f32]>,
    pub coarse: &'a mut [f32],
}

impl<F: Factors> TilePass for FromPoints<'_, F> {
    fn tiling(&self) -> &Tiling {
        self.tiling
    }

    #[inline(always)]
    fn run<S: Simd, const N: usize, const M: usize>(self, simd: S) {
        let channels = self.geometry.coarse.channels;
        let images = self.coarse.len() / self.geometry.coarse.image_len();
        let end = self.first + images * self.tiling.tiles_per_image();
        let mut stage = Stage::new();
        for tiles in runs(self.first..end) {
            let here = tiles.start - self.first..tiles.end - self.first;
            let places: [Places<M>; RUN] = places(self.geometry, self.tiling, &here);
            for block in 0..self.values.panels.blocks {
                stage.get(self.values, block, &tiles, 0..N * N);
                for (tile, places) in places[..tiles.len()].iter().enumerate() {
                    for lane in (0..block_width(channels, block)).step_by(S::F32_LANES) {
                        let mut values = [[simd.splat_f32s(0.0); N]; N];
                        let rows = stage.points(tile, N * N);
                        for (value, row) in values.as_flattened_mut().iter_mut().zip(rows) {
                            *value = S::as_simd_f32s(&row[lane..]).0[0];
                        }
                        let values = both::<S, Transposed<Evaluation<F>>, M, M, N, N>(simd, values);
                        let start = block * BLOCK + lane;
                        let bias = load(simd, self.bias.unwrap_or_default(), start);
                        for y in 0..M {
                            for x in 0..M {
                                if let Some(place) = places[y][x] {
                                    let pixel = &mut self.coarse[place..place + channels];
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

/// The index of the first channel of every pixel of a tile; `None` past the edge.
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
        let TilePlace {
            image,
            y: first_y,
            x: first_x,
        } = tiling.locate(tile);
        for (y, places) in (first_y..grid.height).zip(places) {
            for (x, place) in (first_x..grid.width).zip(places) {
                *place = Some(((image * grid.height + y) * grid.width + x) * grid.channels);
            }
        }
    }
    all
}
