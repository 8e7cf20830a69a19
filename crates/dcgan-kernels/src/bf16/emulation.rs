//! The instructions `vdpbf16ps` and `tdpbf16ps` in `f32` arithmetic, to the same bits.

use super::PairRow;
use super::tiles::{SIDE, Shape, Strip, TileUnit};
use crate::blocks::unit::{Unit, Work};
use crate::blocks::{BLOCK, long_rows};
use crate::profile::Part;
use crate::simd::{self, Loop, Simd};

/// Vectors of `f32` that hold the halves of pairs.
#[derive(Clone, Copy)]
struct Emulation<S>(S);

impl<S: Simd> Emulation<S> {
    /// `left * right + sum`, rounded once, and zero if it is denormal.
    #[inline(always)]
    fn add(self, left: S::u32s, right: S::u32s, sum: S::f32s) -> S::f32s {
        let simd = self.0;
        let factor = |bits| simd.transmute_f32s_u32s(bits);
        self.flush(simd.mul_add_f32s(factor(left), factor(right), sum))
    }

    /// The high halves of words as they are in `f32`.
    #[inline(always)]
    fn high(self, words: S::u32s) -> S::u32s {
        let simd = self.0;
        simd.and_u32s(words, simd.splat_u32s(0xffff_0000))
    }

    #[inline(always)]
    fn low(self, words: S::u32s) -> S::u32s {
        let simd = self.0;
        simd.wrapping_dyn_shl_u32s(words, simd.splat_u32s(16))
    }

    /// `sum`, or zero of its sign if it is denormal.
    #[inline(always)]
    fn flush(self, sum: S::f32s) -> S::f32s {
        let simd = self.0;
        // written so that NaN stays
        let smallest = simd.splat_f32s(f32::MIN_POSITIVE);
        let is_denormal = simd.less_than_f32s(simd.abs_f32s(sum), smallest);
        let zero = simd.and_f32s(sum, simd.splat_f32s(-0.0));
        simd.select_f32s(is_denormal, zero, sum)
    }
}

impl<S: Simd> Unit for Emulation<S> {
    type Word = u32;
    type Words = S::u32s;
    type Sums = S::f32s;

    const LANES: usize = S::F32_LANES;
    const REGISTERS: usize = S::REGISTER_COUNT;

    #[inline(always)]
    fn zero(self) -> S::f32s {
        self.0.splat_f32s(0.0)
    }

    #[inline(always)]
    fn sums(row: &[f32]) -> &[S::f32s] {
        S::as_simd_f32s(row).0
    }

    #[inline(always)]
    fn sums_mut(row: &mut [f32]) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(row).0
    }

    #[inline(always)]
    fn words(row: &[u32]) -> &[S::u32s] {
        S::as_simd_u32s(row).0
    }

    #[inline(always)]
    fn splat(self, word: u32) -> S::u32s {
        self.0.splat_u32s(word)
    }

    #[inline(always)]
    fn multiply_add(self, left: S::u32s, right: S::u32s, sum: S::f32s) -> S::f32s {
        let sum = self.add(self.high(left), self.high(right), sum);
        self.add(self.low(left), self.low(right), sum)
    }
}

/// Work on pairs with the best instruction set of this processor.
pub(super) struct Emulate<W>(pub W);

impl<W: Work<Word = u32>> Loop for Emulate<W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(Emulation(simd));
    }
}

/// Tiles with the best instruction set of this processor.
#[derive(Clone, Copy)]
pub(super) struct EmulatedTiles;

impl TileUnit for EmulatedTiles {
    fn with_shape(self, shape: Shape, work: impl FnOnce(&dyn Fn(Strip))) {
        work(&|strip| simd::run(Part::Products, MultiplyStrip { shape, strip }));
    }

    fn transpose(self, rows: &[[u32; BLOCK]], target: &mut [PairRow; BLOCK]) {
        for (k, row) in rows.iter().enumerate() {
            for (target, &word) in target.iter_mut().zip(row) {
                target[k] = word;
            }
        }
    }
}

struct MultiplyStrip<'a> {
    shape: Shape,
    strip: Strip<'a>,
}

impl Loop for MultiplyStrip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, strip } = self;
        let factors: Vec<_> = strip.factors(shape).collect();
        for (row, result) in strip.results.iter_mut().enumerate() {
            let vectors = shape.columns * SIDE / S::F32_LANES;
            let sums = &mut S::as_mut_simd_f32s(result).0[..vectors];
            for (index, result) in sums.iter_mut().enumerate() {
                let mut sum = if strip.add {
                    *result
                } else {
                    simd.splat_f32s(0.0)
                };
                for [left, right] in &factors {
                    let words = left[row].iter().zip(long_rows(right));
                    let words = words.map(|(&left, right)| (left, S::as_simd_u32s(right).0[index]));
                    sum = Emulation(simd).add_tile(words, sum);
                }
                *result = sum;
            }
        }
    }
}

impl<S: Simd> Emulation<S> {
    /// What a tile adds to a sum.
    #[inline(always)]
    fn add_tile(self, words: impl Iterator<Item = (u32, S::u32s)>, sum: S::f32s) -> S::f32s {
        let simd = self.0;
        let mut of_low = simd.splat_f32s(0.0);
        let mut of_high = of_low;
        for (left, right) in words {
            let left = simd.splat_u32s(left);
            of_low = self.add(self.low(left), self.low(right), of_low);
            of_high = self.add(self.high(left), self.high(right), of_high);
        }
        let of_both = self.flush(simd.add_f32s(of_low, of_high));
        self.flush(simd.add_f32s(sum, of_both))
    }
}
