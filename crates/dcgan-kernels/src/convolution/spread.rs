//! Coarse to fine: every coarse pixel is multiplied by the weight, and the resulting column is
//! added to the fine pixels under the window.

use rayon::prelude::*;

use super::columns::{self, AddColumns};
use super::{MIN_TASKS, TILE_COLUMNS, TILE_ROWS};
use crate::arithmetic::Arithmetic;
use crate::bias;
use crate::gemm::{Matrix, MatrixMut, Store, multiply};
use crate::geometry::Geometry;
use crate::profile::Part;
use crate::simd;
use crate::{scratch, weight_layout};

/// `fine[pixel under tap] = bias + sum over coarse pixels of coarse[pixel] * weight[tap]`.
pub(super) fn spread(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    coarse: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    fine: &mut [f32],
) {
    let images = images_per_task(geometry);
    let fine_len = images * geometry.fine.image_len();
    let coarse_len = images * geometry.coarse.image_len();
    scratch::with(geometry.weight_len(), |matrix| {
        let width = block_width(geometry);
        weight_layout::coarse_to_columns(geometry, weight, width, matrix);
        let matrix = &*matrix;
        // A task owns whole images, so tasks never add to the same pixel.
        fine.par_chunks_mut(fine_len)
            .zip(coarse.par_chunks(coarse_len))
            .for_each(|(fine, coarse)| {
                bias::fill(fine, geometry.fine.channels, bias);
                spread_images(geometry, arithmetic, coarse, matrix, width, fine);
            });
    });
}

fn spread_images(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    coarse: &[f32],
    matrix: &[f32],
    width: usize,
    fine: &mut [f32],
) {
    let depth = geometry.coarse.channels;
    let tiles = coarse.chunks(TILE_ROWS * depth).enumerate();
    for (tile, coarse) in tiles {
        let rows = coarse.len() / depth;
        let left = Matrix::new(coarse, rows, depth);
        let blocks = columns::steps(geometry.fine.channels, width);
        for (channels, block) in blocks.zip(matrix.chunks(depth * geometry.taps() * width)) {
            let len = geometry.taps() * channels.len();
            scratch::with(rows * len, |columns| {
                let right = Matrix::new(block, depth, len);
                multiply(
                    arithmetic,
                    MatrixMut::new(columns, rows, len),
                    Store::Overwrite,
                    left,
                    right,
                );
                let first = tile * TILE_ROWS;
                simd::run(
                    Part::Columns,
                    AddColumns {
                        geometry,
                        columns,
                        first,
                        channels: &channels,
                        fine,
                    },
                );
            });
        }
    }
}

/// Fine channels that are multiplied together, so that a tile of columns stays in the cache.
fn block_width(geometry: &Geometry) -> usize {
    (TILE_COLUMNS / geometry.taps())
        .max(8)
        .min(geometry.fine.channels)
}

fn images_per_task(geometry: &Geometry) -> usize {
    let per_image = geometry.coarse.height * geometry.coarse.width;
    let enough = TILE_ROWS.div_ceil(per_image);
    enough.min(geometry.coarse.batch.div_ceil(MIN_TASKS))
}
