//! Batch normalisation (Ioffe and Szegedy 2015) together with the activation that follows it.

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{
    Activation, BatchNormOutput, ScaleShift, SharedBatch, Statistics, generic, has_kernels,
};

/// Normalises with the statistics of the batch, then activates.
///
/// With a shared `batch`, `x` holds this process's rows of it, and the statistics are those of all
/// rows (synchronised batch norm).
///
/// # Shapes
/// `x` `[B, C, H, W]`, parameters `[C]`.
pub fn batch_norm_train(
    x: Tensor<4>,
    parameters: ScaleShift,
    activation: Activation,
    batch: Option<&Arc<dyn SharedBatch>>,
) -> BatchNormOutput {
    if !has_kernels(&x) {
        return generic::batch_norm_train(x, parameters, activation, batch);
    }
    let ScaleShift { gamma, beta } = parameters.map(Tensor::into_dispatch);
    let (output, mean, variance) = Dispatch::kernel_batch_norm_train(
        x.into_dispatch(),
        gamma,
        beta,
        activation,
        batch.cloned(),
    );
    BatchNormOutput {
        output: Tensor::from_dispatch(output),
        statistics: Statistics { mean, variance }.map(Tensor::from_dispatch),
    }
}

/// Normalises with given statistics, then activates: no picture depends on the others.
///
/// # Shapes
/// `x` `[B, C, H, W]`, all others `[C]`; the result has no gradient.
pub fn batch_norm_inference(
    x: Tensor<4>,
    parameters: ScaleShift,
    statistics: Statistics,
    activation: Activation,
) -> Tensor<4> {
    if !has_kernels(&x) {
        return generic::batch_norm_inference(x, parameters, statistics, activation);
    }
    let ScaleShift { gamma, beta } = parameters.map(Tensor::into_dispatch);
    let Statistics { mean, variance } = statistics.map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::kernel_batch_norm_inference(
        x.into_dispatch(),
        gamma,
        beta,
        mean,
        variance,
        activation,
    ))
}

/// As [`batch_norm_inference`] without an activation, with gradients for `x`.
///
/// # Shapes
/// `x` `[B, C, H, W]`, all others `[C]`.
pub fn batch_norm_differentiable(
    x: Tensor<4>,
    parameters: ScaleShift,
    statistics: Statistics,
) -> Tensor<4> {
    generic::normalise(x, parameters, statistics)
}
