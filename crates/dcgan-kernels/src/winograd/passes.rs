//! The passes over a chunk of the batch, on all threads: to points, and back.

use rayon::prelude::*;

use super::panels::Panels;
use super::plan::Plan;
use super::stage::RUN;
use super::{coarse, fine};
use crate::blocks::Row;
use crate::profile::Part;
use crate::simd;

impl Plan<'_> {
    pub(super) fn fine_to_points(&self, panels: &Panels, fine: &[f32], values: &mut [Row]) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        panels.shares(values).into_par_iter().for_each(|share| {
            simd::run(
                Part::ValueTransforms,
                fine::ToPoints {
                    geometry,
                    tiling,
                    fine,
                    share,
                },
            );
        });
    }

    pub(super) fn fine_from_points(
        &self,
        panels: &Panels,
        values: &[Row],
        bias: Option<&[f32]>,
        fine: &mut [f32],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let images = self.images_per_task();
        fine.par_chunks_mut(images * geometry.fine.image_len())
            .enumerate()
            .for_each(|(task, fine)| {
                simd::run(
                    Part::ValueTransforms,
                    fine::FromPoints {
                        geometry,
                        tiling,
                        panels,
                        values,
                        first: task * images * tiling.tiles_per_image(),
                        bias,
                        fine,
                    },
                );
            });
    }

    pub(super) fn coarse_to_points(&self, panels: &Panels, coarse: &[f32], values: &mut [Row]) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        panels.shares(values).into_par_iter().for_each(|share| {
            coarse::ToPoints {
                geometry,
                tiling,
                coarse,
                share,
            }
            .run();
        });
    }

    pub(super) fn coarse_from_points(
        &self,
        panels: &Panels,
        values: &[Row],
        bias: Option<&[f32]>,
        coarse: &mut [f32],
    ) {
        let (geometry, tiling) = (self.geometry, self.tiling);
        let images = self.images_per_task();
        coarse
            .par_chunks_mut(images * geometry.coarse.image_len())
            .enumerate()
            .for_each(|(task, coarse)| {
                coarse::FromPoints {
                    geometry,
                    tiling,
                    panels,
                    values,
                    first: task * images * tiling.tiles_per_image(),
                    bias,
                    coarse,
                }
                .run();
            });
    }

    /// Images that are transformed back together: enough for a run of tiles.
    fn images_per_task(&self) -> usize {
        RUN.div_ceil(self.tiling.tiles_per_image())
    }
}
