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
//! never laid out for the whole batch: a task copies and multiplies one tile after the other, each
//! of which fits into its core's cache. [`dense`] is the case of one window per image, where
//! nothing needs to be laid out. Wide layers use [`winograd`](crate::winograd) instead, which
//! needs fewer products, and processors with tiles [`planes`], which copies nothing;
//! [`method`] decides. [`packed`] is [`spread`] with a weight that is laid
//! out in advance.

mod columns;
mod dense;
mod gather;
mod method;
mod packed;
mod spread;
mod weight_gradient;

pub(crate) use packed::PackedWeight;

use self::method::Method;
use crate::arithmetic::Arithmetic;
use crate::blocks::factors::F32;
use crate::geometry::Geometry;
use crate::planes;
use crate::winograd::Plan;

/// `coarse[pixel] = bias + sum over taps of fine[pixel under tap] * weight[tap]`.
pub(crate) fn gather(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    fine: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    coarse: &mut [f32],
) {
    match Method::cheapest(geometry, arithmetic) {
        Method::Dense => dense::gather(geometry, fine, weight, bias, coarse),
        Method::Direct => gather::gather(geometry, arithmetic, fine, weight, bias, coarse),
        Method::Planes(bf16) => planes::gather(geometry, bf16, fine, weight, bias, coarse),
        Method::Winograd(tiling) => match arithmetic {
            Arithmetic::F32 => {
                Plan::new(geometry, &tiling, F32).gather(fine, weight, bias, coarse);
            }
            Arithmetic::Bf16(bf16) => {
                Plan::new(geometry, &tiling, bf16).gather(fine, weight, bias, coarse);
            }
        },
    }
}

/// `fine[pixel under tap] = bias + sum over coarse pixels of coarse[pixel] * weight[tap]`.
pub(crate) fn spread(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    coarse: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    fine: &mut [f32],
) {
    match Method::cheapest(geometry, arithmetic) {
        Method::Dense => dense::spread(geometry, coarse, weight, bias, fine),
        Method::Direct => spread::spread(geometry, arithmetic, coarse, weight, bias, fine),
        Method::Planes(bf16) => planes::spread(geometry, bf16, coarse, weight, bias, fine),
        Method::Winograd(tiling) => match arithmetic {
            Arithmetic::F32 => {
                Plan::new(geometry, &tiling, F32).spread(coarse, weight, bias, fine);
            }
            Arithmetic::Bf16(bf16) => {
                Plan::new(geometry, &tiling, bf16).spread(coarse, weight, bias, fine);
            }
        },
    }
}

/// Whether [`gather`] and [`spread`] use Winograd's method for the layer.
pub(crate) fn uses_winograd(geometry: &Geometry, arithmetic: Arithmetic) -> bool {
    matches!(Method::cheapest(geometry, arithmetic), Method::Winograd(_))
}

/// `gradient[coarse channel, fine channel, tap]`, summed over the batch.
pub(crate) fn weight_gradient(
    geometry: &Geometry,
    arithmetic: Arithmetic,
    fine: &[f32],
    coarse: &[f32],
    gradient: &mut [f32],
) {
    match Method::cheapest(geometry, arithmetic) {
        Method::Dense => dense::weight_gradient(geometry, fine, coarse, gradient),
        Method::Direct => {
            weight_gradient::weight_gradient(geometry, arithmetic, fine, coarse, gradient);
        }
        Method::Planes(bf16) => planes::weight_gradient(geometry, bf16, fine, coarse, gradient),
        Method::Winograd(tiling) => match arithmetic {
            Arithmetic::F32 => {
                Plan::new(geometry, &tiling, F32).weight_gradient(fine, coarse, gradient);
            }
            Arithmetic::Bf16(bf16) => {
                Plan::new(geometry, &tiling, bf16).weight_gradient(fine, coarse, gradient);
            }
        },
    }
}

/// Rows of a tile of a matrix product: enough to repay reading the weights for each tile.
const TILE_ROWS: usize = 256;

/// Floats in a row of a tile: with [`TILE_ROWS`] a tile takes half a megabyte.
const TILE_COLUMNS: usize = 512;

/// The fewest tasks, even for a small batch.
const MIN_TASKS: usize = 8;
