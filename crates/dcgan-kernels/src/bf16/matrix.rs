//! Products of matrices in bf16: the layers that are not transformed.
//!
//! Both factors are rounded into panels, which are multiplied as those of Winograd's method. What
//! that costs is small where each number is used for dozens of products.

use super::PairRow;
use crate::arithmetic::Bf16;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::kernel::{Multiply, Pair, ROWS};
use crate::blocks::transposed::{MultiplyTransposed, RowRun};
use crate::blocks::{BLOCK, Row, block_width, with_rows};
use crate::gemm::{Matrix, MatrixMut, Store};
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Rows that are rounded together.
const RUN: usize = 8;

/// Values of a sum that are taken together, if the left factor is transposed.
const RUN_DEPTH: usize = 64;

/// `product = left * right`, or `product += left * right`, on the calling thread.
pub(crate) fn multiply(bf16: Bf16, product: MatrixMut, store: Store, left: Matrix, right: Matrix) {
    let [depth, columns] = right.sizes();
    let blocks = columns.div_ceil(BLOCK);
    let panel = depth.next_multiple_of(BLOCK);
    with_rows(blocks * panel, |panels: &mut [PairRow]| {
        pack(bf16, Order::Pairs, right, panel, panels);
        match left.transposed_if_so() {
            None => multiply_rows(bf16, product, store, left, panels, panel),
            Some(left) => multiply_transposed(bf16, product, store, left, panels, panel),
        }
    });
}

/// With the rows of `left`, and the right factor as panels of `panel` rows.
fn multiply_rows(
    bf16: Bf16,
    mut product: MatrixMut,
    store: Store,
    left: Matrix,
    right: &[PairRow],
    right_panel: usize,
) {
    let [rows, columns] = product.sizes();
    let [_, depth] = left.sizes();
    let inner = depth.div_ceil(BLOCK);
    // an extra row, so that panels do not map to the same cache lines
    let panel = rows.next_multiple_of(ROWS) + 1;
    let pairs: Vec<_> = (0..inner)
        .map(|block| Pair {
            left: block * panel,
            right: block * BLOCK,
            depth: block_width(depth, block),
        })
        .collect();
    with_rows(inner * panel, |left_rows: &mut [PairRow]| {
        pack(bf16, Order::Rows, left, panel, left_rows);
        with_rows(2 * panel, |results: &mut [Row]| {
            let (one, two) = results.split_at_mut(panel);
            let (one, two) = (&mut one[..panel - 1], &mut two[..panel - 1]);
            let mut block = 0;
            while block * BLOCK < columns {
                let right = &right[block * right_panel..];
                let width = block_width(columns, block);
                if (block + 2) * BLOCK <= columns {
                    bf16.multiply(Multiply {
                        results: [&mut *one, &mut *two],
                        left: left_rows,
                        right,
                        pairs: &pairs,
                        step: right_panel,
                        width: BLOCK,
                        add: false,
                    });
                    product.write(block * BLOCK, BLOCK, store, &one[..rows]);
                    product.write((block + 1) * BLOCK, BLOCK, store, &two[..rows]);
                    block += 2;
                } else {
                    bf16.multiply(Multiply {
                        results: [&mut *one],
                        left: left_rows,
                        right,
                        pairs: &pairs,
                        step: 0,
                        width,
                        add: false,
                    });
                    product.write(block * BLOCK, width, store, &one[..rows]);
                    block += 1;
                }
            }
        });
    });
}

/// With `left` transposed: its rows are those of `right`.
fn multiply_transposed(
    bf16: Bf16,
    mut product: MatrixMut,
    store: Store,
    left: Matrix,
    right: &[PairRow],
    panel: usize,
) {
    let [rows, columns] = product.sizes();
    let [depth, _] = left.sizes();
    let blocks = rows.div_ceil(BLOCK);
    with_rows(blocks * panel, |left_rows: &mut [PairRow]| {
        pack(bf16, Order::Pairs, left, panel, left_rows);
        with_rows(blocks * BLOCK, |results: &mut [Row]| {
            for other in 0..columns.div_ceil(BLOCK) {
                let width = block_width(columns, other);
                let runs: Vec<_> = (0..depth)
                    .step_by(RUN_DEPTH)
                    .map(|first| RowRun {
                        rows: RUN_DEPTH.min(depth - first),
                        left: (0..blocks).map(|block| block * panel + first).collect(),
                        right: vec![other * panel + first],
                    })
                    .collect();
                bf16.multiply_transposed(MultiplyTransposed {
                    results: results.as_chunks_mut().0,
                    left: left_rows,
                    right,
                    runs: &runs,
                    channels: rows,
                    width,
                    add: false,
                });
                product.write(other * BLOCK, width, store, &results[..rows]);
            }
        });
    });
}

/// Rounds a matrix into panels of a block of its columns.
fn pack(bf16: Bf16, order: Order, matrix: Matrix, panel: usize, panels: &mut [PairRow]) {
    for (block, panel) in panels.chunks_exact_mut(panel).enumerate() {
        let pack = Pack {
            bf16,
            order,
            matrix,
            block,
            panel,
        };
        simd::run(Part::Products, pack);
    }
}

struct Pack<'a> {
    bf16: Bf16,
    order: Order,
    matrix: Matrix<'a>,
    block: usize,
    panel: &'a mut [PairRow],
}

impl Loop for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [rows, columns] = self.matrix.sizes();
        let width = block_width(columns, self.block);
        let start = self.block * BLOCK;
        let mut run = [[0.0; BLOCK]; RUN];
        for (first, target) in (0..rows).step_by(RUN).zip(self.panel.chunks_mut(RUN)) {
            let count = RUN.min(rows - first);
            for (index, row) in run[..count].iter_mut().enumerate() {
                let source = &self.matrix.row(first + index)[start..];
                match source.first_chunk::<BLOCK>() {
                    Some(whole) if width == BLOCK => *row = *whole,
                    _ => row[..width].copy_from_slice(&source[..width]),
                }
            }
            self.bf16.store(self.order, &run[..count], target);
        }
    }
}
