//! Batch norm of a batch in parts, for processes that share a batch: each sums its own rows, the
//! sums are reduced over all parts, and each continues with its rows and the sums of the whole
//! batch.
//!
//! ```text
//! forward    value_sums ─► reduced ─► ValueSums::statistics ─► forward_inference
//! backward   gradient_sums ─► reduced ─► backward_part
//!                └─► GradientSums::parameters, of its own rows
//! ```

use super::backward::Values;
use super::{BatchNorm, Statistics, backward, forward, statistics};
use crate::activation::{leaky_gradient, tanh};

/// Sums over rows from which mean and variance are computed, in double precision. The sums of the
/// parts of a batch add up to those of the batch.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSums {
    /// The number of rows.
    pub rows: f64,
    /// The sum of each channel's values.
    pub plain: Vec<f64>,
    /// The sum of each channel's squares.
    pub squares: Vec<f64>,
}

impl ValueSums {
    /// Mean and biased variance of each channel.
    pub fn statistics(&self) -> (Vec<f32>, Vec<f32>) {
        let channels = self.plain.iter().zip(&self.squares);
        channels
            .map(|(plain, squares)| {
                let mean = plain / self.rows;
                let variance = (squares / self.rows - mean * mean).max(0.0);
                (mean as f32, variance as f32)
            })
            .unzip()
    }
}

/// Sums over rows of the gradient before the activation, in double precision. The sums of the
/// parts of a batch add up to those of the batch.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientSums {
    /// The number of rows.
    pub rows: f64,
    /// The sum in each channel.
    pub plain: Vec<f64>,
    /// The sum in each channel, times the input's distance from the mean.
    pub centred: Vec<f64>,
}

impl GradientSums {
    /// Writes the gradients of `gamma` and `beta` over the rows summed here.
    ///
    /// # Panics
    ///
    /// If the lengths do not agree.
    pub fn parameters(
        &self,
        layer: &BatchNorm,
        statistics: Statistics,
        gamma: &mut [f32],
        beta: &mut [f32],
    ) {
        assert_eq!(
            gamma.len(),
            self.centred.len(),
            "length of the gamma gradient"
        );
        assert_eq!(beta.len(), self.plain.len(), "length of the beta gradient");
        for (beta, &plain) in beta.iter_mut().zip(&self.plain) {
            *beta = plain as f32;
        }
        let centred = self.centred.iter().zip(statistics.variance);
        for (gamma, (centred, &variance)) in gamma.iter_mut().zip(centred) {
            *gamma = (centred * forward::inverse_deviation(layer, variance)) as f32;
        }
    }
}

/// The sums of the rows of `input`, `[rows, channels]`.
///
/// Squares are summed as distances from a value of the channel and put together in double
/// precision: a mean 10,000 times the deviation still leaves 8 digits of the variance.
///
/// # Panics
///
/// If there are no rows or no channels, or `input` is not made of whole rows.
pub fn value_sums(input: &[f32], channels: usize) -> ValueSums {
    assert!(channels > 0 && !input.is_empty(), "batch norm of nothing");
    assert_eq!(input.len() % channels, 0, "input is not made of whole rows");
    let moments = statistics::moments(input, channels);
    ValueSums {
        rows: (input.len() / channels) as f64,
        plain: moments.iter().map(|part| part.rows * part.mean).collect(),
        squares: moments
            .iter()
            .map(|part| part.squares + part.rows * part.mean * part.mean)
            .collect(),
    }
}

/// One copy of `$body` for each kind of activation. `$through` maps the input of the activation
/// and the gradient of its output to the gradient of its input.
macro_rules! with_derivative {
    ($activation:expr, $through:ident => $body:expr) => {
        match $activation.negative_slope() {
            Some(slope) => {
                let $through = move |x, gradient| leaky_gradient(x, gradient, slope);
                $body
            }
            None => {
                let $through = |x, gradient| {
                    let y = tanh(x);
                    gradient * (1.0 - y * y)
                };
                $body
            }
        }
    };
}

/// The sums over the rows of a part. [`backward_part`] needs those of the whole batch.
///
/// # Shapes
///
/// - `input`, `output_gradient`: `[rows, channels]`
/// - `statistics`: those of the whole batch
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn gradient_sums(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output_gradient: &[f32],
) -> GradientSums {
    layer.check(input.len());
    assert_eq!(
        output_gradient.len(),
        input.len(),
        "length of output_gradient"
    );
    let values = Values {
        input,
        output_gradient,
    };
    with_derivative!(layer.activation, through =>
        backward::sums(layer, statistics, values, through))
}

/// The gradient of the input in a part of a batch; `sums` are those of the whole batch.
///
/// Gradients below [`NEGLIGIBLE`](crate::NEGLIGIBLE) become zero.
///
/// # Shapes
///
/// - `input`, `output_gradient`, `input_gradient`: `[rows of the part, channels]`
/// - `statistics`: those of the whole batch
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn backward_part(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output_gradient: &[f32],
    sums: &GradientSums,
    input_gradient: &mut [f32],
) {
    layer.check(input.len());
    assert_eq!(
        output_gradient.len(),
        input.len(),
        "length of output_gradient"
    );
    assert_eq!(
        input_gradient.len(),
        input.len(),
        "length of the input gradient"
    );
    let values = Values {
        input,
        output_gradient,
    };
    with_derivative!(layer.activation, through =>
        backward::project_all(layer, statistics, values, sums, input_gradient, through));
}
