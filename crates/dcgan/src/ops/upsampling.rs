//! The kernel of upsampling and a convolution in one.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
pub use dcgan_kernels::upsampling::Filter as UpsamplingFilter;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// The kernel of the transposed convolution of stride 2 that upsamples and then convolves with the
/// 3×3 kernel `weight`; see [`dcgan_kernels::upsampling`].
///
/// # Shapes
/// `[C_out, C_in, 3, 3]` → `[C_in, C_out, K, K]`
pub fn upsampling_kernel(weight: Tensor<4>, filter: UpsamplingFilter) -> Tensor<4> {
    if !has_kernels(&weight) {
        return generic::upsampling_kernel(weight, filter);
    }
    Tensor::from_dispatch(Dispatch::kernel_upsampling(weight.into_dispatch(), filter))
}
