//! Sums of all values of a tensor.

use burn::tensor::Tensor;

use super::has_kernels;

/// The sum of all values, `[1]`.
///
/// On devices other than the CPU this avoids Burn's `sum`, whose threads share memory: the shader
/// that CubeCL compiles crashes drivers without `VK_KHR_workgroup_memory_explicit_layout`.
pub fn sum<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    if has_kernels(&x) {
        return x.sum();
    }
    let count: usize = x.dims().iter().product();
    x.reshape([count]).sum_dim(0)
}

/// The mean of all values, `[1]`; as [`sum`].
pub fn mean<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    if has_kernels(&x) {
        return x.mean();
    }
    let count: usize = x.dims().iter().product();
    sum(x) / count as f32
}
