//! Pictures that are augmented before the discriminator sees them, with gradients.

use std::sync::Arc;

use burn::backend::Dispatch;
use burn::tensor::Tensor;
pub use dcgan_kernels::augmentation::Augmentation;

use super::extension::KernelOps;
use super::{generic, has_kernels};

/// The augmented pictures; see [`dcgan_kernels::augmentation`].
///
/// # Shapes
/// `[B, C, H, W]` → `[B, C, H, W]`, with B augmentations
pub fn augment(pictures: Tensor<4>, augmentations: Arc<[Augmentation]>) -> Tensor<4> {
    if !has_kernels(&pictures) {
        return generic::augment(pictures, &augmentations);
    }
    let pictures = pictures.into_dispatch();
    Tensor::from_dispatch(Dispatch::kernel_augment(pictures, augmentations))
}
