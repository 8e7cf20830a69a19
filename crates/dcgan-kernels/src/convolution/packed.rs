//! Coarse to fine with a weight that is laid out in advance: for inference, where the same weight
//! is used for one small batch after the other.
//!
//! Every coarse pixel is multiplied by the weight as in [`spread`](super::spread), but the blocks
//! of the weight lie in memory in the order of the product. A single picture costs little more
//! than reading the weight once.

use rayon::prelude::*;

use super::MIN_TASKS;
use crate::activation::{self, Activation};
use crate::blocks::factors::{F32, Factors};
use crate::blocks::kernel::{Multiply, Pair, ROWS};
use crate::blocks::{BLOCK, Row, with_rows};
use crate::geometry::Geometry;
use crate::profile::{self, Part};
use crate::scratch::AlignedBuffer;
use crate::simd::{self, Loop, Simd};

/// Neighbouring blocks of columns that are computed together.
const PAIR: usize = 2;

/// Pixels of a panel.
const PIXELS: usize = 256;

/// Rows of columns, of one block each, that are computed at a time: 8 MiB if all threads share
/// them, 1 MiB if each thread has its own.
const SHARED_ROWS: usize = 1 << 16;
const OWN_ROWS: usize = 1 << 13;

/// Floats of a weight that fits into a core's cache along with its columns.
const SMALL_WEIGHT: usize = 1 << 16;

/// Floats of fine rows in one task.
const TASK_LEN: usize = 1 << 12;

/// The weight of a layer as `[pair of blocks of columns, block of coarse channels, block of the
/// pair, coarse channel, column]`, with zeros past the last channels and columns. Columns are
/// numbered `tap * fine channels + channel`.
#[derive(Debug)]
pub(crate) struct PackedWeight {
    geometry: Geometry,
    values: AlignedBuffer,
}

impl PackedWeight {
    /// Lays out a weight `[coarse, fine, tap]`.
    pub fn new(geometry: &Geometry, weight: &[f32]) -> Self {
        let (pairs, inner) = (pairs(geometry), inner_blocks(geometry));
        let mut values = AlignedBuffer::new(pairs * inner * PAIR * BLOCK * BLOCK);
        values
            .as_chunks_mut::<BLOCK>()
            .0
            .par_chunks_exact_mut(inner * PAIR * BLOCK)
            .enumerate()
            .for_each(|(pair, rows)| {
                profile::time(Part::WeightLayouts, || {
                    pack_pair(geometry, weight, pair, rows);
                });
            });
        let geometry = *geometry;
        Self { geometry, values }
    }

    /// `fine[pixel under tap] = activation(bias + sum over coarse pixels of coarse[pixel] *
    /// weight[tap])`; the bias has a value for each channel, or for each value of an image.
    pub fn spread(&self, coarse: &[f32], bias: &[f32], activation: Activation, fine: &mut [f32]) {
        let Geometry {
            fine: to,
            coarse: from,
            ..
        } = self.geometry;
        let per_image = from.height * from.width * pairs(&self.geometry) * PAIR;
        // Threads share either the images, or the columns of a few images at a time.
        let enough = from.batch * per_image >= MIN_TASKS * OWN_ROWS;
        let by_image = enough && self.values.len() <= SMALL_WEIGHT;
        let rows = if by_image { OWN_ROWS } else { SHARED_ROWS };
        let images = (rows / per_image).clamp(1, from.batch);
        let chunks = if by_image { 1 } else { usize::MAX };
        let columns = if by_image { usize::MAX } else { 1 };
        coarse
            .par_chunks(images * from.image_len())
            .zip(fine.par_chunks_mut(images * to.image_len()))
            .with_min_len(chunks)
            .for_each(|(coarse, fine)| {
                self.spread_images(columns, coarse, bias, activation, fine);
            });
    }

