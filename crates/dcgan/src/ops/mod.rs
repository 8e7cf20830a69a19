//! The seam between the networks and what computes them.
//!
//! The operations of a DCGAN, on Burn tensors, computed on the CPU by `dcgan-kernels`, and on
//! other devices by Burn's own operators:
//!
//! ```text
//! convolution, batch_norm, adam   what the networks and the optimizer call
//!   ├► generic                    Burn's own operators, for other devices
//!   └► extension                  Burn's dispatch, and backward passes by hand
//!        └► cpu                   Burn's CPU tensors to slices, and the kernels
//! ```
//!
//! Tensors have the shape `[B, C, H, W]` throughout; in memory the kernels keep
//! the channels last, so blocks pass their data on without copying.

mod adam;
mod all_reduce;
mod autodiff;
mod batch_norm;
mod convolution;
mod cpu;
mod extension;
mod generic;
mod gradient_sink;
pub mod profile;
mod reduction;

use burn::tensor::Tensor;

use crate::device::is_cpu;

pub use adam::{AdamOutput, AdamStep, adam_step};
pub use all_reduce::SharedBatch;
pub use batch_norm::{BatchNormOutput, batch_norm_fixed, batch_norm_inference, batch_norm_train};
pub use convolution::{activate, conv_transpose2d, conv2d};
pub(crate) use gradient_sink::divert_gradient;
pub use gradient_sink::{GradientSink, GradientSlot};
pub use reduction::{mean, sum};

/// Whether our kernels compute on the device of a tensor: on the CPU they do.
pub(crate) fn has_kernels<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_cpu(&tensor.device())
}

/// Added to the variance by batch norm: PyTorch's default, which all presets keep.
pub(crate) const BATCH_NORM_EPSILON: f32 = 1e-5;

/// The slope of the leaky ReLU left of 0 (the paper, section 3).
pub const LEAKY_SLOPE: f64 = 0.2;

/// The function applied after a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x where positive, else [`LEAKY_SLOPE`]·x
    LeakyRelu,
    /// tanh x: into the pictures' range [−1, 1]
    Tanh,
    /// x itself
    None,
}
