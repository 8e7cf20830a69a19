//! Matrix products on checked strided views.
//!
//! The `gemm` crate takes raw pointers, and different threads write tiles of one matrix, hence the
//! `unsafe`. The rest of this crate's is a prefetch in `blocks` and the instructions in `bf16`.
//! Every product runs on one thread.
//! Callers cut their work into tasks that depend on the shape alone, so results do not depend on
//! the number of threads.

#![expect(
    unsafe_code,
    reason = "raw pointers of the gemm crate, and tiles that threads write in parallel"
)]

use std::marker::PhantomData;

use rayon::prelude::*;

use crate::arithmetic::Arithmetic;
use crate::bf16;
use crate::blocks::Row;
use crate::profile::{self, Part};

/// A read-only matrix inside a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix that fills `data`.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "matrix does not fill its slice");
        Self {
            data,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The same elements with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// The number of rows, and that of columns.
    pub fn sizes(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// A row of a row-major matrix.
    pub fn row(&self, row: usize) -> &'a [f32] {
        debug_assert_eq!(self.column_stride, 1, "row-major");
        &self.data[row * self.row_stride..][..self.columns]
    }

    /// The row-major matrix that this one is the transpose of, if it is one.
    pub fn transposed_if_so(self) -> Option<Self> {
        (self.column_stride != 1).then(|| self.transposed())
    }

    fn tile(self, rows: &Span, columns: &Span) -> Self {
        assert!(rows.end() <= self.rows && columns.end() <= self.columns);
        let start = rows.start * self.row_stride + columns.start * self.column_stride;
        Self {
            data: &self.data[start..],
            rows: rows.len,
            columns: columns.len,
            ..self
        }
    }
}

/// A writable row-major matrix inside a slice.
pub(crate) struct MatrixMut<'a> {
    data: *mut f32,
    rows: usize,
    columns: usize,
    row_stride: usize,
    lifetime: PhantomData<&'a mut [f32]>,
}

// SAFETY: a `MatrixMut` is an exclusive borrow of the elements inside its rows and columns,
// like the `&mut [f32]` that it was made from.
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// A row-major matrix that fills `data`.
    pub fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "matrix does not fill its slice");
        Self {
            data: data.as_mut_ptr(),
            rows,
            columns,
            row_stride: columns,
            lifetime: PhantomData,
        }
    }

    /// The number of rows, and that of columns.
    pub fn sizes(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// Writes, or adds, `width` columns from column `first` on, all rows from the first one.
    pub fn write(&mut self, first: usize, width: usize, store: Store, rows: &[Row]) {
        assert!(rows.len() <= self.rows && first + width <= self.columns);
        for (index, row) in rows.iter().enumerate() {
            // SAFETY: the row lies inside this matrix, which is an exclusive borrow of its elements.
            let target = unsafe {
                let start = self.data.add(index * self.row_stride + first);
                std::slice::from_raw_parts_mut(start, width)
            };
            match store {
                Store::Overwrite => target.copy_from_slice(&row[..width]),
                Store::Add => {
                    for (sum, value) in target.iter_mut().zip(row) {
                        *sum += value;
                    }
                }
            }
        }
    }

    /// A row.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows);
        // SAFETY: the row lies inside this matrix, which is an exclusive borrow of its elements.
        unsafe {
            let start = self.data.add(row * self.row_stride);
            std::slice::from_raw_parts_mut(start, self.columns)
        }
    }

    /// Cuts the matrix into tiles of at most `rows` by `columns`, each with its place.
    pub fn into_tiles(self, rows: usize, columns: usize) -> Vec<(Span, Span, MatrixMut<'a>)> {
        let column_spans = spans(self.columns, columns);
        let mut tiles = Vec::new();
        for row_span in spans(self.rows, rows) {
            for column_span in &column_spans {
                let offset = row_span.start * self.row_stride + column_span.start;
                let tile = MatrixMut {
                    // SAFETY: the tile starts inside this matrix, hence inside its slice. The
                    // spans of a grid do not overlap, and `self` is consumed, so every element
                    // belongs to one tile.
                    data: unsafe { self.data.add(offset) },
                    rows: row_span.len,
                    columns: column_span.len,
                    row_stride: self.row_stride,
                    lifetime: PhantomData,
                };
                tiles.push((row_span, *column_span, tile));
            }
        }
        tiles
    }
}

/// What a product does with the values in its destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Overwrite,
    Add,
}

/// `product = left * right`, or `product += left * right`, on the calling thread, where `right` is
/// row-major.
pub(crate) fn multiply(
    arithmetic: Arithmetic,
    product: MatrixMut,
    store: Store,
    left: Matrix,
    right: Matrix,
) {
    match arithmetic {
        Arithmetic::F32 => multiply_f32(product, store, left, right),
        Arithmetic::Bf16(bf16) => bf16::multiply(bf16, product, store, left, right),
    }
}

fn multiply_f32(product: MatrixMut, store: Store, left: Matrix, right: Matrix) {
    assert_eq!((product.rows, product.columns), (left.rows, right.columns));
    assert_eq!(
        left.columns, right.rows,
        "inner sizes of a matrix product differ"
    );
    // SAFETY: the constructors and `tile` keep every element of the three views inside its
    // slice, and `product` is an exclusive borrow, so it does not overlap the other two.
    profile::time(Part::Products, || unsafe {
        gemm::gemm(
            product.rows,
            product.columns,
            left.columns,
            product.data,
            1,
            product.row_stride as isize,
            store == Store::Add,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    });
}

/// [`multiply`] in `f32` with the product cut along its longer side into tasks for all threads.
pub(crate) fn multiply_parallel(product: MatrixMut, store: Store, left: Matrix, right: Matrix) {
    let (rows, columns) = parallel_tile(product.rows, product.columns);
    product
        .into_tiles(rows, columns)
        .into_par_iter()
        .for_each(|(rows, columns, tile)| {
            let left = left.tile(
                &rows,
                &Span {
                    start: 0,
                    len: left.columns,
                },
            );
            let right = right.tile(
                &Span {
                    start: 0,
                    len: right.rows,
                },
                &columns,
            );
            multiply_f32(tile, store, left, right);
        });
}

/// Rows and columns of a task: up to sixteen tasks, none very thin.
fn parallel_tile(rows: usize, columns: usize) -> (usize, usize) {
    const TASKS: usize = 16;
    if columns >= rows {
        (rows, columns.div_ceil(TASKS).next_multiple_of(64))
    } else {
        (rows.div_ceil(TASKS).next_multiple_of(32), columns)
    }
}

/// A run of rows or columns.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub start: usize,
    pub len: usize,
}

impl Span {
    fn end(&self) -> usize {
        self.start + self.len
    }
}

fn spans(total: usize, size: usize) -> Vec<Span> {
    (0..total)
        .step_by(size)
        .map(|start| Span {
            start,
            len: size.min(total - start),
        })
        .collect()
}
