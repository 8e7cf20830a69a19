//! Products of panels with panels, summed over their rows: gradients of weights.

use super::kernel::{ROWS, VECTORS, strips};
use super::prefetch::prefetch;
use super::unit::{Unit, Work};
use super::{BLOCK, Row, block_width, long_rows};

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
///
/// The factors consist of rows `T` as they are stored: `[f32; 32]`, or `[u32; 16]`, of which two
/// hold two values of `k`, word by word. Then a run has an even number of rows; a last one without
/// a partner is followed by zeros.
pub(crate) struct MultiplyTransposed<'a, T> {
    pub results: &'a mut [[Row; BLOCK]],
    pub left: &'a [T],
    pub right: &'a [T],
    pub runs: &'a [RowRun],
    /// The left channels: rows of the results of all left blocks that exist.
    pub channels: usize,
    /// The columns of a result that exist.
    pub width: usize,
    /// Whether the sums are added to what the results hold.
    pub add: bool,
}

impl<Word: Copy + 'static, const D: usize> Work for MultiplyTransposed<'_, [Word; D]> {
    type Word = Word;

    #[inline(always)]
    fn run<U: Unit<Word = Word>>(self, unit: U) {
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
                let rows = |factor, start, run: &RowRun| rows_of_run(factor, start, run.rows);
                let left = rows(lefts, run.left[block], run);
                // the next run of tiles; after the last one, any
                let (next, next_block) = match runs.get(step + 1) {
                    Some(next) => (next, block),
                    None => (&runs[0], (block + 1) % blocks),
                };
                for (other, &start) in run.right.iter().enumerate() {
                    let result = &mut results[other * blocks + block];
                    let right = rows(rights, start, run);
                    let ahead = match run.right.get(other + 1) {
                        Some(&start) => [left, rows(rights, start, run)],
                        None => [
                            rows(lefts, next.left[next_block], next),
                            rows(rights, next.right[0], next),
                        ],
                    };
                    let add = add || step > 0;
                    if U::REGISTERS >= 32 {
                        multiply_columns::<U, ROWS>(unit, result, size, add, left, right, ahead);
                    } else {
                        multiply_columns::<U, { ROWS / 2 }>(
                            unit, result, size, add, left, right, ahead,
                        );
                    }
                }
            }
        }
    }
}

/// The words of a run of rows, one row for each value of `k` or each two.
#[inline(always)]
fn rows_of_run<Word, const D: usize>(
    factor: &[[Word; D]],
    start: usize,
    rows: usize,
) -> &[[Word; BLOCK]] {
    long_rows(&factor[start..][..rows.next_multiple_of(BLOCK / D)])
}

/// The rows and columns of a result that exist.
#[inline(always)]
fn multiply_columns<U: Unit, const R: usize>(
    unit: U,
    result: &mut [Row; BLOCK],
    [height, width]: [usize; 2],
    add: bool,
    left: &[[U::Word; BLOCK]],
    right: &[[U::Word; BLOCK]],
    ahead: [&[[U::Word; BLOCK]]; 2],
) {
    for first in (0..height).step_by(R) {
        for (column, vectors) in strips::<U>(width) {
            // Fetched little by little, by the first two of the passes.
            let ahead = match (first / R, column) {
                (0, 0) => ahead[0],
                (1, 0) => ahead[1],
                _ => &[],
            };
            let corner = [first, column];
            match vectors {
                1 => multiply_corner::<U, R, 1>(unit, result, corner, add, left, right, ahead),
                3 => multiply_corner::<U, R, 3>(unit, result, corner, add, left, right, ahead),
                _ => {
                    multiply_corner::<U, R, VECTORS>(unit, result, corner, add, left, right, ahead);
                }
            }
        }
    }
}

/// `R` rows of `V` vectors of a result.
#[inline(always)]
fn multiply_corner<U: Unit, const R: usize, const V: usize>(
    unit: U,
    result: &mut [Row; BLOCK],
    [first, column]: [usize; 2],
    add: bool,
    left: &[[U::Word; BLOCK]],
    right: &[[U::Word; BLOCK]],
    ahead: &[[U::Word; BLOCK]],
) {
    let columns = column..column + V * U::LANES;
    let mut sums = [[unit.zero(); V]; R];
    if add {
        for (row, sums) in result[first..first + R].iter().zip(&mut sums) {
            sums.copy_from_slice(U::sums(&row[columns.clone()]));
        }
    }
    let mut ahead = ahead.iter();
    for (left, right) in left.iter().zip(right) {
        if let Some(row) = ahead.next() {
            prefetch(row);
        }
        let right = U::words(&right[columns.clone()]);
        for (sums, &left) in sums.iter_mut().zip(&left[first..first + R]) {
            let factor = unit.splat(left);
            for (sum, &right) in sums.iter_mut().zip(right) {
                *sum = unit.multiply_add(factor, right, *sum);
            }
        }
    }
    for (row, sums) in result[first..first + R].iter_mut().zip(&sums) {
        U::sums_mut(&mut row[columns.clone()]).copy_from_slice(sums);
    }
}
