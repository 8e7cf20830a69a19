//! Binary cross-entropy on logits, in the two forms that the updates need.
//!
//! With σ the sigmoid, −ln σ(x) = softplus(−x) and −ln(1 − σ(x)) = softplus(x);
//! softplus never takes the logarithm of a rounded sigmoid, so neither loss
//! overflows or loses its gradient for large logits.

use burn::tensor::Tensor;
use burn::tensor::activation::softplus;

use crate::ops::mean;

/// BCE(D(x), 1): small if the discriminator classifies the pictures as real.
///
/// # Shapes
/// `logits` `[B]`; returns `[1]`, the mean over the batch.
pub fn bce_real(logits: Tensor<1>) -> Tensor<1> {
    mean(softplus(-logits, 1.0))
}

/// BCE(D(x), 0): small if the discriminator classifies the pictures as fake.
///
/// # Shapes
/// `logits` `[B]`; returns `[1]`, the mean over the batch.
pub fn bce_fake(logits: Tensor<1>) -> Tensor<1> {
    mean(softplus(logits, 1.0))
}
