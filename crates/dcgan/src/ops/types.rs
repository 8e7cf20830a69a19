//! The options and results of the operations.

use burn::tensor::Tensor;
pub use dcgan_kernels::Arithmetic;
pub use dcgan_kernels::adam::Adam as AdamStep;

/// Added to the variance by batch norm: PyTorch's default, which all presets keep.
pub(crate) const BATCH_NORM_EPSILON: f32 = 1e-5;

/// The slope of the leaky ReLU for negative inputs (the paper, section 3).
pub const LEAKY_SLOPE: f64 = 0.2;

/// The function applied after a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// x where positive, else [`LEAKY_SLOPE`]·x
    LeakyRelu,
    /// tanh x, which maps into the range of pictures, [−1, 1]
    Tanh,
    /// x itself
    None,
}

/// The options of a convolution, the same for height and width.
#[derive(Debug, Clone, Copy)]
pub struct Conv2dOptions {
    /// The step of the kernel over the input.
    pub stride: usize,
    /// The zeros on each side of the input.
    pub padding: usize,
    /// In how many equal parts the batch is computed, one after another, each bit for bit as if it
    /// were the whole batch.
    ///
    /// The weight has one gradient from each part. So more than one part needs a weight whose
    /// gradient goes into a [`GradientSink`](super::GradientSink), or is not recorded.
    pub parts: usize,
    /// What our kernels compute products in, forward and backward. Burn's operators compute in the
    /// type of their inputs instead.
    pub arithmetic: Arithmetic,
}

/// The options of a transposed convolution, the same for height and width.
#[derive(Debug, Clone, Copy)]
pub struct ConvTranspose2dOptions {
    /// The step of the kernel over the output.
    pub stride: usize,
    /// The rows and columns cut off on each side of the output.
    pub padding: usize,
    /// The rows and columns added at the bottom and the right of the output.
    pub output_padding: usize,
    /// As [`Conv2dOptions::parts`].
    pub parts: usize,
    /// As [`Conv2dOptions::arithmetic`].
    pub arithmetic: Arithmetic,
}

/// The learned parameters of batch norm, `[C]` each.
#[derive(Debug, Clone)]
pub struct ScaleShift<T = Tensor<1>> {
    /// The scale.
    pub gamma: T,
    /// The shift.
    pub beta: T,
}

impl<T> ScaleShift<T> {
    /// Both, converted.
    pub(super) fn map<U>(self, convert: impl Fn(T) -> U) -> ScaleShift<U> {
        ScaleShift {
            gamma: convert(self.gamma),
            beta: convert(self.beta),
        }
    }
}

/// The statistics that batch norm normalises with, `[C]` each.
#[derive(Debug, Clone)]
pub struct Statistics<T = Tensor<1>> {
    /// The mean.
    pub mean: T,
    /// The variance.
    pub variance: T,
}

impl<T> Statistics<T> {
    /// Both, converted.
    pub(super) fn map<U>(self, convert: impl Fn(T) -> U) -> Statistics<U> {
        Statistics {
            mean: convert(self.mean),
            variance: convert(self.variance),
        }
    }
}

/// A normalised batch.
pub struct BatchNormOutput {
    /// The normalised and activated batch, in the shape of the input.
    pub output: Tensor<4>,
    /// The mean of the batch and its variance with divisor n, without gradients.
    pub statistics: Statistics,
}

/// A parameter after a step of Adam.
pub struct AdamOutput {
    /// The new parameter, `[N]`.
    pub parameter: Tensor<1>,
    /// The new first and second moment, `[N]` each.
    pub moments: [Tensor<1>; 2],
    /// The sum of the squares of the gradient, `[1]`.
    pub squares: Tensor<1>,
}
