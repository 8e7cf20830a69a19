//! Adam's update of one parameter, in one pass over it.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{AdamOutput, AdamStep, generic, has_kernels};

/// Step `t` (from 1) of Adam on `parameter`.
///
/// # Shapes
/// All `[N]`, without gradients.
pub fn adam_step(
    adam: AdamStep,
    t: u64,
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    [first, second]: [Tensor<1>; 2],
) -> AdamOutput {
    if !has_kernels(&parameter) {
        return generic::adam_step(adam, t, parameter, gradient, [first, second]);
    }
    let (parameter, first, second, squares) = Dispatch::kernel_adam(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        adam,
        t,
    );
    AdamOutput {
        parameter: Tensor::from_dispatch(parameter),
        moments: [first, second].map(Tensor::from_dispatch),
        squares: Tensor::from_dispatch(squares),
    }
}
