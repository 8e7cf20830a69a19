//! Fine to coarse, and back.

use std::ops::Range;

use rayon::prelude::*;

use super::Planes;
use super::plane::{Place, Round, Write};
use crate::arithmetic::Bf16;
use crate::bf16::PairRow;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::kernel::{Multiply, Pair};
use crate::blocks::{BLOCK, Row, block_width, with_rows};
use crate::gemm::MatrixMut;
use crate::geometry::{Geometry, Side};
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};
use crate::{bias, scratch, weight_layout};

/// Positions of a task, so that their planes stay in a core's own cache.
const POSITIONS: usize = 256;

/// Panels have whole strips of rows.
const STRIP: usize = 32;

/// Tasks of a small batch: as many again for each image.
const TASKS: usize = 16;

/// `coarse[pixel] = bias + sum over taps of fine[pixel under tap] * weight[tap]`.
pub(crate) fn gather(
    geometry: &Geometry,
    bf16: Bf16,
    fine: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    coarse: &mut [f32],
) {
    let planes = Planes::new(geometry);
    let inputs = (0..planes.phases()).map(|phase| planes.fine(phase));
    let sum = all_terms(&planes, Side::Coarse, 0..planes.phases());
    let convolution = Convolution {
        planes,
        bf16,
        to: Side::Coarse,
        inputs: inputs.collect(),
        outputs: vec![(planes.coarse(0), sum)],
    };
    scratch::with(weight.len(), |rows| {
        weight_layout::columns_to_coarse(geometry, weight, rows);
        convolution.run(fine, rows, bias, coarse);
    });
}

/// `fine[pixel under tap] = bias + sum over coarse pixels of coarse[pixel] * weight[tap]`.
pub(crate) fn spread(
    geometry: &Geometry,
    bf16: Bf16,
    coarse: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    fine: &mut [f32],
) {
    let planes = Planes::new(geometry);
    let output = |phase| {
        let sum = all_terms(&planes, Side::Fine, phase..phase + 1);
        (planes.fine(phase), sum)
    };
    let convolution = Convolution {
        planes,
        bf16,
        to: Side::Fine,
        inputs: vec![planes.coarse(planes.taps - 1)],
        outputs: (0..planes.phases()).map(output).collect(),
    };
    scratch::with(weight.len(), |rows| {
        weight_layout::coarse_to_columns(geometry, weight, geometry.fine.channels, rows);
        convolution.run(coarse, rows, bias, fine);
    });
}

/// One product of a sum.
#[derive(Clone, Copy)]
struct Term {
    /// The index of the input's plane, and a block of its channels.
    plane: usize,
    block: usize,
    shift: usize,
    /// The index of the tap in the kernel.
    tap: usize,
}

/// The terms of the taps of phases. Those that read the same rows follow each other.
fn all_terms(planes: &Planes, to: Side, phases: Range<usize>) -> Vec<Term> {
    let taps = planes.all_taps();
    let mut terms = Vec::new();
    for phase in phases {
        for block in 0..planes.blocks(to.other()) {
            let of_phase = taps.iter().filter(|tap| tap.phase == phase);
            terms.extend(of_phase.map(|tap| {
                let shift = planes.shift(tap.step);
                let (plane, shift) = match to {
                    Side::Coarse => (phase, shift),
                    Side::Fine => (0, planes.max_shift() - shift),
                };
                Term {
                    plane,
                    block,
                    shift,
                    tap: tap.index,
                }
            }));
        }
    }
    terms
}

struct Convolution<'a> {
    planes: Planes<'a>,
    bf16: Bf16,
    to: Side,
    /// The planes of the input.
    inputs: Vec<Place>,
    /// Those of the output, each with the sum that it is.
    outputs: Vec<(Place, Vec<Term>)>,
}

