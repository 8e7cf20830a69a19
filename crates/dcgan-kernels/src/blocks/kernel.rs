//! The matrix products between panels.

use super::prefetch::prefetch;
use super::{BLOCK, Row};
use crate::simd::{Loop, Simd};

/// Rows of a tile of the result. As many of them as possible are held in registers.
pub(crate) const ROWS: usize = 8;

/// Vectors of a row of a block that are held in registers.
const VECTORS: usize = 2;

/// Pairs that are multiplied at a time, so that their right blocks and the result stay in the
/// innermost cache.
const DEPTH: usize = 2;

/// Where two factors start: a panel in `left`, and a square block in `right`.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub left: usize,
    pub right: usize,
}

/// `result[row] = sum over pairs and k of left[row][k] * right[k]` for `W` neighbouring blocks
/// of the result, which share what is read of `left`.
pub(crate) struct Multiply<'a, const W: usize> {
    pub results: [&'a mut [Row]; W],
    pub left: &'a [Row],
    pub right: &'a [Row],
    pub pairs: &'a [Pair],
    /// Rows from a block in `right` to that of the next block of the result.
    pub step: usize,
    /// Whether the sum is added to what the results hold.
    pub add: bool,
}

impl<const W: usize> Loop for Multiply<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        const { assert!(W == 1 || W == 2) }
        let rows = self.results[0].len();
        assert_eq!(rows % ROWS, 0, "panels have whole tiles of rows");
        for (step, pairs) in self.pairs.chunks(DEPTH).enumerate() {
            let next = &self.pairs[self.pairs.len().min((step + 1) * DEPTH)..];
            let next = &next[..next.len().min(DEPTH)];
            for first in (0..rows).step_by(ROWS) {
                let add = self.add || step > 0;
                self.fetch_left(pairs, next, first);
                let ahead = self.ahead(next, first);
                let ahead = &mut ahead.iter().copied().flatten();
                match (S::REGISTER_COUNT >= 32, W) {
                    (true, 1) => self.tile::<S, ROWS>(simd, pairs, first, add, ahead),
                    (true, _) | (false, 1) => {
                        self.tile::<S, { ROWS / 2 }>(simd, pairs, first, add, ahead);
                    }
                    (false, _) => self.tile::<S, { ROWS / 4 }>(simd, pairs, first, add, ahead),
                }
            }
        }
    }
}

impl<'a, const W: usize> Multiply<'a, W> {
    /// Fetches what the next tile of rows reads of the left side.
    #[inline(always)]
    fn fetch_left(&self, pairs: &[Pair], next: &[Pair], first: usize) {
        let (pairs, ahead) = if first + ROWS < self.results[0].len() {
            (pairs, first + ROWS)
        } else {
            (next, 0)
        };
        for pair in pairs {
            self.left[pair.left + ahead..][..ROWS]
                .iter()
                .for_each(prefetch);
        }
    }

    /// A tile's share of the next right blocks. They are fetched little by little: a core can have
    /// only some twenty cache lines in flight.
    #[inline(always)]
    fn ahead(&self, next: &[Pair], first: usize) -> [&'a [Row]; 2 * DEPTH] {
        let rows = self.results[0].len();
        let share = first * BLOCK / rows..(first + ROWS) * BLOCK / rows;
        let mut ahead: [&[Row]; 2 * DEPTH] = [&[]; 2 * DEPTH];
        for (ahead, &Pair { right, .. }) in ahead.chunks_exact_mut(2).zip(next) {
            for (block, ahead) in ahead[..W].iter_mut().enumerate() {
                *ahead = &self.right[right + block * self.step..][..BLOCK][share.clone()];
            }
        }
        ahead
    }

