//! Adam's update of one parameter, as one pass over it.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
pub use dcgan_kernels::adam::Adam as AdamStep;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// A parameter after a step of Adam.
pub struct AdamOutput {
    /// The new parameter, `[N]`.
    pub parameter: Tensor<1>,
    /// The new first and second moment, each `[N]`.
    pub moments: [Tensor<1>; 2],
    /// The sum of the squares of the gradient, `[1]`.
    pub squares: Tensor<1>,
}

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
