//! The exponential moving average of a tensor, in one pass over it.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// `average + (1 − decay) · (values − average)`, PyTorch's `lerp`.
///
/// # Shapes
/// All `[N]`, without gradients.
pub fn moving_average(decay: f64, average: Tensor<1>, values: Tensor<1>) -> Tensor<1> {
    if !has_kernels(&average) {
        return generic::moving_average(decay, average, values);
    }
    let (average, values) = (average.into_dispatch(), values.into_dispatch());
    Tensor::from_dispatch(Dispatch::kernel_moving_average(average, values, decay))
}
