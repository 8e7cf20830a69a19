//! Rounds the pixels of images into a plane, and writes those of a plane of results.

use std::ops::Range;

use crate::arithmetic::Bf16;
use crate::bf16::PairRow;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::{BLOCK, Row, block_width};
use crate::gemm::MatrixMut;
use crate::nhwc::Nhwc;
use crate::simd::{Loop, Simd};

/// Positions that are rounded together.
const RUN: usize = 8;

/// Which pixels the positions of an image have: in each dimension, position `p` has pixel
/// `stride * p + first`, if there is one.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub grid: Nhwc,
    /// Positions of an image, `[y, x]`.
    pub size: [usize; 2],
    pub stride: usize,
    pub first: [isize; 2],
}

impl Place {
    /// The positions along a dimension that have a pixel, and the pixel of the first one.
    pub fn valid(&self, dimension: usize) -> (Range<usize>, usize) {
        let pixels = [self.grid.height, self.grid.width][dimension] as isize;
        let (stride, first) = (self.stride as isize, self.first[dimension]);
        // the number of positions before pixel 0, and before the pixel past the last one
        let before = |pixel: isize| (pixel - first).max(0).unsigned_abs().div_ceil(self.stride);
        let end = before(pixels).min(self.size[dimension]);
        let start = before(0).min(end);
        (
            start..end,
            (stride * start as isize + first).max(0).unsigned_abs(),
        )
    }

    /// The index of each position's pixel from `position` on, counted from the first image's, and
    /// then no more.
    fn pixels(self, images: usize, position: usize) -> impl Iterator<Item = Option<usize>> {
        let [height, width] = self.size;
        let (ys, first_y) = self.valid(0);
        let (xs, first_x) = self.valid(1);
        let (mut row, mut x) = (position / width, position % width);
        let start_of_row = move |row: usize| {
            let (image, y) = (row / height, row % height);
            (image < images && ys.contains(&y)).then(|| {
                let y = first_y + (y - ys.start) * self.stride;
                (image * self.grid.height + y) * self.grid.width + first_x
            })
        };
        let mut start = start_of_row(row);
        std::iter::from_fn(move || {
            if x == width {
                (row, x) = (row + 1, 0);
                start = start_of_row(row);
            }
            let pixel = match start {
                Some(start) if xs.contains(&x) => Some(start + (x - xs.start) * self.stride),
                _ => None,
            };
            x += 1;
            Some(pixel)
        })
    }
}

/// Rounds one block of channels of consecutive positions, from `first` on. Zeros are where there is
/// no pixel, and after the last image.
pub(super) struct Round<'a> {
    pub bf16: Bf16,
    pub order: Order,
    pub place: Place,
    /// Whole images.
    pub values: &'a [f32],
    pub block: usize,
    pub first: usize,
    pub target: &'a mut [PairRow],
}

impl Loop for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let grid = self.place.grid;
        let images = self.values.len() / grid.image_len();
        let width = block_width(grid.channels, self.block);
        let mut pixels = self.place.pixels(images, self.first);
        let mut run = [[0.0; BLOCK]; RUN];
        for target in self.target.chunks_mut(RUN) {
            let run = &mut run[..target.len()];
            for row in &mut *run {
                match pixels.next().flatten() {
                    Some(pixel) => {
                        let source = &self.values[pixel * grid.channels + self.block * BLOCK..];
                        match source.first_chunk::<BLOCK>() {
                            Some(whole) if width == BLOCK => *row = *whole,
                            _ => row[..width].copy_from_slice(&source[..width]),
                        }
                    }
                    None => *row = [0.0; BLOCK],
                }
            }
            self.bf16.store(self.order, run, target);
        }
    }
}

/// Writes one block of channels of whole images, the pixels that the positions of a plane have.
pub(super) struct Write<'a, 'b> {
    pub results: &'a [Row],
    pub place: Place,
    pub images: usize,
    pub bias: Option<&'a [f32]>,
    /// The first of the channels, and their number.
    pub first: usize,
    pub width: usize,
    /// `[pixel, channel]`
    pub output: &'a mut MatrixMut<'b>,
}

impl Loop for Write<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { place, width, .. } = self;
        let mut bias = [0.0; BLOCK];
        if let Some(values) = self.bias {
            bias[..width].copy_from_slice(values);
        }
        let (ys, first_y) = place.valid(0);
        let (xs, first_x) = place.valid(1);
        for image in 0..self.images {
            for y in ys.clone() {
                let pixel_y = first_y + (y - ys.start) * place.stride;
                let pixel = (image * place.grid.height + pixel_y) * place.grid.width + first_x;
                let start = (image * place.size[0] + y) * place.size[1];
                for (index, row) in self.results[start..][xs.clone()].iter().enumerate() {
                    let target = self.output.row_mut(pixel + index * place.stride);
                    let target = &mut target[self.first..][..width];
                    // a whole block has a length that the compiler knows
                    match target.first_chunk_mut::<BLOCK>() {
                        Some(whole) => write_sum(whole, row, &bias),
                        None => write_sum(target, row, &bias),
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn write_sum(target: &mut [f32], row: &Row, bias: &Row) {
    for ((target, result), bias) in target.iter_mut().zip(row).zip(bias) {
        *target = result + bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_have_the_pixels_of_their_phase_and_none_at_the_edges() {
        let place = Place {
            grid: Nhwc {
                batch: 2,
                height: 2,
                width: 5,
                channels: 1,
            },
            size: [2, 4],
            stride: 2,
            first: [-1, -1],
        };
        let pixels: Vec<_> = place.pixels(2, 5).take(14).collect();
        // rows 1 of both images: their row 0 is above the first pixel
        let row = |image: usize| [None, Some(image * 10 + 6), Some(image * 10 + 8), None];
        let mut expected = row(0)[1..].to_vec();
        expected.extend([None; 4]);
        expected.extend(row(1));
        expected.extend([None; 3]);
        assert_eq!(pixels, expected);
    }
}
