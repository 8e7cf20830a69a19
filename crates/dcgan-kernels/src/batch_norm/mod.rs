//! Batch normalisation together with the activation behind it (Ioffe and Szegedy 2015;
//! PyTorch's `BatchNorm2d`).
//!
//! Both read and write whole activations and do little with each number, so they are bound by
//! memory: as one operation they take two passes forward and two backward.
//!
//! Rows are pixels: an activation `[batch, height, width, channels]` is a matrix
//! `[batch * height * width, channels]`. For each channel
//!
//! `output = activation(gamma * (input - mean) / sqrt(variance + epsilon) + beta)`

mod backward;
mod forward;
mod parts;
mod statistics;

pub use parts::{GradientSums, ValueSums, backward_part, gradient_sums, value_sums};

use crate::activation::{Activation, leaky, tanh};

/// Parameters of the layer.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm<'a> {
    /// Scale of each channel.
    pub gamma: &'a [f32],
    /// Offset of each channel.
    pub beta: &'a [f32],
    /// Added to the variance; PyTorch's default is 1e-5.
    pub epsilon: f32,
    /// Applied to the normalised values.
    pub activation: Activation,
}

/// Statistics of each channel.
#[derive(Clone, Copy, Debug)]
pub struct Statistics<'a> {
    /// Mean over the rows.
    pub mean: &'a [f32],
    /// Biased variance over the rows: the mean squared distance from the mean.
    pub variance: &'a [f32],
}

/// Where [`backward`] writes.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// With respect to the input: `[rows, channels]`.
    pub input: &'a mut [f32],
    /// With respect to `gamma`: `[channels]`.
    pub gamma: &'a mut [f32],
    /// With respect to `beta`: `[channels]`.
    pub beta: &'a mut [f32],
}

/// Computes the output from the statistics of this batch, and writes those to `mean` and
/// `variance`.
///
/// # Shapes
///
/// - `input`, `output`: `[rows, channels]`
/// - `mean`, `variance`: `[channels]`, overwritten; the variance is the biased one. (PyTorch's
///   running variance takes `variance * rows / (rows - 1)`.)
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn forward_train(
    layer: &BatchNorm,
    input: &[f32],
    output: &mut [f32],
    mean: &mut [f32],
    variance: &mut [f32],
) {
    layer.check(input.len());
    assert_eq!(mean.len(), layer.gamma.len(), "length of mean");
    assert_eq!(variance.len(), layer.gamma.len(), "length of variance");
    statistics::measure(input, mean, variance);
    forward_inference(layer, input, Statistics { mean, variance }, output);
}

/// Computes the output from given statistics, such as running averages.
///
/// # Shapes
///
/// - `input`, `output`: `[rows, channels]`
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn forward_inference(
    layer: &BatchNorm,
    input: &[f32],
    statistics: Statistics,
    output: &mut [f32],
) {
    layer.check(input.len());
    assert_eq!(output.len(), input.len(), "length of output");
    match layer.activation.negative_slope() {
        Some(slope) => forward::run(layer, statistics, input, output, move |x| leaky(x, slope)),
        None => forward::run(layer, statistics, input, output, tanh),
    }
}

/// Scale and shift of each channel such that [`forward_inference`], without its activation, is
/// `scale * input + shift`.
///
/// # Panics
///
/// If the lengths do not agree.
pub fn fold(layer: &BatchNorm, statistics: Statistics) -> (Vec<f32>, Vec<f32>) {
    let channels = layer.gamma.len();
    layer.check(channels);
    assert_eq!(statistics.mean.len(), channels, "length of mean");
    assert_eq!(statistics.variance.len(), channels, "length of variance");
    let gammas = layer.gamma.iter().zip(statistics.variance);
    let scale = gammas
        .map(|(&gamma, &variance)| f64::from(gamma) * forward::inverse_deviation(layer, variance));
    let others = layer.beta.iter().zip(statistics.mean);
    scale
        .zip(others)
        .map(|(scale, (&beta, &mean))| {
            let shift = f64::from(beta) - f64::from(mean) * scale;
            (scale as f32, shift as f32)
        })
        .unzip()
}

/// Computes the gradients of [`forward_train`], including those through the batch statistics.
///
/// Input gradients below [`NEGLIGIBLE`](crate::NEGLIGIBLE) become zero.
///
/// # Shapes
///
/// - `input`, `output_gradient`: `[rows, channels]`
/// - `statistics`: those that [`forward_train`] computed for `input`
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn backward(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output_gradient: &[f32],
    gradients: Gradients,
) {
    layer.check(input.len());
    let channels = layer.gamma.len();
    assert_eq!(
        output_gradient.len(),
        input.len(),
        "length of output_gradient"
    );
    assert_eq!(
        gradients.input.len(),
        input.len(),
        "length of the input gradient"
    );
    assert_eq!(
        gradients.gamma.len(),
        channels,
        "length of the gamma gradient"
    );
    assert_eq!(
        gradients.beta.len(),
        channels,
        "length of the beta gradient"
    );
    let sums = gradient_sums(layer, statistics, input, output_gradient);
    sums.parameters(layer, statistics, gradients.gamma, gradients.beta);
    backward_part(
        layer,
        statistics,
        input,
        output_gradient,
        &sums,
        gradients.input,
    );
}

impl BatchNorm<'_> {
    fn check(&self, input_len: usize) {
        let channels = self.gamma.len();
        assert!(channels > 0 && input_len > 0, "batch norm of nothing");
        assert_eq!(self.beta.len(), channels, "length of beta");
        assert_eq!(input_len % channels, 0, "input is not made of whole rows");
    }
}
