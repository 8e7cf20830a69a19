//! Kernels made from weights: upsampling and spectral norms.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Shape;
use dcgan_kernels::{spectral_norm, upsampling};

use super::super::{UpsamplingFilter, profile};
use super::tensor::{dense, dense_written};

/// `[C_out, C_in, 3, 3]` → `[C_in, C_out, K, K]`
pub fn upsampling_kernel(weight: FlexTensor, filter: UpsamplingFilter) -> FlexTensor {
    let [c_out, c_in, ..] = weight.shape().dims::<4>();
    let (weight, side) = (dense(weight), filter.kernel());
    let name = || "upsampling: kernel".to_owned();
    dense_written(Shape::from([c_in, c_out, side, side]), |kernel| {
        profile::time(name, || {
            upsampling::kernel(filter, [c_out, c_in], weight.storage(), kernel);
        });
    })
}

/// The gradients of the weight from those of each part's kernel, one after another.
///
/// `[parts·C_in, C_out, K, K]` → `[parts·C_out, C_in, 3, 3]`
pub fn upsampling_weight_gradient(
    gradient: FlexTensor,
    filter: UpsamplingFilter,
    [c_out, c_in]: [usize; 2],
) -> FlexTensor {
    let parts = gradient.shape()[0] / c_in;
    let gradient = dense(gradient);
    let name = || "upsampling: weight gradient".to_owned();
    dense_written(Shape::from([parts * c_out, c_in, 3, 3]), |of_weight| {
        let gradient: &[f32] = gradient.storage();
        let kernels = gradient.chunks_exact(gradient.len() / parts);
        let weights = of_weight.chunks_exact_mut(c_out * c_in * 9);
        for (of_kernel, of_weight) in kernels.zip(weights) {
            profile::time(name, || {
                upsampling::weight_gradient(filter, [c_out, c_in], of_kernel, of_weight);
            });
        }
    })
}

/// The singular vectors after one step of the power iteration.
pub fn power_iteration(
    weight: FlexTensor,
    u: FlexTensor,
    v: FlexTensor,
) -> (FlexTensor, FlexTensor) {
    let (weight, mut u, mut v) = (dense(weight), dense(u), dense(v));
    let iterate = || {
        spectral_norm::power_iteration(weight.storage(), u.storage_mut(), v.storage_mut());
    };
    profile::time(|| "spectral norm: power iteration".to_owned(), iterate);
    (u, v)
}

/// The weight divided by its norm, and the norm.
pub fn divide_by_norm(weight: &FlexTensor, u: &FlexTensor, v: &FlexTensor) -> (FlexTensor, f32) {
    let weight = dense(weight.clone());
    let name = || "spectral norm: forward".to_owned();
    let norm = spectral_norm::norm(weight.storage(), u.storage(), v.storage());
    let divided = dense_written(weight.shape(), |divided| {
        profile::time(name, || {
            spectral_norm::divide(weight.storage(), norm, divided);
        });
    });
    (divided, norm)
}

/// The gradients of the weight from those of each part, one after another.
pub fn divide_by_norm_gradient(
    weight: FlexTensor,
    u: &FlexTensor,
    v: &FlexTensor,
    norm: f32,
    gradient: FlexTensor,
) -> FlexTensor {
    let (weight, gradient) = (dense(weight), dense(gradient));
    let weight: &[f32] = weight.storage();
    let name = || "spectral norm: weight gradient".to_owned();
    dense_written(gradient.shape(), |of_weight| {
        let gradients = gradient.storage::<f32>().chunks_exact(weight.len());
        let parts = gradients.zip(of_weight.chunks_exact_mut(weight.len()));
        for (gradient, of_weight) in parts {
            let (u, v) = (u.storage(), v.storage());
            profile::time(name, || {
                spectral_norm::weight_gradient(weight, u, v, norm, gradient, of_weight);
            });
        }
    })
}
