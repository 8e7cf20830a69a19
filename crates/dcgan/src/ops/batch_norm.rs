//! Batch normalisation (Ioffe and Szegedy 2015) together with the activation
//! that follows it.

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{Activation, SharedBatch, generic, has_kernels};

/// A normalised batch and the statistics that it was normalised with.
pub struct BatchNormOutput {
    /// The normalised and activated batch, of the input's shape.
    pub output: Tensor<4>,
    /// The batch's mean, `[C]`, detached.
    pub mean: Tensor<1>,
    /// The batch's variance with divisor n, `[C]`, detached.
    pub variance: Tensor<1>,
}

/// Normalises with the batch's own statistics, then activates.
///
/// With a shared `batch`, `x` holds this process's rows of it, and the statistics are those of all
/// rows (synchronised batch norm).
///
/// # Shapes
/// `x` `[B, C, H, W]`, `gamma` and `beta` `[C]`.
pub fn batch_norm_train(
    x: Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    activation: Activation,
    batch: Option<&Arc<dyn SharedBatch>>,
) -> BatchNormOutput {
    if !has_kernels(&x) {
        return generic::batch_norm_train(x, [gamma, beta], activation, batch);
    }
    let (x, gamma, beta) = (
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
    );
    let (output, mean, variance) =
        Dispatch::kernel_batch_norm_train(x, gamma, beta, activation, batch.cloned());
    BatchNormOutput {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// As [`batch_norm_inference`] before its activation, with gradients: for what learns nothing
/// but `x`.
///
/// # Shapes
/// `x` `[B, C, H, W]`, all others `[C]`.
pub fn batch_norm_fixed(
    x: Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    [mean, variance]: [Tensor<1>; 2],
) -> Tensor<4> {
    generic::normalise(x, gamma, beta, mean, variance)
}

/// Normalises with given statistics, then activates: every picture for itself.
///
/// # Shapes
/// `x` `[B, C, H, W]`, all others `[C]`; the result has no gradient.
pub fn batch_norm_inference(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
    activation: Activation,
) -> Tensor<4> {
    if !has_kernels(&x) {
        return generic::batch_norm_inference(x, gamma, beta, mean, variance, activation);
    }
    Tensor::from_dispatch(Dispatch::kernel_batch_norm_inference(
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        mean.into_dispatch(),
        variance.into_dispatch(),
        activation,
    ))
}
