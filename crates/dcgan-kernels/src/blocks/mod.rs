//! Blocks of channels: the units that the products of wide layers are made of.
//!
//! A row holds the channels of one block of one pixel or tile, a panel the rows of many, and a
//! square block of a weight is 32 rows. So the [`kernel`] reads and writes memory as it lies. In a
//! last block of fewer channels, what lies past them in a panel is never read: neither transformed nor
//! multiplied.

pub(crate) mod kernel;
pub(crate) mod prefetch;
pub(crate) mod transposed;

use crate::scratch;

/// Channels of a block.
pub(crate) const BLOCK: usize = 32;

/// The values of one block of channels.
pub(crate) type Row = [f32; BLOCK];

/// Channels of a block that exist: the last block may have fewer than [`BLOCK`].
pub(crate) fn block_width(channels: usize, block: usize) -> usize {
    BLOCK.min(channels - block * BLOCK)
}

/// [`scratch::with`] for rows.
pub(crate) fn with_rows<R>(rows: usize, work: impl FnOnce(&mut [Row]) -> R) -> R {
    scratch::with(rows * BLOCK, |buffer| work(buffer.as_chunks_mut().0))
}
