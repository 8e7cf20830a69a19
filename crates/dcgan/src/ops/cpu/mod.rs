//! The operations on Burn's CPU tensors: each finds the slices, checks the
//! shapes, and calls a kernel to fill the memory of its result.

mod convolution;
mod elementwise;
mod synchronised;
mod tensor;
mod weights;

pub use convolution::{
    conv_transpose2d_forward, conv_transpose2d_input_gradient, conv_transpose2d_weight_gradient,
    conv2d_bias_gradient, conv2d_forward, conv2d_input_gradient, conv2d_weight_gradient,
};
pub use elementwise::{
    activation_backward, activation_forward, adam_step, add_noise, augment, augment_gradient,
    batch_norm_backward, batch_norm_inference, batch_norm_train, moving_average,
};
pub use tensor::{dense, sizes};
pub use weights::{
    divide_by_norm, divide_by_norm_gradient, power_iteration, upsampling_kernel,
    upsampling_weight_gradient,
};
