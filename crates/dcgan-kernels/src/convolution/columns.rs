//! Copies the column of fine values under each coarse pixel's window, tile by tile (im2col), and
//! its adjoint (col2im).

use std::ops::Range;

use super::TILE_COLUMNS;
use crate::geometry::{Geometry, Pixel};
use crate::profile::{self, Part};
use crate::simd::{Loop, Simd};

/// A part of the columns that is contiguous in the order `[ky, kx, channel]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    ky: Range<usize>,
    kx: Range<usize>,
    channels: Range<usize>,
}

impl Block {
    pub fn len(&self) -> usize {
        self.ky.len() * self.kx.len() * self.channels.len()
    }
}

/// Cuts the columns, in their order, into blocks of at most [`TILE_COLUMNS`] values.
pub(super) fn blocks(geometry: &Geometry) -> Vec<Block> {
    let (kernel, channels) = (geometry.window.kernel, geometry.fine.channels);
    let per_row = kernel * channels;
    let ky_step = (TILE_COLUMNS / per_row).clamp(1, kernel);
    let kx_step = if ky_step > 1 {
        kernel
    } else {
        (TILE_COLUMNS / channels).clamp(1, kernel)
    };
    let channel_step = channels.min(TILE_COLUMNS);
    let mut blocks = Vec::new();
    for ky in steps(kernel, ky_step) {
        for kx in steps(kernel, kx_step) {
            for channels in steps(channels, channel_step) {
                blocks.push(Block {
                    ky: ky.clone(),
                    kx: kx.clone(),
                    channels,
                });
            }
        }
    }
    blocks
}

/// `0..total` in runs of `step`, the last one shorter.
pub(super) fn steps(total: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..total)
        .step_by(step)
        .map(move |start| start..total.min(start + step))
}

/// Copies one block of the columns of consecutive coarse pixels, starting with pixel `first`.
/// Values from the padding are zero.
pub(super) fn copy(
    geometry: &Geometry,
    fine: &[f32],
    first: usize,
    block: &Block,
    columns: &mut [f32],
) {
    profile::time(Part::Columns, || {
        let mut pixel = Pixel::at(&geometry.coarse, first);
        for column in columns.chunks_exact_mut(block.len()) {
            copy_column(geometry, fine, pixel, block, column);
            pixel.advance(&geometry.coarse);
        }
    });
}

fn copy_column(geometry: &Geometry, fine: &[f32], pixel: Pixel, block: &Block, column: &mut [f32]) {
    let grid = &geometry.fine;
    let (ky_valid, fine_y) = geometry.valid_taps(pixel.y, grid.height);
    let (kx_valid, fine_x) = geometry.valid_taps(pixel.x, grid.width);
    let kx = kx_valid.start.max(block.kx.start)..kx_valid.end.min(block.kx.end);
    let width = block.channels.len();
    let row_len = block.kx.len() * width;
    for (ky, row) in block.ky.clone().zip(column.chunks_exact_mut(row_len)) {
        if !ky_valid.contains(&ky) || kx.is_empty() {
            row.fill(0.0);
            continue;
        }
        let y = fine_y + ky - ky_valid.start;
        let x = fine_x + kx.start - kx_valid.start;
        let source = &fine[((pixel.image * grid.height + y) * grid.width + x) * grid.channels..];
        let inside = (kx.start - block.kx.start) * width..(kx.end - block.kx.start) * width;
        row[..inside.start].fill(0.0);
        row[inside.end..].fill(0.0);
        copy_taps(&mut row[inside], source, &block.channels, grid.channels);
    }
}

/// Copies neighbouring pixels: in one run if all of their channels are needed.
#[inline(always)]
fn copy_taps(target: &mut [f32], source: &[f32], channels: &Range<usize>, stride: usize) {
    if channels.len() == stride {
        target.copy_from_slice(&source[..target.len()]);
    } else {
        for (tap, values) in target.chunks_exact_mut(channels.len()).enumerate() {
            values.copy_from_slice(&source[tap * stride..][channels.clone()]);
        }
    }
}

/// Adds the columns of consecutive coarse pixels to the fine values they were copied from.
pub(super) struct AddColumns<'a> {
    pub geometry: &'a Geometry,
    /// `[pixel, tap, channel]`, for `channels` only.
    pub columns: &'a [f32],
    /// The first of the coarse pixels, counted from the first image of `fine`.
    pub first: usize,
    pub channels: &'a Range<usize>,
    pub fine: &'a mut [f32],
}

impl Loop for AddColumns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Geometry {
            fine: grid,
            coarse,
            window,
        } = self.geometry;
        let width = self.channels.len();
        let mut pixel = Pixel::at(coarse, self.first);
        for column in self.columns.chunks_exact(self.geometry.taps() * width) {
            let (ky_valid, fine_y) = self.geometry.valid_taps(pixel.y, grid.height);
            let (kx_valid, fine_x) = self.geometry.valid_taps(pixel.x, grid.width);
            // Without a valid column the row below may lie outside the image too.
            let rows = if kx_valid.is_empty() { 0..0 } else { ky_valid };
            for (row, ky) in rows.enumerate() {
                let start = (pixel.image * grid.height + fine_y + row) * grid.width + fine_x;
                let values = &column[(ky * window.kernel + kx_valid.start) * width..];
                let values = &values[..kx_valid.len() * width];
                let target = &mut self.fine[start * grid.channels..];
                add_taps(target, values, self.channels, grid.channels);
            }
            pixel.advance(coarse);
        }
    }
}

#[inline(always)]
fn add_taps(target: &mut [f32], values: &[f32], channels: &Range<usize>, stride: usize) {
    if channels.len() == stride {
        add_to(&mut target[..values.len()], values);
    } else {
        for (tap, values) in values.chunks_exact(channels.len()).enumerate() {
            add_to(&mut target[tap * stride..][channels.clone()], values);
        }
    }
}

#[inline(always)]
fn add_to(target: &mut [f32], values: &[f32]) {
    for (target, value) in target.iter_mut().zip(values) {
        *target += value;
    }
}
