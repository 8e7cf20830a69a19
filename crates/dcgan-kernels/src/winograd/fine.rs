//! `Bᵀ d B` from fine pixels to points, and its adjoint `B v Bᵀ` back.

use std::marker::PhantomData;
use std::ops::Range;

use super::panels::{PanelData, Share};
use super::stage::{RUN, Stage, runs};
use super::tiling::{Phase, TilePlace, Tiling};
use super::transform::{Interpolation, Transposed, both, load, store};
use crate::bias;
use crate::blocks::factors::Factors;
use crate::blocks::prefetch::prefetch_from;
use crate::blocks::{BLOCK, block_width};
use crate::geometry::Geometry;
use crate::simd::{Loop, Simd};

/// The index of the first channel of each of the `Y * X` positions of a phase of a tile; `None`
/// outside of the image.
type Places<const Y: usize, const X: usize> = [[Option<usize>; X]; Y];

/// The places of a run of tiles, which may start in any image.
fn places<const Y: usize, const X: usize>(
    geometry: &Geometry,
    tiling: &Tiling,
    phase: &Phase,
    tiles: &Range<usize>,
) -> [Places<Y, X>; RUN] {
    let grid = &geometry.fine;
    let mut all = [[[None; X]; Y]; RUN];
    for (places, tile) in all.iter_mut().zip(tiles.clone()) {
        let TilePlace {
            image,
            y: first_y,
            x: first_x,
        } = tiling.locate(tile);
        let corner = [first_y, first_x];
        for (y, places) in places.iter_mut().enumerate() {
            let Some(y) = fine_position(geometry, phase, corner, 0, y) else {
                continue;
            };
            for (x, place) in places.iter_mut().enumerate() {
                *place = fine_position(geometry, phase, corner, 1, x)
                    .map(|x| ((image * grid.height + y) * grid.width + x) * grid.channels);
            }
        }
    }
    all
}

/// The fine position, in one dimension, of position `index` of a tile, if some tap meets it.
fn fine_position(
    geometry: &Geometry,
    phase: &Phase,
    corner: [usize; 2],
    dimension: usize,
    index: usize,
) -> Option<usize> {
    let (fine, coarse) = (&geometry.fine, &geometry.coarse);
    let fine_size = [fine.height, fine.width][dimension];
    let met = [coarse.height, coarse.width][dimension] + phase.taps[dimension] - 1;
    let in_phase = corner[dimension] + index;
    if in_phase >= met {
        return None;
    }
    let padded = in_phase * geometry.window.stride + phase.first[dimension];
    let position = padded.checked_sub(geometry.window.padding)?;
    (position < fine_size).then_some(position)
}

/// A pass over tiles, for a phase of `Y` by `X` points.
trait PhasePass {
    fn run<S: Simd, const Y: usize, const X: usize>(
        &mut self,
        simd: S,
        phase: &Phase,
        tiles: &Range<usize>,
        stage: &mut Stage,
    );
}

/// Runs a pass for all phases of one run of tiles after the other.
#[inline(always)]
fn run_phases<S: Simd>(pass: &mut impl PhasePass, simd: S, tiling: &Tiling, tiles: Range<usize>) {
    let mut stage = Stage::new();
    for tiles in runs(tiles) {
        for phase in &tiling.phases {
            match phase.points {
                [6, 6] => pass.run::<S, 6, 6>(simd, phase, &tiles, &mut stage),
                [6, 5] => pass.run::<S, 6, 5>(simd, phase, &tiles, &mut stage),
                [5, 6] => pass.run::<S, 5, 6>(simd, phase, &tiles, &mut stage),
                [5, 5] => pass.run::<S, 5, 5>(simd, phase, &tiles, &mut stage),
                [5, 4] => pass.run::<S, 5, 4>(simd, phase, &tiles, &mut stage),
                [4, 5] => pass.run::<S, 4, 5>(simd, phase, &tiles, &mut stage),
                [4, 4] => pass.run::<S, 4, 4>(simd, phase, &tiles, &mut stage),
                points => unreachable!("no transform for {points:?} points"),
            }
        }
    }
}

/// Transforms a share of the tiles.
pub(super) struct ToPoints<'a, F: Factors> {
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub fine: &'a [f32],
    pub share: Share<'a, F>,
}

