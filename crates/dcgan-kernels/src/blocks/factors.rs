//! How the factors of products are stored, and what multiplies them.

use bytemuck::Pod;

use super::Row;
use super::kernel::Multiply;
use super::transposed::MultiplyTransposed;
use super::unit::InF32;
use crate::profile::Part;
use crate::simd;
use crate::winograd::points::{FOR_F32, Finite};

/// The format of factors: `f32`, or [bf16](crate::bf16). Results are `f32`.
pub(crate) trait Factors: Copy + Send + Sync {
    /// What holds the channels of a block of one pixel or tile.
    type Row: Pod + Send + Sync;

    /// The points of Winograd's transforms that suit the format.
    const POINTS: Finite;

    fn multiply<const W: usize>(self, work: Multiply<Self::Row, W>);

    fn multiply_transposed(self, work: MultiplyTransposed<Self::Row>);

    /// Stores rows in an order.
    fn store(self, order: Order, rows: &[Row], target: &mut [Self::Row]);
}

/// The order of the values of several rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Row by row, as a left factor of [`Multiply`].
    Rows,
    /// In bf16, two rows at a time, channel by channel, as the other factors, in which the rows are
    /// what is summed over. A last row without a partner gets one of zeros.
    Pairs,
}

/// Rows of `f32`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct F32;

impl Factors for F32 {
    type Row = Row;

    const POINTS: Finite = FOR_F32;

    fn multiply<const W: usize>(self, work: Multiply<Row, W>) {
        simd::run(Part::Products, InF32(work));
    }

    fn multiply_transposed(self, work: MultiplyTransposed<Row>) {
        simd::run(Part::Products, InF32(work));
    }

    #[inline(always)]
    fn store(self, _: Order, rows: &[Row], target: &mut [Row]) {
        target[..rows.len()].copy_from_slice(rows);
    }
}
