//! Batch norm of a batch in parts, as processes share it: each sums its rows, the sums of all
//! are added up, and each goes on with its rows and the sums of the whole batch.
//!
//! ```text
//! forward    value_sums ─► added up ─► ValueSums::statistics ─► forward_inference
//! backward   gradient_sums ─► added up ─► backward_part
//!                └─► GradientSums::parameters, each of its own rows
//! ```

use super::{BatchNorm, Statistics, backward, forward, statistics};
use crate::activation::{leaky_gradient, tanh};

/// Sums over rows in double precision, which parts of a batch can add up: what the mean and the
/// variance come from.
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

/// Sums over rows in double precision, which parts of a batch can add up: of the gradient before
/// the activation.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientSums {
    /// The sum in each channel.
    pub plain: Vec<f64>,
    /// The sum in each channel, times the input's distance from the mean.
    pub centred: Vec<f64>,
}

impl GradientSums {
    /// Writes the gradients of `gamma` and `beta` that the rows summed here give.
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

/// With `$through`, which takes what the activation saw and the gradient behind it to the
/// gradient before: one copy of `$body` for each kind of activation.
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

/// The sums of a part's rows that [`backward_part`] needs of all.
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
    with_derivative!(layer.activation, through =>
        backward::sums(layer, statistics, input, output_gradient, through))
}

/// The input's gradient in a part of a batch, of which `sums` are the sums over all `rows`.
///
/// Gradients below [`NEGLIGIBLE`](crate::NEGLIGIBLE) become zero.
///
/// # Shapes
///
/// - `[input, output_gradient]`, `input_gradient`: `[rows of the part, channels]`
/// - `statistics`: those of the whole batch
///
/// # Panics
///
/// If there are no rows or no channels, or the lengths do not agree.
pub fn backward_part(
    layer: &BatchNorm,
    statistics: Statistics,
    [input, output_gradient]: [&[f32]; 2],
    (sums, rows): (&GradientSums, f64),
    input_gradient: &mut [f32],
) {
    layer.check(input.len());
    let values = [input, output_gradient];
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
    with_derivative!(layer.activation, through =>
        backward::project_all(layer, statistics, values, (sums, rows), input_gradient, through));
}
