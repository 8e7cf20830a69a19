//! Products in bf16 with sums in `f32`.
//!
//! Factors are rounded to bf16 when they are stored, to nearest with ties to even, in pairs of
//! neighbours along what is summed over: a word of 32 bits has the first of the two in its low
//! half. The instruction `vdpbf16ps` multiplies sixteen pairs with sixteen and adds to sixteen
//! sums, first the products of the high halves, then those of the low ones, and rounds each sum to
//! `f32`. Denormal numbers are zero to it, on both ends.
//!
//! Factors take half the memory of `f32`, in which transformed values otherwise pass through the
//! outer caches.
//!
//! # Accuracy
//!
//! A product is off by 2⁻⁸ of its value at most, and a direct layer by 0.24 % (relative L2 error,
//! random values). Winograd's transforms round what is already a sum of values of either sign,
//! of which the larger ones cancel in the transform back. How much is lost depends on the points
//! (see [`points`](crate::winograd::points)). Relative L2 errors in the plane, the same for the
//! forward pass, the gradient of the input and that of the weight:
//!
//! | tiles | taps | points | error | products, compared with direct |
//! | --- | --- | --- | --- | --- |
//! | direct | | | 0.24 % | 1 |
//! | 2×2 | 2×2 | ∞, 0, 1 | 0.48 % | 0.56 |
//! | 3×3 | 2×2 | ∞, ±5/4, 3/8 | 0.57 % | 0.44 |
//! | 4×4 | 2×2 | ∞, ±5/4, ±3/8 | 0.67 % | 0.39 |
//! | 3×3 | 3×3 | ∞, ±5/4, ±3/8 | 0.62 % | 0.31 |
//! | 4×4 | 2×2 | ∞, 0, 1, −1, ½, as in `f32` | 1.5 % | 0.39 |
//! | 5×5 | 2×2 | ∞, 0, ±5/8, ±3/2 | 1.3 % | 0.36 |
//! | 4×4 | 3×3 | ∞, 0, ±5/8, ±3/2 | 1.1 % | 0.25 |
//!
//! So bf16 uses four and five points. No layer is off by more than [`Bf16::ERROR`].

mod emulation;
#[cfg(target_arch = "x86_64")]
mod instruction;
mod matrix;
mod rounding;

pub(crate) use matrix::multiply;

use crate::arithmetic::Bf16;
use crate::blocks::Row;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::kernel::Multiply;
use crate::blocks::transposed::MultiplyTransposed;
use crate::blocks::unit::Work;
use crate::profile::{self, Part};
use crate::simd;
use crate::winograd::points::{FOR_BF16, Finite};

use self::emulation::Emulate;
#[cfg(target_arch = "x86_64")]
use self::instruction::Instruction;

/// The channels of one block of one pixel, two in each word.
pub(crate) type PairRow = [u32; 16];

/// What multiplies pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    #[cfg(target_arch = "x86_64")]
    Instruction(Instruction),
    Emulated,
}

impl Unit {
    pub fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Instruction::detect().map(Self::Instruction);
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    #[inline(always)]
    fn run(self, work: impl Work<Word = u32>) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Instruction(unit) => profile::time(Part::Products, || unit.run(work)),
            Self::Emulated => simd::run(Part::Products, Emulate(work)),
        }
    }
}

impl Factors for Bf16 {
    type Row = PairRow;

    const POINTS: Finite = FOR_BF16;

    fn multiply<const W: usize>(self, work: Multiply<PairRow, W>) {
        self.0.run(work);
    }

    fn multiply_transposed(self, work: MultiplyTransposed<PairRow>) {
        self.0.run(work);
    }

    #[inline(always)]
    fn store(self, order: Order, rows: &[Row], target: &mut [PairRow]) {
        match (self.0, order) {
            #[cfg(target_arch = "x86_64")]
            (Unit::Instruction(unit), Order::Rows) => unit.store_rows(rows, target),
            #[cfg(target_arch = "x86_64")]
            (Unit::Instruction(unit), Order::Pairs) => unit.store_pairs(rows, target),
            (Unit::Emulated, Order::Rows) => rounding::store_rows(rows, target),
            (Unit::Emulated, Order::Pairs) => rounding::store_pairs(rows, target),
        }
    }
}
