//! What multiplies and adds: vectors of `f32`, or of pairs of bf16.

use crate::simd::{Loop, Simd};

/// A processor's unit for products and sums. Factors are words of 32 bits, sums are `f32`.
pub(crate) trait Unit: Copy {
    /// One value of a factor, or two that are multiplied with two and summed.
    type Word: Copy + 'static;
    /// A register of words.
    type Words: Copy;
    /// A register of sums.
    type Sums: Copy;

    /// Words, and sums, of a register.
    const LANES: usize;
    /// The number of registers.
    const REGISTERS: usize;

    fn zero(self) -> Self::Sums;

    /// Whole registers of sums.
    fn sums(row: &[f32]) -> &[Self::Sums];

    fn sums_mut(row: &mut [f32]) -> &mut [Self::Sums];

    /// Whole registers of words.
    fn words(row: &[Self::Word]) -> &[Self::Words];

    fn splat(self, word: Self::Word) -> Self::Words;

    /// `left * right + sum`, lane by lane.
    fn multiply_add(self, left: Self::Words, right: Self::Words, sum: Self::Sums) -> Self::Sums;
}

/// A loop over products, compiled for the unit that runs it. As a [`Loop`], its body is
/// `#[inline(always)]`.
pub(crate) trait Work {
    /// The words of the factors.
    type Word: Copy + 'static;

    fn run<U: Unit<Word = Self::Word>>(self, unit: U);
}

/// Vectors of `f32`.
#[derive(Clone, Copy)]
struct F32Unit<S>(S);

impl<S: Simd> Unit for F32Unit<S> {
    type Word = f32;
    type Words = S::f32s;
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
    fn words(row: &[f32]) -> &[S::f32s] {
        S::as_simd_f32s(row).0
    }

    #[inline(always)]
    fn splat(self, word: f32) -> S::f32s {
        self.0.splat_f32s(word)
    }

    #[inline(always)]
    fn multiply_add(self, left: S::f32s, right: S::f32s, sum: S::f32s) -> S::f32s {
        self.0.mul_add_f32s(left, right, sum)
    }
}

/// Work on `f32` with the best instruction set of this processor.
pub(crate) struct InF32<W>(pub W);

impl<W: Work<Word = f32>> Loop for InF32<W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(F32Unit(simd));
    }
}
