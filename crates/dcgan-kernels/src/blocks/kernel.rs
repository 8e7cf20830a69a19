//! Products of panels with square blocks of a weight.

use super::prefetch::prefetch;
use super::unit::{Unit, Work};
use super::{BLOCK, Row, long_rows};

/// Rows of a tile of the result. As many of them as possible are held in registers.
pub(crate) const ROWS: usize = 8;

/// Vectors of a row of a block that are held in registers.
pub(super) const VECTORS: usize = 2;

/// Words of a row of the left factor for which one row is fetched ahead.
const STEPS: usize = 4;

/// Pairs that are multiplied at a time, so that their right blocks and the result stay in the
/// innermost cache.
const DEPTH: usize = 2;

/// Where two factors start: a panel in `left`, and a square block in `right`.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub left: usize,
    pub right: usize,
    /// The values of a row of `left`, and rows of `right`, that exist.
    pub depth: usize,
}

/// `result[row] = sum over pairs and k of left[row][k] * right[k]` for `W` neighbouring blocks
/// of the result, which share what is read of `left`.
///
/// The factors consist of rows `T` as they are stored: `[f32; 32]`, or `[u32; 16]` where each word
/// holds two neighbouring values of `k`. In that case two stored rows of `right` hold two rows of
/// the block, word by word.
pub(crate) struct Multiply<'a, T, const W: usize> {
    pub results: [&'a mut [Row]; W],
    pub left: &'a [T],
    pub right: &'a [T],
    pub pairs: &'a [Pair],
    /// Rows from a block in `right` to that of the next block of the result.
    pub step: usize,
    /// The columns of a result that exist. Only a single one may have fewer than a whole block.
    pub width: usize,
    /// Whether the sum is added to what the results hold.
    pub add: bool,
}

impl<Word: Copy + 'static, const D: usize, const W: usize> Work for Multiply<'_, [Word; D], W> {
    type Word = Word;

    #[inline(always)]
    fn run<U: Unit<Word = Word>>(mut self, unit: U) {
        const { assert!(W == 1 || W == 2) }
        assert!(W == 1 || self.width == BLOCK, "pairs of whole blocks");
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
                match (U::REGISTERS >= 32, W) {
                    (true, 1) => self.tile::<U, ROWS>(unit, pairs, first, add, ahead),
                    (true, _) | (false, 1) => {
                        self.tile::<U, { ROWS / 2 }>(unit, pairs, first, add, ahead);
                    }
                    (false, _) => self.tile::<U, { ROWS / 4 }>(unit, pairs, first, add, ahead),
                }
            }
        }
    }
}

impl<'a, Word: Copy + 'static, const D: usize, const W: usize> Multiply<'a, [Word; D], W> {
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
    fn ahead(&self, next: &[Pair], first: usize) -> [&'a [[Word; D]]; 2 * DEPTH] {
        let rows = self.results[0].len();
        let share = first * BLOCK / rows..(first + ROWS) * BLOCK / rows;
        let mut ahead: [&[[Word; D]]; 2 * DEPTH] = [&[]; 2 * DEPTH];
        for (ahead, &Pair { right, .. }) in ahead.chunks_exact_mut(2).zip(next) {
            for (block, ahead) in ahead[..W].iter_mut().enumerate() {
                *ahead = &self.right[right + block * self.step..][..BLOCK][share.clone()];
            }
        }
        ahead
    }

    /// A tile of rows of all blocks, `R` rows at a time.
    #[inline(always)]
    fn tile<U: Unit<Word = Word>, const R: usize>(
        &mut self,
        unit: U,
        pairs: &[Pair],
        first: usize,
        add: bool,
        ahead: &mut impl Iterator<Item = &'a [Word; D]>,
    ) {
        for first in (first..first + ROWS).step_by(R) {
            let terms = pairs.iter().map(|&Pair { left, right, depth }| {
                let rows: &[[Word; D]; R] = self.left[left + first..].first_chunk().expect("panel");
                let blocks: [&[[Word; BLOCK]; D]; W] = std::array::from_fn(|block| {
                    let start = right + block * self.step;
                    let block = long_rows(&self.right[start..][..BLOCK]);
                    block.first_chunk().expect("whole block")
                });
                (rows, blocks, depth.div_ceil(BLOCK / D).min(D))
            });
            let mut results = self.results.each_mut().map(|result| {
                let rows: &mut [Row; R] = result[first..].first_chunk_mut().expect("panel");
                rows
            });
            multiply_rows(unit, &mut results, self.width, add, terms, ahead);
        }
    }
}

