//! The operations of a DCGAN on Burn tensors, computed on the CPU by `dcgan-kernels`, and on other
//! devices by Burn's operators.
//!
//! ```text
//! convolution, batch_norm, upsampling,   what the networks, the losses, the optimizer and the
//! spectral_norm, augment, add_noise,     average of weights call
//! adam, moving_average
//!   ├► generic                    Burn's operators, for other devices
//!   └► extension, autodiff        Burn's dispatch, and backward passes by hand
//!        └► cpu                   Burn's CPU tensors as slices for the kernels
//! all_reduce, gradient_sink       what they need of other processes, as traits
//! ```
//!
//! Tensors have the shape `[B, C, H, W]` throughout. In memory the kernels keep the channels last,
//! so blocks pass their outputs on without copying.

mod adam;
mod add_noise;
mod all_reduce;
mod augment;
mod autodiff;
mod batch_norm;
mod convolution;
mod cpu;
mod extension;
mod generic;
mod gradient_sink;
mod moving_average;
pub mod profile;
mod reduction;
mod spectral_norm;
mod types;
mod upsampling;

use burn::tensor::Tensor;

use crate::device::is_cpu;

pub use adam::adam_step;
pub use add_noise::add_noise;
pub use all_reduce::SharedBatch;
pub use augment::{Augmentation, augment};
pub use batch_norm::{batch_norm_differentiable, batch_norm_inference, batch_norm_train};
pub use convolution::{activate, conv_transpose2d, conv2d};
pub(crate) use gradient_sink::divert_gradient;
pub use gradient_sink::{GradientSink, GradientSlot};
pub use moving_average::moving_average;
pub use reduction::{mean, sum};
pub use spectral_norm::{SingularVectors, divide_by_norm, power_iteration};
pub(crate) use types::BATCH_NORM_EPSILON;
pub use types::{
    Activation, AdamOutput, AdamStep, Arithmetic, BatchNormOutput, Conv2dOptions,
    ConvTranspose2dOptions, LEAKY_SLOPE, ScaleShift, Statistics,
};
pub use upsampling::{UpsamplingFilter, upsampling_kernel};

/// Whether our kernels compute on the device of a tensor, which is so on the CPU.
pub(crate) fn has_kernels<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_cpu(&tensor.device())
}
