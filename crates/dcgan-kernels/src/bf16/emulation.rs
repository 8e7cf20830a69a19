//! The instruction `vdpbf16ps` in `f32` arithmetic, to the same bits.

use crate::blocks::unit::{Unit, Work};
use crate::simd::{Loop, Simd};

/// Vectors of `f32` that hold the halves of pairs.
#[derive(Clone, Copy)]
struct Emulation<S>(S);

impl<S: Simd> Emulation<S> {
    /// `left * right + sum`, rounded once, and zero if it is denormal.
    #[inline(always)]
    fn add(self, left: S::u32s, right: S::u32s, sum: S::f32s) -> S::f32s {
        let simd = self.0;
        let factor = |bits| simd.transmute_f32s_u32s(bits);
        let sum = simd.mul_add_f32s(factor(left), factor(right), sum);
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
        let simd = self.0;
        let high = |words| simd.and_u32s(words, simd.splat_u32s(0xffff_0000));
        let low = |words| simd.wrapping_dyn_shl_u32s(words, simd.splat_u32s(16));
        let sum = self.add(high(left), high(right), sum);
        self.add(low(left), low(right), sum)
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