/// The rows of a left factor, one right block for each block of the result, and the words of a row.
type Term<'a, Word, const D: usize, const R: usize, const W: usize> =
    (&'a [[Word; D]; R], [&'a [[Word; BLOCK]; D]; W], usize);

/// `R` rows of `W` blocks, as many vectors at a time as the registers hold sums for.
#[inline(always)]
fn multiply_rows<'a, U: Unit, const D: usize, const R: usize, const W: usize>(
    unit: U,
    results: &mut [&mut [Row; R]; W],
    width: usize,
    add: bool,
    terms: impl Iterator<Item = Term<'a, U::Word, D, R, W>> + Clone,
    ahead: &mut impl Iterator<Item = &'a [U::Word; D]>,
) {
    for (column, vectors) in strips::<U>(width) {
        let terms = terms.clone();
        match vectors {
            1 => multiply_strip::<U, D, R, W, 1>(unit, results, column, add, terms, ahead),
            3 if W == 1 => {
                multiply_strip::<U, D, R, W, 3>(unit, results, column, add, terms, ahead);
            }
            _ => multiply_strip::<U, D, R, W, VECTORS>(unit, results, column, add, terms, ahead),
        }
    }
}

/// Cuts the columns of a block into strips: where each starts, and its number of vectors. Strips have
/// [`VECTORS`]; the last one has one more rather than leave a strip of a single vector.
#[inline(always)]
pub(super) fn strips<U: Unit>(width: usize) -> impl Iterator<Item = (usize, usize)> {
    let all = width.div_ceil(U::LANES);
    let mut done = 0;
    std::iter::from_fn(move || {
        let first = done;
        let vectors = match all - first {
            0 => return None,
            rest @ (1 | 3) => rest,
            _ => VECTORS,
        };
        done += vectors;
        Some((first * U::LANES, vectors))
    })
}

/// A strip of `V` vectors.
#[inline(always)]
fn multiply_strip<'a, U, const D: usize, const R: usize, const W: usize, const V: usize>(
    unit: U,
    results: &mut [&mut [Row; R]; W],
    column: usize,
    add: bool,
    terms: impl Iterator<Item = Term<'a, U::Word, D, R, W>>,
    ahead: &mut impl Iterator<Item = &'a [U::Word; D]>,
) where
    U: Unit,
{
    let columns = column..column + V * U::LANES;
    let mut sums = [[[unit.zero(); V]; W]; R];
    if add {
        for row in 0..R {
            for block in 0..W {
                let old = U::sums(&results[block][row][columns.clone()]);
                sums[row][block].copy_from_slice(old);
            }
        }
    }
    for (left, blocks, depth) in terms {
        for first in (0..depth).step_by(STEPS) {
            if let Some(row) = ahead.next() {
                prefetch(row);
            }
            if first + STEPS <= depth {
                for k in first..first + STEPS {
                    add_product::<U, D, R, W, V>(unit, &mut sums, left, &blocks, k, column);
                }
            } else {
                for k in first..depth {
                    add_product::<U, D, R, W, V>(unit, &mut sums, left, &blocks, k, column);
                }
            }
        }
    }
    for row in 0..R {
        for block in 0..W {
            let new = U::sums_mut(&mut results[block][row][columns.clone()]);
            new.copy_from_slice(&sums[row][block]);
        }
    }
}

/// Adds word `k` of the left rows times row `k` of the right blocks.
#[inline(always)]
fn add_product<U: Unit, const D: usize, const R: usize, const W: usize, const V: usize>(
    unit: U,
    sums: &mut [[[U::Sums; V]; W]; R],
    left: &[[U::Word; D]; R],
    blocks: &[&[[U::Word; BLOCK]; D]; W],
    k: usize,
    column: usize,
) {
    let columns = column..column + V * U::LANES;
    let right: [[U::Words; V]; W] = std::array::from_fn(|block| {
        let words = U::words(&blocks[block][k][columns.clone()]);
        *words.first_chunk().expect("a strip")
    });
    for (sums, left) in sums.iter_mut().zip(left) {
        let factor = unit.splat(left[k]);
        for block in 0..W {
            for vector in 0..V {
                let sum = sums[block][vector];
                sums[block][vector] = unit.multiply_add(factor, right[block][vector], sum);
            }
        }
    }
}