impl Convolution<'_> {
    /// With the weight as rows of the output's channels.
    fn run(&self, input: &[f32], weight: &[f32], bias: Option<&[f32]>, output: &mut [f32]) {
        let geometry = self.planes.geometry;
        let (from, to) = (geometry.grid(self.to.other()), geometry.grid(self.to));
        let (images, blocks) = self.task();
        let terms: usize = self.outputs.iter().map(|(_, terms)| terms.len()).sum();
        let weights = self.planes.blocks(self.to) * terms * BLOCK;
        if !self.planes.reach_all_pixels() {
            bias::fill(output, to.channels, bias);
        }
        with_rows(weights, |weights: &mut [PairRow]| {
            self.round_weight(weight, weights);
            let rows = images * to.height * to.width;
            MatrixMut::new(output, to.pixels(), to.channels)
                .into_tiles(rows, blocks * BLOCK)
                .into_par_iter()
                .for_each(|(rows, columns, output)| {
                    let first = rows.start / (to.height * to.width);
                    let count = rows.len / (to.height * to.width);
                    let input = &input[first * from.image_len()..][..count * from.image_len()];
                    let first = columns.start / BLOCK;
                    let weights = &weights[first * terms * BLOCK..];
                    let bias = bias.map(|bias| &bias[columns.start..][..columns.len]);
                    self.run_task(count, input, weights, bias, output);
                });
        });
    }

    /// The images and the blocks of output channels of a task.
    fn task(&self) -> (usize, usize) {
        let batch = self.planes.geometry.coarse.batch;
        let images = POSITIONS.div_ceil(self.planes.positions()).min(batch);
        let blocks = self.planes.blocks(self.to);
        let parts = TASKS.div_ceil(batch.div_ceil(images)).min(blocks);
        (images, blocks.div_ceil(parts))
    }

    /// Rounds the weights to square blocks: `[block of output channels, output, term]`.
    fn round_weight(&self, rows: &[f32], target: &mut [PairRow]) {
        let geometry = self.planes.geometry;
        let from = geometry.grid(self.to.other()).channels;
        let to = geometry.grid(self.to).channels;
        let terms: Vec<_> = self.outputs.iter().flat_map(|(_, terms)| terms).collect();
        // of a tap, the first row and the rows from one channel to the next
        let row_of = |tap| match self.to {
            Side::Coarse => (tap * from, 1),
            Side::Fine => (tap, geometry.taps()),
        };
        let squares = target.par_chunks_exact_mut(BLOCK).with_min_len(BLOCK);
        squares.enumerate().for_each(|(index, square)| {
            let (block, term) = (index / terms.len(), terms[index % terms.len()]);
            let (first, step) = row_of(term.tap);
            let round = RoundSquare {
                bf16: self.bf16,
                rows: &rows[(first + term.block * BLOCK * step) * to + block * BLOCK..],
                step: step * to,
                size: [block_width(from, term.block), block_width(to, block)],
                square,
            };
            simd::run(Part::WeightLayouts, round);
        });
    }

    fn run_task(
        &self,
        images: usize,
        input: &[f32],
        weights: &[PairRow],
        bias: Option<&[f32]>,
        mut output: MatrixMut,
    ) {
        let from = self.to.other();
        let inner = self.planes.blocks(from);
        let rows = (images * self.planes.positions()).next_multiple_of(STRIP);
        // odd, so that planes do not map to the same cache lines
        let pitch = (rows + self.planes.max_shift()) | 1;
        let [_, columns] = output.sizes();
        with_rows(
            self.inputs.len() * inner * pitch,
            |left: &mut [PairRow]| {
                for (index, target) in left.chunks_exact_mut(pitch).enumerate() {
                    let round = Round {
                        bf16: self.bf16,
                        order: Order::Rows,
                        place: self.inputs[index / inner],
                        values: input,
                        block: index % inner,
                        first: 0,
                        target,
                    };
                    simd::run(Part::Columns, round);
                }
                with_rows(rows, |results: &mut [Row]| {
                    let mut right = 0;
                    for block in 0..columns.div_ceil(BLOCK) {
                        let width = block_width(columns, block);
                        let bias = bias.map(|bias| &bias[block * BLOCK..][..width]);
                        for (place, terms) in &self.outputs {
                            let pair = |(index, term): (usize, &Term)| Pair {
                                left: (term.plane * inner + term.block) * pitch + term.shift,
                                right: right + index * BLOCK,
                                depth: block_width(
                                    self.planes.geometry.grid(from).channels,
                                    term.block,
                                ),
                            };
                            let pairs: Vec<_> = terms.iter().enumerate().map(pair).collect();
                            right += pairs.len() * BLOCK;
                            if pairs.is_empty() {
                                // a stride wider than the kernel skips pixels
                                results.fill([0.0; BLOCK]);
                            } else {
                                self.bf16.multiply(Multiply {
                                    results: [&mut *results],
                                    left,
                                    right: weights,
                                    pairs: &pairs,
                                    step: 0,
                                    width,
                                    add: false,
                                });
                            }
                            let write = Write {
                                results,
                                place: *place,
                                images,
                                bias,
                                first: block * BLOCK,
                                width,
                                output: &mut output,
                            };
                            simd::run(Part::Columns, write);
                        }
                    }
                });
            },
        );
    }
}

/// Rounds a square block of a weight.
struct RoundSquare<'a> {
    bf16: Bf16,
    rows: &'a [f32],
    /// Values from one row to the next.
    step: usize,
    size: [usize; 2],
    square: &'a mut [PairRow],
}

impl Loop for RoundSquare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [height, width] = self.size;
        let mut rows = [[0.0; BLOCK]; BLOCK];
        for (row, source) in rows[..height].iter_mut().zip(self.rows.chunks(self.step)) {
            match source.first_chunk::<BLOCK>() {
                Some(whole) if width == BLOCK => *row = *whole,
                _ => row[..width].copy_from_slice(&source[..width]),
            }
        }
        self.bf16.store(Order::Pairs, &rows[..height], self.square);
    }
}