impl<F: Factors> Loop for ToPoints<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (tiling, tiles) = (self.tiling, self.share.tiles.clone());
        run_phases(&mut self, simd, tiling, tiles);
    }
}

impl<F: Factors> PhasePass for ToPoints<'_, F> {
    #[inline(always)]
    fn run<S: Simd, const Y: usize, const X: usize>(
        &mut self,
        simd: S,
        phase: &Phase,
        tiles: &Range<usize>,
        stage: &mut Stage,
    ) {
        let channels = self.geometry.fine.channels;
        let places: [Places<Y, X>; RUN] = places(self.geometry, self.tiling, phase, tiles);
        for block in 0..self.share.blocks {
            let slots = phase.slots.iter().copied();
            Stage::prefetch_panels(&mut self.share, block, tiles, slots);
            for (tile, places) in places[..tiles.len()].iter().enumerate() {
                for lane in (0..block_width(channels, block)).step_by(S::F32_LANES) {
                    let mut values = [[simd.splat_f32s(0.0); X]; Y];
                    for y in 0..Y {
                        for x in 0..X {
                            if let Some(place) = places[y][x] {
                                let pixel = &self.fine[place..place + channels];
                                values[y][x] = load(simd, pixel, block * BLOCK + lane);
                                prefetch_from(pixel, (block + 1) * BLOCK + lane);
                            }
                        }
                    }
                    let values = both::<S, Interpolation<F>, Y, X, Y, X>(simd, values);
                    let rows = stage.points_mut(tile, Y * X);
                    for (row, value) in rows.zip(values.as_flattened()) {
                        S::as_mut_simd_f32s(&mut row[lane..]).0[0] = *value;
                    }
                }
            }
            let slots = phase.slots.iter().copied();
            stage.put(&mut self.share, block, tiles, slots);
        }
    }
}

/// Sums the tiles of a few images.
pub(super) struct FromPoints<'a, F: Factors> {
    pub factors: PhantomData<F>,
    pub geometry: &'a Geometry,
    pub tiling: &'a Tiling,
    pub values: PanelData<'a>,
    /// The first tile of the first of the images.
    pub first: usize,
    pub bias: Option<&'a [f32]>,
    pub fine: &'a mut [f32],
}

impl<F: Factors> Loop for FromPoints<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        bias::fill(self.fine, self.geometry.fine.channels, self.bias);
        let images = self.fine.len() / self.geometry.fine.image_len();
        let end = self.first + images * self.tiling.tiles_per_image();
        let (tiling, tiles) = (self.tiling, self.first..end);
        run_phases(&mut self, simd, tiling, tiles);
    }
}

impl<F: Factors> PhasePass for FromPoints<'_, F> {
    #[inline(always)]
    fn run<S: Simd, const Y: usize, const X: usize>(
        &mut self,
        simd: S,
        phase: &Phase,
        tiles: &Range<usize>,
        stage: &mut Stage,
    ) {
        let channels = self.geometry.fine.channels;
        let here = tiles.start - self.first..tiles.end - self.first;
        let places: [Places<Y, X>; RUN] = places(self.geometry, self.tiling, phase, &here);
        for block in 0..self.values.panels.blocks {
            let slots = phase.slots.iter().copied();
            stage.get(self.values, block, tiles, slots);
            for (tile, places) in places[..tiles.len()].iter().enumerate() {
                for lane in (0..block_width(channels, block)).step_by(S::F32_LANES) {
                    let mut values = [[simd.splat_f32s(0.0); X]; Y];
                    let rows = stage.points(tile, Y * X);
                    for (value, row) in values.as_flattened_mut().iter_mut().zip(rows) {
                        *value = S::as_simd_f32s(&row[lane..]).0[0];
                    }
                    let values = both::<S, Transposed<Interpolation<F>>, Y, X, Y, X>(simd, values);
                    for y in 0..Y {
                        for x in 0..X {
                            if let Some(place) = places[y][x] {
                                let pixel = &mut self.fine[place..place + channels];
                                let start = block * BLOCK + lane;
                                let sum = simd.add_f32s(load(simd, pixel, start), values[y][x]);
                                store(simd, pixel, start, sum);
                                prefetch_from(pixel, start + BLOCK);
                            }
                        }
                    }
                }
            }
        }
    }
}