    /// A few images. Threads share panels in runs of at least `min_panels`.
    fn spread_images(
        &self,
        min_panels: usize,
        coarse: &[f32],
        bias: &[f32],
        activation: Activation,
        fine: &mut [f32],
    ) {
        let pixels = coarse.len() / self.geometry.coarse.channels;
        let groups = pixels.div_ceil(PIXELS);
        // an extra row, so that panels do not map to the same cache lines
        let panel = pixels.min(PIXELS).next_multiple_of(ROWS) + 1;
        with_rows(groups * inner_blocks(&self.geometry) * panel, |left| {
            self.lay_out(min_panels, coarse, panel, left);
            with_rows(groups * pairs(&self.geometry) * PAIR * panel, |columns| {
                self.multiply(min_panels, left, panel, columns);
                let columns = Columns {
                    rows: columns,
                    panel,
                };
                self.add(min_panels, columns, bias, activation, fine);
            });
        });
    }

    /// Coarse pixels as panels: `[group of pixels, block of channels]`.
    fn lay_out(&self, min_panels: usize, coarse: &[f32], panel: usize, left: &mut [Row]) {
        let channels = self.geometry.coarse.channels;
        let blocks = inner_blocks(&self.geometry);
        left.par_chunks_exact_mut(panel)
            .enumerate()
            .with_min_len(min_panels)
            .for_each(|(index, rows)| {
                profile::time(Part::Columns, || {
                    let (group, block) = (index / blocks, index % blocks);
                    let first = block * BLOCK;
                    let width = BLOCK.min(channels - first);
                    let pixels = &coarse[group * PIXELS * channels..];
                    let mut pixels = pixels.chunks_exact(channels).take(PIXELS);
                    for row in rows {
                        match pixels.next() {
                            Some(pixel) if width == BLOCK => {
                                row.copy_from_slice(&pixel[first..][..BLOCK]);
                            }
                            Some(pixel) => {
                                row[..width].copy_from_slice(&pixel[first..][..width]);
                                row[width..].fill(0.0);
                            }
                            None => row.fill(0.0),
                        }
                    }
                });
            });
    }

    /// Columns as panels: `[group of pixels, block of columns]`.
    fn multiply(&self, min_panels: usize, left: &[Row], panel: usize, columns: &mut [Row]) {
        let inner = inner_blocks(&self.geometry);
        let per_group = pairs(&self.geometry);
        let factors: Vec<_> = (0..inner)
            .map(|block| Pair {
                left: block * panel,
                right: block * PAIR * BLOCK,
                depth: BLOCK,
            })
            .collect();
        let weight = self.values.as_chunks::<BLOCK>().0;
        let pair_len = inner * PAIR * BLOCK;
        columns
            .par_chunks_exact_mut(PAIR * panel)
            .enumerate()
            .with_min_len(min_panels)
            .for_each(|(index, panels)| {
                let (group, pair) = (index / per_group, index % per_group);
                let (first, second) = panels.split_at_mut(panel);
                let multiply = Multiply {
                    results: [&mut first[..panel - 1], &mut second[..panel - 1]],
                    left: &left[group * inner * panel..],
                    right: &weight[pair * pair_len..],
                    pairs: &factors,
                    step: BLOCK,
                    width: BLOCK,
                    add: false,
                };
                F32.multiply(multiply);
            });
    }

    /// Sums the columns of the fine pixels, a few rows of pixels at a time.
    fn add(
        &self,
        min_panels: usize,
        columns: Columns,
        bias: &[f32],
        activation: Activation,
        fine: &mut [f32],
    ) {
        let grid = &self.geometry.fine;
        let row_len = grid.width * grid.channels;
        let rows = (TASK_LEN / row_len).max(1);
        fine.par_chunks_mut(rows * row_len)
            .enumerate()
            .with_min_len(min_panels)
            .for_each(|(task, fine)| {
                let add = AddRows {
                    geometry: &self.geometry,
                    columns,
                    bias,
                    first: task * rows,
                    fine,
                };
                simd::run(Part::Columns, add);
                activation::in_place(activation, fine);
            });
    }
}

fn pairs(geometry: &Geometry) -> usize {
    geometry.column_len().div_ceil(PAIR * BLOCK)
}

fn inner_blocks(geometry: &Geometry) -> usize {
    geometry.coarse.channels.div_ceil(BLOCK)
}

/// Columns as panels, `[group of pixels, block of columns]`.
#[derive(Clone, Copy)]
struct Columns<'a> {
    rows: &'a [Row],
    /// Rows of a panel.
    panel: usize,
}

