//! Every kernel as plain loops.
//!
//! This is the specification: one loop per dimension, sums in double precision, no tricks. Tests
//! compare the fast kernels with it. It is far too slow for training.
//!
//! Shapes and arguments are those of the kernel of the same name.

use crate::activation::Activation;
use crate::adam::Adam;
use crate::batch_norm::{BatchNorm, Gradients, Statistics};
use crate::nhwc::{Nhwc, Window};
use crate::shape::{Conv2dShape, ConvTranspose2dShape};

/// [`conv2d::forward`](crate::conv2d::forward).
pub fn conv2d_forward(
    shape: &Conv2dShape,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
) {
    let mut sums = start(output.len(), shape.output().channels, bias);
    for_each_product(shape.input(), shape.output(), shape.window(), |i, o, w| {
        sums[o] += f64::from(input[i]) * f64::from(weight[w]);
    });
    round(&sums, output);
}

/// [`conv2d::input_gradient`](crate::conv2d::input_gradient).
pub fn conv2d_input_gradient(
    shape: &Conv2dShape,
    output_gradient: &[f32],
    weight: &[f32],
    input_gradient: &mut [f32],
) {
    let mut sums = vec![0.0; input_gradient.len()];
    for_each_product(shape.input(), shape.output(), shape.window(), |i, o, w| {
        sums[i] += f64::from(output_gradient[o]) * f64::from(weight[w]);
    });
    round(&sums, input_gradient);
}

/// [`conv2d::weight_gradient`](crate::conv2d::weight_gradient).
pub fn conv2d_weight_gradient(
    shape: &Conv2dShape,
    input: &[f32],
    output_gradient: &[f32],
    weight_gradient: &mut [f32],
) {
    let mut sums = vec![0.0; weight_gradient.len()];
    for_each_product(shape.input(), shape.output(), shape.window(), |i, o, w| {
        sums[w] += f64::from(input[i]) * f64::from(output_gradient[o]);
    });
    round(&sums, weight_gradient);
}

/// [`conv2d::bias_gradient`](crate::conv2d::bias_gradient).
pub fn conv2d_bias_gradient(
    shape: &Conv2dShape,
    output_gradient: &[f32],
    bias_gradient: &mut [f32],
) {
    sum_rows(output_gradient, shape.output().channels, bias_gradient);
}

/// [`conv_transpose2d::forward`](crate::conv_transpose2d::forward).
pub fn conv_transpose2d_forward(
    shape: &ConvTranspose2dShape,
    input: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
) {
    let mut sums = start(output.len(), shape.output().channels, bias);
    for_each_product(shape.output(), shape.input(), shape.window(), |o, i, w| {
        sums[o] += f64::from(input[i]) * f64::from(weight[w]);
    });
    round(&sums, output);
}

/// [`conv_transpose2d::input_gradient`](crate::conv_transpose2d::input_gradient).
pub fn conv_transpose2d_input_gradient(
    shape: &ConvTranspose2dShape,
    output_gradient: &[f32],
    weight: &[f32],
    input_gradient: &mut [f32],
) {
    let mut sums = vec![0.0; input_gradient.len()];
    for_each_product(shape.output(), shape.input(), shape.window(), |o, i, w| {
        sums[i] += f64::from(output_gradient[o]) * f64::from(weight[w]);
    });
    round(&sums, input_gradient);
}

/// [`conv_transpose2d::weight_gradient`](crate::conv_transpose2d::weight_gradient).
pub fn conv_transpose2d_weight_gradient(
    shape: &ConvTranspose2dShape,
    input: &[f32],
    output_gradient: &[f32],
    weight_gradient: &mut [f32],
) {
    let mut sums = vec![0.0; weight_gradient.len()];
    for_each_product(shape.output(), shape.input(), shape.window(), |o, i, w| {
        sums[w] += f64::from(input[i]) * f64::from(output_gradient[o]);
    });
    round(&sums, weight_gradient);
}

/// [`conv_transpose2d::bias_gradient`](crate::conv_transpose2d::bias_gradient).
pub fn conv_transpose2d_bias_gradient(
    shape: &ConvTranspose2dShape,
    output_gradient: &[f32],
    bias_gradient: &mut [f32],
) {
    sum_rows(output_gradient, shape.output().channels, bias_gradient);
}

