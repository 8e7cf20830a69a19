//! Blocks of channels: the units that the products of wide layers are made of.
//!
//! A row holds the channels of one block of one pixel or tile, a panel the rows of many, and a
//! square block of a weight is 32 rows. So the [`kernel`] reads and writes memory as it lies. In a
//! last block of fewer channels, what lies past them in a panel is never read: neither transformed nor
//! multiplied.

pub(crate) mod factors;
pub(crate) mod kernel;
pub(crate) mod prefetch;
pub(crate) mod transposed;
pub(crate) mod unit;

use bytemuck::Pod;

use crate::scratch;

/// Channels of a block.
pub(crate) const BLOCK: usize = 32;

/// The values of one block of channels.
pub(crate) type Row = [f32; BLOCK];

/// Channels of a block that exist: the last block may have fewer than [`BLOCK`].
pub(crate) fn block_width(channels: usize, block: usize) -> usize {
    BLOCK.min(channels - block * BLOCK)
}

/// [`scratch::with`] for rows of words of 32 bits.
pub(crate) fn with_rows<T: Pod, R>(rows: usize, work: impl FnOnce(&mut [T]) -> R) -> R {
    let words = size_of::<T>() / size_of::<f32>();
    scratch::with(rows * words, |buffer| {
        work(bytemuck::cast_slice_mut(buffer))
    })
}

/// The words of stored rows as rows of [`BLOCK`] words.
#[inline(always)]
pub(crate) fn long_rows<Word, const D: usize>(rows: &[[Word; D]]) -> &[[Word; BLOCK]] {
    rows.as_flattened().as_chunks().0
}
