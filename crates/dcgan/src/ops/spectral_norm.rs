//! Weights divided by their largest singular value.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// Estimates of the singular vectors of a weight's largest singular value, without gradients.
#[derive(Debug, Clone)]
pub struct SingularVectors {
    /// On the left, `[C_out]`.
    pub u: Tensor<1>,
    /// On the right, `[C_in·K·K]`.
    pub v: Tensor<1>,
}

/// One step of the power iteration for a flat weight, without gradients.
///
/// # Shapes
/// `weight` `[C_out·C_in·K·K]`
pub fn power_iteration(weight: Tensor<1>, vectors: SingularVectors) -> SingularVectors {
    if !has_kernels(&weight) {
        return generic::power_iteration(weight, vectors);
    }
    let SingularVectors { u, v } = vectors;
    let (u, v) = Dispatch::kernel_power_iteration(
        weight.into_dispatch(),
        u.into_dispatch(),
        v.into_dispatch(),
    );
    SingularVectors {
        u: Tensor::from_dispatch(u),
        v: Tensor::from_dispatch(v),
    }
}

/// The weight divided by the estimate uᵀWv of its largest singular value. The vectors count as
/// constants in its gradient, as in PyTorch's `spectral_norm`.
///
/// # Shapes
/// `weight` and the result `[C_out, C_in, K, K]`
pub fn divide_by_norm(weight: Tensor<4>, vectors: &SingularVectors) -> Tensor<4> {
    if !has_kernels(&weight) {
        return generic::divide_by_norm(weight, vectors);
    }
    let [u, v] = [&vectors.u, &vectors.v].map(|vector| Tensor::from_inner(vector.clone()));
    Tensor::from_dispatch(Dispatch::kernel_divide_by_norm(
        weight.into_dispatch(),
        u.into_dispatch(),
        v.into_dispatch(),
    ))
}