/// Visits every product of a convolution from `fine` to `coarse` as the indices of its fine
/// value, its coarse value and its weight `[coarse channel, fine channel, ky, kx]`.
fn for_each_product(
    fine: Nhwc,
    coarse: Nhwc,
    window: Window,
    mut visit: impl FnMut(usize, usize, usize),
) {
    let Window {
        kernel,
        stride,
        padding,
    } = window;
    for n in 0..coarse.batch {
        for_each(
            [coarse.height, coarse.width, kernel, kernel],
            |[cy, cx, ky, kx]| {
                let (y, x) = (cy * stride + ky, cx * stride + kx);
                let inside = (padding..fine.height + padding).contains(&y)
                    && (padding..fine.width + padding).contains(&x);
                if !inside {
                    return;
                }
                let fine_pixel = (n * fine.height + y - padding) * fine.width + x - padding;
                let coarse_pixel = (n * coarse.height + cy) * coarse.width + cx;
                for c in 0..coarse.channels {
                    for f in 0..fine.channels {
                        visit(
                            fine_pixel * fine.channels + f,
                            coarse_pixel * coarse.channels + c,
                            ((c * fine.channels + f) * kernel + ky) * kernel + kx,
                        );
                    }
                }
            },
        );
    }
}

fn for_each(sizes: [usize; 4], mut visit: impl FnMut([usize; 4])) {
    for a in 0..sizes[0] {
        for b in 0..sizes[1] {
            for c in 0..sizes[2] {
                for d in 0..sizes[3] {
                    visit([a, b, c, d]);
                }
            }
        }
    }
}

/// [`batch_norm::forward_train`](crate::batch_norm::forward_train).
pub fn batch_norm_forward_train(
    layer: &BatchNorm,
    input: &[f32],
    output: &mut [f32],
    mean: &mut [f32],
    variance: &mut [f32],
) {
    let channels = layer.gamma.len();
    let rows = (input.len() / channels) as f64;
    for channel in 0..channels {
        let values = || {
            input
                .iter()
                .skip(channel)
                .step_by(channels)
                .map(|&x| f64::from(x))
        };
        let center = values().sum::<f64>() / rows;
        mean[channel] = center as f32;
        variance[channel] = (values().map(|x| (x - center).powi(2)).sum::<f64>() / rows) as f32;
    }
    batch_norm_forward_inference(layer, input, Statistics { mean, variance }, output);
}

/// [`batch_norm::forward_inference`](crate::batch_norm::forward_inference).
pub fn batch_norm_forward_inference(
    layer: &BatchNorm,
    input: &[f32],
    statistics: Statistics,
    output: &mut [f32],
) {
    let channels = layer.gamma.len();
    for (index, (&x, y)) in input.iter().zip(output).enumerate() {
        let channel = index % channels;
        let (normalized, _) = normalize(layer, statistics, channel, x);
        *y = activate(layer.activation, affine(layer, channel, normalized)) as f32;
    }
}

/// [`batch_norm::backward`](crate::batch_norm::backward), without its cut-off.
///
/// With `xhat` the normalised input and `g` the gradient before the activation, in each
/// channel: `dbeta = sum g`, `dgamma = sum g xhat`, and
/// `dx = gamma / sqrt(variance + epsilon) * (g - mean(g) - xhat * mean(g xhat))`.
pub fn batch_norm_backward(
    layer: &BatchNorm,
    statistics: Statistics,
    input: &[f32],
    output_gradient: &[f32],
    gradients: Gradients,
) {
    let channels = layer.gamma.len();
    let rows = (input.len() / channels) as f64;
    for channel in 0..channels {
        let gradient = |index: usize| {
            let (normalized, _) = normalize(layer, statistics, channel, input[index]);
            let slope = derivative(layer.activation, affine(layer, channel, normalized));
            (f64::from(output_gradient[index]) * slope, normalized)
        };
        let indices = || (channel..input.len()).step_by(channels);
        let beta: f64 = indices().map(|index| gradient(index).0).sum();
        let gamma: f64 = indices()
            .map(gradient)
            .map(|(g, normalized)| g * normalized)
            .sum();
        for index in indices() {
            let (g, normalized) = gradient(index);
            let (_, inverse_deviation) = normalize(layer, statistics, channel, input[index]);
            let rest = g - beta / rows - normalized * gamma / rows;
            let scale = f64::from(layer.gamma[channel]) * inverse_deviation;
            gradients.input[index] = (scale * rest) as f32;
        }
        gradients.beta[channel] = beta as f32;
        gradients.gamma[channel] = gamma as f32;
    }
}

