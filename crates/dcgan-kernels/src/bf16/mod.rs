//! Products in bf16 with sums in `f32`.
//!
//! Factors are rounded to bf16 when they are stored, to nearest with ties to even, in pairs of
//! neighbours along what is summed over: a word of 32 bits has the first of the two in its low
//! half. Denormal numbers are zero, on both ends. Two kinds of instructions multiply pairs:
//!
//! - Vectors: `vdpbf16ps` multiplies sixteen pairs with sixteen and adds to sixteen sums, first the
//!   products of the high halves, then those of the low ones, and rounds each sum to `f32`.
//! - [`tiles`]: `tdpbf16ps` does the same for sixteen rows of sixteen pairs and sixteen columns. It
//!   sums up the products of low halves, and those of high halves, each rounded to `f32`, then adds the
//!   two, and then their sum to the result.
//!
//! The results differ in the last bits, so a run has the same bits only with the same kind.
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
//! So bf16 uses four and five points. No layer is off by more than [`Bf16::ERROR`]. The two kinds of
//! instructions do not differ in these digits: the tests of all layers of all presets hold both to them.

#[cfg(target_arch = "x86_64")]
mod amx;
mod emulation;
#[cfg(target_arch = "x86_64")]
mod instruction;
mod matrix;
mod rounding;
mod tiles;

pub(crate) use matrix::multiply;

use crate::arithmetic::Bf16;
use crate::blocks::factors::{Factors, Order};
use crate::blocks::kernel::Multiply;
use crate::blocks::transposed::MultiplyTransposed;
use crate::blocks::{BLOCK, Row};
#[cfg(target_arch = "x86_64")]
use crate::profile;
use crate::profile::Part;
use crate::simd;
use crate::winograd::points::{FOR_BF16, Finite};

#[cfg(target_arch = "x86_64")]
use self::amx::Amx;
use self::emulation::{Emulate, EmulatedTiles};
#[cfg(target_arch = "x86_64")]
use self::instruction::Instruction;
use self::tiles::TileUnit;

/// The channels of one block of one pixel, two in each word.
pub(crate) type PairRow = [u32; 16];

/// What multiplies pairs: vectors, or tiles of sixteen vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    #[cfg(target_arch = "x86_64")]
    Vectors(Instruction),
    #[cfg(target_arch = "x86_64")]
    Tiles(Amx),
    EmulatedVectors,
    EmulatedTiles,
}

impl Unit {
    /// Vectors, if the processor has the instruction.
    pub fn vectors() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Instruction::detect().map(Self::Vectors);
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Tiles, if the processor has them and the system allows their use.
    pub fn tiles() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return Amx::detect().map(Self::Tiles);
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// The instruction that rounds.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn rounding(self) -> Option<Instruction> {
        match self {
            Self::Vectors(unit) => Some(unit),
            Self::Tiles(unit) => Some(unit.rounding()),
            Self::EmulatedVectors | Self::EmulatedTiles => None,
        }
    }

    /// Whether these are tiles.
    pub fn has_tiles(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vectors(_) => false,
            #[cfg(target_arch = "x86_64")]
            Self::Tiles(_) => true,
            Self::EmulatedVectors => false,
            Self::EmulatedTiles => true,
        }
    }
}

impl Bf16 {
    /// Writes the words `[k][channel]` of one block as `[channel][k]`, of up to 16 rows.
    pub(crate) fn transpose(self, rows: &[[u32; BLOCK]], target: &mut [PairRow; BLOCK]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Tiles(unit) => unit.transpose(rows, target),
            _ => EmulatedTiles.transpose(rows, target),
        }
    }
}

impl Factors for Bf16 {
    type Row = PairRow;

    const POINTS: Finite = FOR_BF16;

    fn multiply<const W: usize>(self, work: Multiply<PairRow, W>) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Vectors(unit) => profile::time(Part::Products, || unit.run(work)),
            #[cfg(target_arch = "x86_64")]
            Unit::Tiles(unit) => profile::time(Part::Products, || tiles::multiply(unit, work)),
            Unit::EmulatedVectors => simd::run(Part::Products, Emulate(work)),
            Unit::EmulatedTiles => tiles::multiply(EmulatedTiles, work),
        }
    }

    fn multiply_transposed(self, work: MultiplyTransposed<PairRow>) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Vectors(unit) => profile::time(Part::Products, || unit.run(work)),
            #[cfg(target_arch = "x86_64")]
            Unit::Tiles(unit) => {
                profile::time(Part::Products, || tiles::multiply_transposed(unit, work));
            }
            Unit::EmulatedVectors => simd::run(Part::Products, Emulate(work)),
            Unit::EmulatedTiles => tiles::multiply_transposed(EmulatedTiles, work),
        }
    }

    #[inline(always)]
    fn store(self, order: Order, rows: &[Row], target: &mut [PairRow]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(unit) = self.0.rounding() {
            return match order {
                Order::Rows => unit.store_rows(rows, target),
                Order::Pairs => unit.store_pairs(rows, target),
            };
        }
        match order {
            Order::Rows => rounding::store_rows(rows, target),
            Order::Pairs => rounding::store_pairs(rows, target),
        }
    }
}
