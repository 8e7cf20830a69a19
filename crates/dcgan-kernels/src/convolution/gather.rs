//! Fine to coarse: every coarse pixel is the product of its column and the weight.

use rayon::prelude::*;

use super::{MIN_TASKS, TILE_ROWS, columns};
use crate::arithmetic::Arithmetic;
use crate::bias;
use crate::gemm::{Matrix, MatrixMut, Store, multiply};
use crate::geometry::Geometry;
use crate::{scratch, weight_layout};

/// `coarse[pixel] = bias + sum over taps of fine[pixel under tap] * weight[tap]`.
pub(super) fn gather(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    fine: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    coarse: &mut [f32],
) {
    let channels = geometry.coarse.channels;
    let blocks = columns::blocks(geometry);
    let rows = tile_rows(geometry);
    scratch::with(geometry.weight_len(), |matrix| {
        weight_layout::columns_to_coarse(geometry, weight, matrix);
        let matrix = &*matrix;
        coarse
            .par_chunks_mut(rows * channels)
            .enumerate()
            .for_each(|(task, tile)| {
                bias::fill(tile, channels, bias);
                gather_tile(
                    geometry,
                    arithmetic,
                    fine,
                    matrix,
                    &blocks,
                    task * rows,
                    tile,
                );
            });
    });
}

fn gather_tile(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    fine: &[f32],
    matrix: &[f32],
    blocks: &[columns::Block],
    first: usize,
    tile: &mut [f32],
) {
    let channels = geometry.coarse.channels;
    let rows = tile.len() / channels;
    let mut start = 0;
    for block in blocks {
        let len = block.len();
        let weights = Matrix::new(&matrix[start * channels..][..len * channels], len, channels);
        start += len;
        scratch::with(rows * len, |columns| {
            columns::copy(geometry, fine, first, block, columns);
            let product = MatrixMut::new(tile, rows, channels);
            multiply(
                arithmetic,
                product,
                Store::Add,
                Matrix::new(columns, rows, len),
                weights,
            );
        });
    }
}

/// Coarse pixels of one task.
fn tile_rows(geometry: &Geometry) -> usize {
    let pixels = geometry.coarse.pixels();
    pixels
        .div_ceil(MIN_TASKS)
        .next_multiple_of(16)
        .min(TILE_ROWS)
}