/// The normalised value, and the inverse deviation of its channel.
fn normalize(layer: &BatchNorm, statistics: Statistics, channel: usize, x: f32) -> (f64, f64) {
    let variance = f64::from(statistics.variance[channel]) + f64::from(layer.epsilon);
    let inverse_deviation = variance.sqrt().recip();
    let centred = f64::from(x) - f64::from(statistics.mean[channel]);
    (centred * inverse_deviation, inverse_deviation)
}

fn affine(layer: &BatchNorm, channel: usize, normalized: f64) -> f64 {
    f64::from(layer.gamma[channel]) * normalized + f64::from(layer.beta[channel])
}

/// [`activation::forward`](crate::activation::forward).
pub fn activation_forward(activation: Activation, input: &[f32], output: &mut [f32]) {
    for (&x, y) in input.iter().zip(output) {
        *y = activate(activation, f64::from(x)) as f32;
    }
}

/// The gradient of [`activation_forward`]. Unlike
/// [`activation::backward`](crate::activation::backward) it starts from the *input*, and it
/// cuts nothing off.
pub fn activation_backward(
    activation: Activation,
    input: &[f32],
    output_gradient: &[f32],
    input_gradient: &mut [f32],
) {
    for ((&x, &g), target) in input.iter().zip(output_gradient).zip(input_gradient) {
        *target = (f64::from(g) * derivative(activation, f64::from(x))) as f32;
    }
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::None => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu(slope) if x <= 0.0 => f64::from(slope) * x,
        Activation::LeakyRelu(_) => x,
        Activation::Tanh => x.tanh(),
    }
}

fn derivative(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::None => 1.0,
        Activation::Relu if x <= 0.0 => 0.0,
        Activation::LeakyRelu(slope) if x <= 0.0 => f64::from(slope),
        Activation::Relu | Activation::LeakyRelu(_) => 1.0,
        Activation::Tanh => 1.0 - x.tanh().powi(2),
    }
}

/// [`adam::step`](crate::adam::step), without its cut-off.
pub fn adam_step(
    adam: &Adam,
    t: u64,
    parameter: &mut [f32],
    gradient: &[f32],
    first_moment: &mut [f32],
    second_moment: &mut [f32],
) {
    let correction1 = 1.0 - adam.beta1.powf(t as f64);
    let correction2 = 1.0 - adam.beta2.powf(t as f64);
    for i in 0..parameter.len() {
        let g = f64::from(gradient[i]);
        let m = adam.beta1 * f64::from(first_moment[i]) + (1.0 - adam.beta1) * g;
        let v = adam.beta2 * f64::from(second_moment[i]) + (1.0 - adam.beta2) * g * g;
        let denominator = v.sqrt() / correction2.sqrt() + adam.epsilon;
        let update = adam.learning_rate / correction1 * m / denominator;
        parameter[i] = (f64::from(parameter[i]) - update) as f32;
        first_moment[i] = m as f32;
        second_moment[i] = v as f32;
    }
}

/// [`moving_average::update`](crate::moving_average::update).
pub fn moving_average(decay: f64, average: &mut [f32], values: &[f32]) {
    for (average, value) in average.iter_mut().zip(values) {
        let moved = decay * f64::from(*average) + (1.0 - decay) * f64::from(*value);
        *average = moved as f32;
    }
}

fn start(len: usize, channels: usize, bias: Option<&[f32]>) -> Vec<f64> {
    let of_channel = |channel: usize| bias.map_or(0.0, |bias| f64::from(bias[channel]));
    (0..len).map(|index| of_channel(index % channels)).collect()
}

fn sum_rows(rows: &[f32], channels: usize, sums: &mut [f32]) {
    for (channel, sum) in sums.iter_mut().enumerate() {
        let values = rows.iter().skip(channel).step_by(channels);
        *sum = values.map(|&value| f64::from(value)).sum::<f64>() as f32;
    }
}

fn round(sums: &[f64], values: &mut [f32]) {
    for (&sum, value) in sums.iter().zip(values) {
        *value = sum as f32;
    }
}
