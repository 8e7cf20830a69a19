//! Convolutions with fewer multiplications: Winograd's minimal filtering, applied to each phase
//! of a strided kernel.
//!
//! # Phases
//!
//! With stride `s`, coarse pixel `c` meets fine pixel `s c + k - padding` through tap `k`.
//! Write `k = s t + q`. The fine pixels with the same `q` are a *phase*, and on it the layer
//! has stride 1: coarse pixel `c` meets pixel `c + t` of the phase. So a 4×4 kernel of stride 2
//! is four kernels of 2×2, and one of 5×5 is kernels of 3×3, 3×2, 2×3 and 2×2, whose results
//! are added (fine to coarse) or interleaved (coarse to fine).
//!
//! # Points
//!
//! Each phase is cut into tiles and transformed to points, where it needs one product per point
//! (see [`points`]): in the plane `n²` products for `m²` coarse pixels instead of `m² r²` (25
//! instead of 64 with `m = 4` and two taps). With `U = G w Gᵀ` the three kernels are
//!
//! | kernel | fine side | coarse side |
//! | --- | --- | --- |
//! | [`gather`](Plan::gather) | `V = Bᵀ d B` | `y = Aᵀ (sum of U V over phases and channels) A` |
//! | [`spread`](Plan::spread) | `d += B (sum of U M over channels) Bᵀ` | `M = A y Aᵀ` |
//! | [`weight_gradient`](Plan::weight_gradient) | `V = Bᵀ d B` | `M = A y Aᵀ`, and `w' = Gᵀ (sum of M V over tiles) G` |
//!
//! They are the same bilinear form with one of its three factors exchanged for the result, and so
//! exact adjoints of each other.
//!
//! # Order of work
//!
//! At each point the products are a matrix product over channels (or tiles). A chunk of the
//! batch whose transformed values fit into the cache is transformed, multiplied with one slab
//! of the weight after the other, and transformed back. With few tiles and many weights,
//! [`small_batch`] never stores a slab.

mod coarse;
mod fine;
mod panels;
mod passes;
mod plan;
pub(crate) mod points;
mod products;
mod small_batch;
mod stage;
mod taps;
mod tiling;
mod transform;
mod weight;

#[cfg(test)]
mod tests;

pub(crate) use plan::Plan;
pub(crate) use tiling::{Sizes, Tiling};
