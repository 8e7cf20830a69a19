//! Weight gradient: for every tap, the sum over coarse pixels of fine value times coarse
//! gradient.

use std::ops::Range;

use rayon::prelude::*;

use super::TILE_ROWS;
use super::columns::{self, Block};
use crate::arithmetic::Arithmetic;
use crate::gemm::{Matrix, MatrixMut, Store, multiply};
use crate::geometry::Geometry;
use crate::{scratch, weight_layout};

/// The number of tasks to aim for, and the fewest pixels of one.
const TASKS: usize = 32;
const MIN_PIXELS: usize = 1024;

/// `gradient[coarse channel, fine channel, tap]`, summed over the batch.
pub(super) fn weight_gradient(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    fine: &[f32],
    coarse: &[f32],
    gradient: &mut [f32],
) {
    let blocks = columns::blocks(geometry);
    let pixels = pixels_per_part(geometry, blocks.len());
    let parts = geometry.coarse.pixels().div_ceil(pixels);
    scratch::with(parts * geometry.weight_len(), |sums| {
        tasks(geometry, &blocks, pixels, sums)
            .into_par_iter()
            .for_each(|task| {
                task.run(geometry, arithmetic, fine, coarse);
            });
        weight_layout::gradient_from_columns(geometry, sums, gradient);
    });
}

/// One block of the columns over one part of the pixels.
struct Task<'a> {
    block: &'a Block,
    pixels: Range<usize>,
    sum: &'a mut [f32],
}

impl Task<'_> {
    fn run(self, geometry: &Geometry, arithmetic: Arithmetic, fine: &[f32], coarse: &[f32]) {
        let (len, channels) = (self.block.len(), geometry.coarse.channels);
        let mut store = Store::Overwrite;
        for first in self.pixels.clone().step_by(TILE_ROWS) {
            let rows = TILE_ROWS.min(self.pixels.end - first);
            let coarse = &coarse[first * channels..][..rows * channels];
            scratch::with(rows * len, |columns| {
                columns::copy(geometry, fine, first, self.block, columns);
                let left = Matrix::new(columns, rows, len).transposed();
                let right = Matrix::new(coarse, rows, channels);
                let product = MatrixMut::new(self.sum, len, channels);
                multiply(arithmetic, product, store, left, right);
            });
            store = Store::Add;
        }
    }
}

/// Cuts `sums`, one `[tap, fine, coarse]` matrix for each part of the pixels, into tasks.
fn tasks<'a>(
    geometry: &Geometry,
    blocks: &'a [Block],
    pixels: usize,
    sums: &'a mut [f32],
) -> Vec<Task<'a>> {
    let mut tasks = Vec::new();
    let mut rest = sums;
    for pixels in columns::steps(geometry.coarse.pixels(), pixels) {
        for block in blocks {
            let (sum, after) = rest.split_at_mut(block.len() * geometry.coarse.channels);
            rest = after;
            tasks.push(Task {
                block,
                pixels: pixels.clone(),
                sum,
            });
        }
    }
    tasks
}

/// Wide layers have enough blocks for all threads; narrow ones are cut along the batch.
fn pixels_per_part(geometry: &Geometry, blocks: usize) -> usize {
    let parts = TASKS.div_ceil(blocks);
    let pixels = geometry.coarse.pixels().div_ceil(parts);
    pixels.max(MIN_PIXELS).next_multiple_of(TILE_ROWS)
}
