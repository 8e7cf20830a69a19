//! Adam's update of one parameter, as one pass over it.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
pub use dcgan_kernels::adam::Adam as AdamStep;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// Step `t` (from 1) of Adam on `parameter`: returns the new parameter and the
/// new first and second moment.
///
/// # Shapes
/// All `[N]`, without gradients.
pub fn adam_step(
    adam: AdamStep,
    t: u64,
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    [first, second]: [Tensor<1>; 2],
) -> (Tensor<1>, [Tensor<1>; 2]) {
    if !has_kernels(&parameter) {
        return generic::adam_step(adam, t, parameter, gradient, [first, second]);
    }
    let (parameter, first, second) = Dispatch::kernel_adam(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        adam,
        t,
    );
    let moments = [first, second].map(Tensor::from_dispatch);
    (Tensor::from_dispatch(parameter), moments)
}
