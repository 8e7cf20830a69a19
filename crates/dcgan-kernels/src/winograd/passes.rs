//! The passes over a chunk of the batch, on all threads: to points, and back.

use std::marker::PhantomData;

use rayon::prelude::*;

use super::panels::{PanelData, Panels};
use super::plan::Plan;
use super::stage::RUN;
use super::{coarse, fine};
use crate::blocks::Row;
use crate::blocks::factors::{Factors, Order};
use crate::geometry::Side;
use crate::profile::Part;
use crate::simd;

impl<F: Factors> Plan<'_, F> {
    /// Transforms the images of a side, and stores them in an order.
    pub(super) fn transform(
        &self,
        side: Side,
        panels: &Panels,
        images: &[f32],
        order: Order,
        values: &mut [F::Row],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let shares = panels.shares(self.factors, order, values).into_par_iter();
        match side {
            Side::Fine => shares.for_each(|share| {
                let pass = fine::ToPoints {
                    geometry,
                    tiling,
                    fine: images,
                    share,
                };
                simd::run(Part::ValueTransforms, pass);
            }),
            Side::Coarse => shares.for_each(|share| {
                coarse::run(coarse::ToPoints {
                    geometry,
                    tiling,
                    coarse: images,
                    share,
                });
            }),
        }
    }

    /// Computes the images of a side from their transformed values.
    pub(super) fn transform_back(
        &self,
        side: Side,
        panels: &Panels,
        rows: &[Row],
        bias: Option<&[f32]>,
        images: &mut [f32],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let values = PanelData { panels, rows };
        let per_task = self.images_per_task();
        let first_tile = |task: usize| task * per_task * tiling.tiles_per_image();
        let tasks = images
            .par_chunks_mut(per_task * geometry.grid(side).image_len())
            .enumerate();
        match side {
            Side::Fine => tasks.for_each(|(task, fine)| {
                let pass = fine::FromPoints::<F> {
                    factors: PhantomData,
                    geometry,
                    tiling,
                    values,
                    first: first_tile(task),
                    bias,
                    fine,
                };
                simd::run(Part::ValueTransforms, pass);
            }),
            Side::Coarse => tasks.for_each(|(task, coarse)| {
                coarse::run(coarse::FromPoints::<F> {
                    factors: PhantomData,
                    geometry,
                    tiling,
                    values,
                    first: first_tile(task),
                    bias,
                    coarse,
                });
            }),
        }
    }

    /// Images that are transformed back together: enough for a run of tiles.
    fn images_per_task(&self) -> usize {
        RUN.div_ceil(self.tiling.tiles_per_image())
    }
}
