//! Pictures with noise.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::has_kernels;

/// `x + scale · noise`, with gradients for `x`.
///
/// # Shapes
/// All `[B, C, H, W]`.
pub fn add_noise(x: Tensor<4>, noise: Tensor<4>, scale: f64) -> Tensor<4> {
    if !has_kernels(&x) {
        return x + noise * scale;
    }
    let (x, noise) = (x.into_dispatch(), noise.into_dispatch());
    Tensor::from_dispatch(Dispatch::kernel_add_noise(x, noise, scale))
}