/// One pair of blocks of columns, for all coarse channels.
fn pack_pair(geometry: &Geometry, weight: &[f32], pair: usize, rows: &mut [Row]) {
    let (channels, taps) = (geometry.fine.channels, geometry.taps());
    let columns = geometry.column_len();
    // the place of each of the pair's columns within the weight of a coarse channel
    let places: [[Option<usize>; BLOCK]; PAIR] = std::array::from_fn(|block| {
        std::array::from_fn(|lane| {
            let column = (pair * PAIR + block) * BLOCK + lane;
            let (tap, channel) = (column / channels, column % channels);
            (column < columns).then_some(channel * taps + tap)
        })
    });
    for (inner, rows) in rows.chunks_exact_mut(PAIR * BLOCK).enumerate() {
        for (rows, places) in rows.chunks_exact_mut(BLOCK).zip(&places) {
            for (k, row) in rows.iter_mut().enumerate() {
                let of_channel = weight.chunks_exact(columns).nth(inner * BLOCK + k);
                for (value, place) in row.iter_mut().zip(places) {
                    *value = match (of_channel, place) {
                        (Some(weight), &Some(place)) => weight[place],
                        _ => 0.0,
                    };
                }
            }
        }
    }
}

/// A few neighbouring rows of fine pixels.
struct AddRows<'a> {
    geometry: &'a Geometry,
    columns: Columns<'a>,
    bias: &'a [f32],
    /// The first of the rows, counted over all images.
    first: usize,
    fine: &'a mut [f32],
}

impl Loop for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Geometry {
            fine: grid,
            coarse,
            window,
        } = self.geometry;
        let row_len = grid.width * grid.channels;
        for (index, fine) in self.fine.chunks_exact_mut(row_len).enumerate() {
            let (image, y) = (
                (self.first + index) / grid.height,
                (self.first + index) % grid.height,
            );
            let start = y * row_len % self.bias.len();
            let of_row = &self.bias[start..];
            for values in fine.chunks_mut(of_row.len().min(row_len)) {
                values.copy_from_slice(&of_row[..values.len()]);
            }
            for ky in 0..window.kernel {
                // the coarse row, if any, that meets this one through the tap
                let Some(from) = (y + window.padding).checked_sub(ky) else {
                    continue;
                };
                let coarse_y = from / window.stride;
                if from % window.stride == 0 && coarse_y < coarse.height {
                    let first = (image * coarse.height + coarse_y) * coarse.width;
                    add_row(self.geometry, self.columns, first, ky, fine);
                }
            }
        }
    }
}

/// Adds the contribution of a row of coarse pixels, starting with number `first`, to a row of
/// fine pixels through the taps of row `ky` of the kernel.
#[inline(always)]
fn add_row(geometry: &Geometry, columns: Columns, first: usize, ky: usize, fine: &mut [f32]) {
    let channels = geometry.fine.channels;
    let panel = columns.panel;
    for x in 0..geometry.coarse.width {
        let (taps, fine_x) = geometry.valid_taps(x, geometry.fine.width);
        if taps.is_empty() {
            continue;
        }
        let (group, row) = ((first + x) / PIXELS, (first + x) % PIXELS);
        let panels = &columns.rows[group * pairs(geometry) * PAIR * panel..];
        let mut column = (ky * geometry.window.kernel + taps.start) * channels;
        let mut target = &mut fine[fine_x * channels..][..taps.len() * channels];
        while !target.is_empty() {
            let (block, lane) = (column / BLOCK, column % BLOCK);
            let len = target.len().min(BLOCK - lane);
            let (here, rest) = target.split_at_mut(len);
            let row = &panels[block * panel + row];
            if len == BLOCK {
                add_whole(here, row);
            } else {
                for (sum, value) in here.iter_mut().zip(&row[lane..lane + len]) {
                    *sum += value;
                }
            }
            column += len;
            target = rest;
        }
    }
}

#[inline(always)]
fn add_whole(target: &mut [f32], row: &Row) {
    for (sum, value) in target.iter_mut().zip(row) {
        *sum += value;
    }
}
