//! The matrix products between panels.

use super::panels::{BLOCK, Row};
use crate::simd::{Loop, Simd};

/// Rows of the result that are held in registers, where the processor has 32 of them.
const ROWS: usize = 8;

/// Vectors of a row that are held in registers.
const VECTORS: usize = 2;

/// Pairs that are multiplied at a time, so that their right blocks and the result stay in the
/// innermost cache.
const DEPTH: usize = 2;

/// `result[row] = sum over pairs and k of left[row][k] * right[k]`.
pub(super) struct Multiply<'a> {
    pub result: &'a mut [Row],
    pub left: &'a [Row],
    pub right: &'a [Row],
    /// Where the panels to multiply start in `left`, and the square blocks in `right`.
    pub pairs: &'a [(usize, usize)],
}

impl Loop for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            result,
            left,
            right,
            pairs,
        } = self;
        let (tiles, rest) = result.as_chunks_mut::<ROWS>();
        assert!(rest.is_empty(), "panels have whole tiles of rows");
        for (step, pairs) in pairs.chunks(DEPTH).enumerate() {
            for (tile, rows) in tiles.iter_mut().enumerate() {
                let terms = pairs.iter().map(|&(left_start, right_start)| {
                    let left = &left[left_start + tile * ROWS..];
                    let left: &[Row; ROWS] = left.first_chunk().expect("whole panel");
                    let right = &right[right_start..];
                    let right: &[Row; BLOCK] = right.first_chunk().expect("whole block");
                    (left, right)
                });
                let add = step > 0;
                if S::REGISTER_COUNT >= 32 {
                    multiply_rows::<S, ROWS>(simd, rows, add, 0, terms);
                } else {
                    multiply_rows::<S, { ROWS / 2 }>(simd, rows, add, 0, terms.clone());
                    multiply_rows::<S, { ROWS / 2 }>(simd, rows, add, ROWS / 2, terms);
                }
            }
        }
    }
}

/// `R` rows from row `first` on.
#[inline(always)]
fn multiply_rows<'a, S: Simd, const R: usize>(
    simd: S,
    result: &mut [Row; ROWS],
    add: bool,
    first: usize,
    terms: impl Iterator<Item = (&'a [Row; ROWS], &'a [Row; BLOCK])> + Clone,
) {
    let per_step = VECTORS * S::F32_LANES;
    for column in (0..BLOCK).step_by(per_step) {
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
        if add {
            for (row, sums) in result[first..first + R].iter().zip(&mut sums) {
                let row = S::as_simd_f32s(&row[column..column + per_step]).0;
                sums.copy_from_slice(row);
            }
        }
        for (left, right) in terms.clone() {
            for (k, right) in right.iter().enumerate() {
                let right = S::as_simd_f32s(&right[column..column + per_step]).0;
                for (sums, left) in sums.iter_mut().zip(&left[first..first + R]) {
                    let factor = simd.splat_f32s(left[k]);
                    for (sum, &right) in sums.iter_mut().zip(right) {
                        *sum = simd.mul_add_f32s(factor, right, *sum);
                    }
                }
            }
        }
        for (row, sums) in result[first..first + R].iter_mut().zip(&sums) {
            let row = S::as_mut_simd_f32s(&mut row[column..column + per_step]).0;
            row.copy_from_slice(sums);
        }
    }
}

/// `result[row] = sum over pairs and k of left[k][row] * right[k]`.
pub(super) struct MultiplyTransposed<'a> {
    pub result: &'a mut [Row; BLOCK],
    pub left: &'a [Row],
    pub right: &'a [Row],
    /// Where the panels to multiply start in `left` and in `right`, and their rows.
    pub pairs: &'a [(usize, usize, usize)],
}

impl Loop for MultiplyTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            result,
            left,
            right,
            pairs,
        } = self;
        let terms = pairs.iter().map(|&(left_start, right_start, rows)| {
            (&left[left_start..][..rows], &right[right_start..][..rows])
        });
        if S::REGISTER_COUNT >= 32 {
            multiply_columns::<S, ROWS>(simd, result, terms);
        } else {
            multiply_columns::<S, { ROWS / 2 }>(simd, result, terms);
        }
    }
}

#[inline(always)]
fn multiply_columns<'a, S: Simd, const R: usize>(
    simd: S,
    result: &mut [Row; BLOCK],
    terms: impl Iterator<Item = (&'a [Row], &'a [Row])> + Clone,
) {
    let per_step = VECTORS * S::F32_LANES;
    for first in (0..BLOCK).step_by(R) {
        for column in (0..BLOCK).step_by(per_step) {
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
            for (left, right) in terms.clone() {
                for (left, right) in left.iter().zip(right) {
                    let right = S::as_simd_f32s(&right[column..column + per_step]).0;
                    for (sums, &left) in sums.iter_mut().zip(&left[first..first + R]) {
                        let factor = simd.splat_f32s(left);
                        for (sum, &right) in sums.iter_mut().zip(right) {
                            *sum = simd.mul_add_f32s(factor, right, *sum);
                        }
                    }
                }
            }
            for (row, sums) in result[first..first + R].iter_mut().zip(&sums) {
                let row = S::as_mut_simd_f32s(&mut row[column..column + per_step]).0;
                row.copy_from_slice(sums);
            }
        }
    }
}