    /// A tile of rows of all blocks, `R` rows at a time.
    #[inline(always)]
    fn tile<S: Simd, const R: usize>(
        &mut self,
        simd: S,
        pairs: &[Pair],
        first: usize,
        add: bool,
        ahead: &mut impl Iterator<Item = &'a Row>,
    ) {
        for first in (first..first + ROWS).step_by(R) {
            let terms = pairs.iter().map(|&Pair { left, right }| {
                let rows: &[Row; R] = self.left[left + first..].first_chunk().expect("panel");
                let blocks: [&[Row; BLOCK]; W] = std::array::from_fn(|block| {
                    let start = right + block * self.step;
                    self.right[start..].first_chunk().expect("whole block")
                });
                (rows, blocks)
            });
            let mut results = self.results.each_mut().map(|result| {
                let rows: &mut [Row; R] = result[first..].first_chunk_mut().expect("panel");
                rows
            });
            multiply_rows(simd, &mut results, add, terms, ahead);
        }
    }
}

/// `R` rows of `W` blocks.
#[inline(always)]
fn multiply_rows<'a, S: Simd, const R: usize, const W: usize>(
    simd: S,
    results: &mut [&mut [Row; R]; W],
    add: bool,
    terms: impl Iterator<Item = (&'a [Row; R], [&'a [Row; BLOCK]; W])> + Clone,
    ahead: &mut impl Iterator<Item = &'a Row>,
) {
    let per_step = VECTORS * S::F32_LANES;
    for column in (0..BLOCK).step_by(per_step) {
        let columns = column..column + per_step;
        let mut sums = [[[simd.splat_f32s(0.0); VECTORS]; W]; R];
        if add {
            for row in 0..R {
                for block in 0..W {
                    let old = S::as_simd_f32s(&results[block][row][columns.clone()]).0;
                    sums[row][block].copy_from_slice(old);
                }
            }
        }
        for (left, blocks) in terms.clone() {
            for k in 0..BLOCK {
                if let Some(row) = ahead.next() {
                    prefetch(row);
                }
                let mut right = [[simd.splat_f32s(0.0); VECTORS]; W];
                for block in 0..W {
                    let values = S::as_simd_f32s(&blocks[block][k][columns.clone()]).0;
                    right[block].copy_from_slice(values);
                }
                for (sums, left) in sums.iter_mut().zip(left) {
                    let factor = simd.splat_f32s(left[k]);
                    for block in 0..W {
                        for vector in 0..VECTORS {
                            let sum = sums[block][vector];
                            sums[block][vector] =
                                simd.mul_add_f32s(factor, right[block][vector], sum);
                        }
                    }
                }
            }
        }
        for row in 0..R {
            for block in 0..W {
                let new = S::as_mut_simd_f32s(&mut results[block][row][columns.clone()]).0;
                new.copy_from_slice(&sums[row][block]);
            }
        }
    }
}

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
            add,
        } = self;
        let blocks = runs[0].left.len();
        for block in 0..blocks {
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
                        multiply_columns::<S, ROWS>(simd, result, add, left, right, ahead);
                    } else {
                        multiply_columns::<S, { ROWS / 2 }>(simd, result, add, left, right, ahead);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn multiply_columns<S: Simd, const R: usize>(
    simd: S,
    result: &mut [Row; BLOCK],
    add: bool,
    left: &[Row],
    right: &[Row],
    ahead: [&[Row]; 2],
) {
    let per_step = VECTORS * S::F32_LANES;
    for first in (0..BLOCK).step_by(R) {
        for column in (0..BLOCK).step_by(per_step) {
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
            if add {
                for (row, sums) in result[first..first + R].iter().zip(&mut sums) {
                    let row = S::as_simd_f32s(&row[column..column + per_step]).0;
                    sums.copy_from_slice(row);
                }
            }
            // Fetched little by little, by the first two of the passes.
            let ahead = match (first / R, column) {
                (0, 0) => ahead[0],
                (1, 0) => ahead[1],
                _ => &[],
            };
            let mut ahead = ahead.iter();
            for (left, right) in left.iter().zip(right) {
                if let Some(row) = ahead.next() {
                    prefetch(row);
                }
                let right = S::as_simd_f32s(&right[column..column + per_step]).0;
                for (sums, &left) in sums.iter_mut().zip(&left[first..first + R]) {
                    let factor = simd.splat_f32s(left);
                    for (sum, &right) in sums.iter_mut().zip(right) {
                        *sum = simd.mul_add_f32s(factor, right, *sum);
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
