//! The three kernels behind both convolutions, over a shared
//! [`Geometry`](crate::geometry::Geometry).
//!
//! | kernel | convolution | transposed convolution |
//! | --- | --- | --- |
//! | [`gather`]: fine to coarse | forward | input gradient |
//! | [`spread`]: coarse to fine | input gradient | forward |
//! | [`weight_gradient`] | weight gradient | weight gradient |
//!
//! Each is a matrix product over the values under the kernel's window. Those values are
//! never laid out for the whole batch: a task copies a tile that fits into its core's cache,
//! multiplies it, and goes on. [`dense`] is the case of one window per image, where there is
//! nothing to lay out.

mod columns;
mod dense;
mod gather;
mod spread;
mod weight_gradient;

pub(crate) use gather::gather;
pub(crate) use spread::spread;
pub(crate) use weight_gradient::weight_gradient;

/// Rows of a tile of a matrix product: enough to repay reading the weights for each tile.
const TILE_ROWS: usize = 256;

/// Floats in a row of a tile: with [`TILE_ROWS`] a tile takes half a megabyte.
const TILE_COLUMNS: usize = 512;

/// Tasks that a small batch is still cut into.
const MIN_TASKS: usize = 8;
