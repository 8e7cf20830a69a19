//! Convolution and its adjoint, the transposed convolution, both with square kernels; and an
//! activation alone.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{Activation, Conv2dOptions, ConvTranspose2dOptions, generic, has_kernels};

/// 2-D convolution (PyTorch's `Conv2d`).
///
/// # Shapes
/// `x` `[B, C_in, H, W]`, `weight` `[C_out, C_in, K, K]`, `bias` `[C_out]`;
/// returns `[B, C_out, H', W']` with H' = ⌊(H + 2·padding − K) / stride⌋ + 1.
///
/// # Panics
/// If the shapes do not match.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: Conv2dOptions,
) -> Tensor<4> {
    if !has_kernels(&x) {
        return generic::conv2d(x, weight, bias, options);
    }
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias {
        None => Dispatch::kernel_conv2d(x, weight, options),
        Some(bias) => Dispatch::kernel_conv2d_bias(x, weight, bias.into_dispatch(), options),
    })
}

/// 2-D transposed convolution (PyTorch's `ConvTranspose2d`), without bias.
///
/// # Shapes
/// `x` `[B, C_in, H, W]`, `weight` `[C_in, C_out, K, K]`; returns
/// `[B, C_out, H', W']` with H' = (H − 1)·stride − 2·padding + K + output_padding.
///
/// # Panics
/// If the shapes do not match.
pub fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    options: ConvTranspose2dOptions,
) -> Tensor<4> {
    if !has_kernels(&x) {
        return generic::conv_transpose2d(x, weight, options);
    }
    Tensor::from_dispatch(Dispatch::kernel_conv_transpose2d(
        x.into_dispatch(),
        weight.into_dispatch(),
        options,
    ))
}

/// Applies `activation` to every value.
pub fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::None => x,
        _ if !has_kernels(&x) => generic::activate(x, activation),
        _ => Tensor::from_dispatch(Dispatch::kernel_activation(x.into_dispatch(), activation)),
    }
}
