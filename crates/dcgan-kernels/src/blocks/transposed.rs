//! Products of panels with panels, summed over their rows: gradients of weights.

use super::kernel::{ROWS, VECTORS, strips};
use super::prefetch::prefetch;
use super::{BLOCK, Row, block_width};
use crate::simd::{Loop, Simd};

/// Rows that are multiplied together: few enough for the innermost cache.
pub(crate) struct RowRun {
    pub rows: usize,
    /// Where they start in `left`, for each block.
    pub left: Vec<usize>,
    /// Where they start in `right`, for each block.
    pub right: Vec<usize>,
}

/// `result[row] = sum over runs and k of left[k][row] * right[k]`, for every pair of a block
/// on the right and one on the left.
pub(crate) struct MultiplyTransposed<'a> {
    pub results: &'a mut [[Row; BLOCK]],
    pub left: &'a [Row],
    pub right: &'a [Row],
    pub runs: &'a [RowRun],
    /// The left channels: rows of the results of all left blocks that exist.
    pub channels: usize,
    /// The columns of a result that exist.
    pub width: usize,
    /// Whether the sums are added to what the results hold.
    pub add: bool,
}

impl Loop for MultiplyTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            results,
            left: lefts,
            right: rights,
            runs,
            channels,
            width,
            add,
        } = self;
        let blocks = runs[0].left.len();
        for block in 0..blocks {
            let size = [block_width(channels, block), width];
            for (step, run) in runs.iter().enumerate() {
                let left = &lefts[run.left[block]..][..run.rows];
                // the next run of tiles; after the last one, any
                let (next, next_block) = match runs.get(step + 1) {
                    Some(next) => (next, block),
                    None => (&runs[0], (block + 1) % blocks),
                };
                for (other, &start) in run.right.iter().enumerate() {
                    let result = &mut results[other * blocks + block];
                    let right = &rights[start..][..run.rows];
                    let ahead = match run.right.get(other + 1) {
                        Some(&start) => [left, &rights[start..][..run.rows]],
                        None => [
                            &lefts[next.left[next_block]..][..next.rows],
                            &rights[next.right[0]..][..next.rows],
                        ],
                    };
                    let add = add || step > 0;
                    if S::REGISTER_COUNT >= 32 {
                        multiply_columns::<S, ROWS>(simd, result, size, add, left, right, ahead);
                    } else {
                        multiply_columns::<S, { ROWS / 2 }>(
                            simd, result, size, add, left, right, ahead,
                        );
                    }
                }
            }
        }
    }
}

/// The rows and columns of a result that exist.
#[inline(always)]
fn multiply_columns<S: Simd, const R: usize>(
    simd: S,
    result: &mut [Row; BLOCK],
    [height, width]: [usize; 2],
    add: bool,
    left: &[Row],
    right: &[Row],
    ahead: [&[Row]; 2],
) {
    for first in (0..height).step_by(R) {
        for (column, vectors) in strips::<S>(width) {
            // Fetched little by little, by the first two of the passes.
            let ahead = match (first / R, column) {
                (0, 0) => ahead[0],
                (1, 0) => ahead[1],
                _ => &[],
            };
            let corner = [first, column];
            match vectors {
                1 => multiply_corner::<S, R, 1>(simd, result, corner, add, left, right, ahead),
                3 => multiply_corner::<S, R, 3>(simd, result, corner, add, left, right, ahead),
                _ => {
                    multiply_corner::<S, R, VECTORS>(simd, result, corner, add, left, right, ahead);
                }
            }
        }
    }
}

/// `R` rows of `V` vectors of a result.
#[inline(always)]
fn multiply_corner<S: Simd, const R: usize, const V: usize>(
    simd: S,
    result: &mut [Row; BLOCK],
    [first, column]: [usize; 2],
    add: bool,
    left: &[Row],
    right: &[Row],
    ahead: &[Row],
) {
    let columns = column..column + V * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    if add {
        for (row, sums) in result[first..first + R].iter().zip(&mut sums) {
            sums.copy_from_slice(S::as_simd_f32s(&row[columns.clone()]).0);
        }
    }
    let mut ahead = ahead.iter();
    for (left, right) in left.iter().zip(right) {
        if let Some(row) = ahead.next() {
            prefetch(row);
        }
        let right = S::as_simd_f32s(&right[columns.clone()]).0;
        for (sums, &left) in sums.iter_mut().zip(&left[first..first + R]) {
            let factor = simd.splat_f32s(left);
            for (sum, &right) in sums.iter_mut().zip(right) {
                *sum = simd.mul_add_f32s(factor, right, *sum);
            }
        }
    }
    for (row, sums) in result[first..first + R].iter_mut().zip(&sums) {
        let row = S::as_mut_simd_f32s(&mut row[columns.clone()]).0;
        row.copy_from_slice(sums);
    }
}
