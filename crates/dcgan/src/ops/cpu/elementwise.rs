//! Batch norm, activations and Adam.

use burn::backend::flex::FlexTensor;
use dcgan_kernels::adam::{self, Adam};
use dcgan_kernels::batch_norm::{self as kernel, BatchNorm, Gradients};
use dcgan_kernels::{
    Activation as KernelActivation, Nhwc, activation, augmentation,
    moving_average as average_kernel, vectors,
};

use rayon::prelude::*;

use super::super::{
    Activation, Augmentation, BATCH_NORM_EPSILON, LEAKY_SLOPE, ScaleShift, SharedBatch, Statistics,
    profile,
};
use super::synchronised;
use super::tensor::{ChannelsLast, dense, vector};

/// Values in one task.
const TASK_LEN: usize = 1 << 14;

impl From<Activation> for KernelActivation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu => Self::LeakyRelu(LEAKY_SLOPE as f32),
            Activation::Tanh => Self::Tanh,
            Activation::None => Self::None,
        }
    }
}

/// Runs `work` as an operation of the profile, named for layer, sizes and pass.
fn timed<R>(layer: &str, pass: &str, sizes: Nhwc, work: impl FnOnce() -> R) -> R {
    let name = || format!("{layer} {}, {}: {pass}", sizes.channels, sizes.height);
    profile::time(name, work)
}

fn layer(parameters: &ScaleShift<FlexTensor>, activation: Activation) -> BatchNorm<'_> {
    BatchNorm {
        gamma: parameters.gamma.storage(),
        beta: parameters.beta.storage(),
        epsilon: BATCH_NORM_EPSILON,
        activation: activation.into(),
    }
}

fn slices(statistics: &Statistics<FlexTensor>) -> kernel::Statistics<'_> {
    kernel::Statistics {
        mean: statistics.mean.storage(),
        variance: statistics.variance.storage(),
    }
}

/// The normalised batch and its statistics, which are those of all rows if `x` holds some rows of
/// a shared batch.
pub fn batch_norm_train(
    x: FlexTensor,
    parameters: ScaleShift<FlexTensor>,
    activation: Activation,
    batch: Option<&dyn SharedBatch>,
) -> (FlexTensor, Statistics<FlexTensor>) {
    let (x, parameters) = (ChannelsLast::from_tensor(x), parameters.map(dense));
    let layer = layer(&parameters, activation);
    let (mut mean, mut variance) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    let output = timed("batch_norm", "forward", x.sizes, || {
        ChannelsLast::written(x.sizes, |output| match batch {
            None => kernel::forward_train(&layer, x.values(), output, &mut mean, &mut variance),
            Some(batch) => {
                let statistics = [&mut mean[..], &mut variance];
                synchronised::forward_train(&layer, x.values(), output, statistics, batch);
            }
        })
    });
    (output, Statistics { mean, variance }.map(vector))
}

pub fn batch_norm_inference(
    x: FlexTensor,
    parameters: ScaleShift<FlexTensor>,
    statistics: Statistics<FlexTensor>,
    activation: Activation,
) -> FlexTensor {
    let x = ChannelsLast::from_tensor(x);
    let (parameters, statistics) = (parameters.map(dense), statistics.map(dense));
    let layer = layer(&parameters, activation);
    timed("batch_norm", "inference", x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            kernel::forward_inference(&layer, x.values(), slices(&statistics), output);
        })
    })
}

/// The gradients of the input, the scale and the shift; the last two are this process's
/// contributions to those of a shared batch.
pub fn batch_norm_backward(
    x: FlexTensor,
    parameters: ScaleShift<FlexTensor>,
    statistics: Statistics<FlexTensor>,
    activation: Activation,
    gradient: FlexTensor,
    batch: Option<&dyn SharedBatch>,
) -> [FlexTensor; 3] {
    let (x, gradient) = (
        ChannelsLast::from_tensor(x),
        ChannelsLast::from_tensor(gradient),
    );
    let (parameters, statistics) = (parameters.map(dense), statistics.map(dense));
    let (layer, statistics) = (layer(&parameters, activation), slices(&statistics));
    let (mut of_gamma, mut of_beta) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    let of_input = timed("batch_norm", "backward", x.sizes, || {
        ChannelsLast::written(x.sizes, |input| {
            let gradients = Gradients {
                input,
                gamma: &mut of_gamma,
                beta: &mut of_beta,
            };
            let (x, gradient) = (x.values(), gradient.values());
            match batch {
                None => kernel::backward(&layer, statistics, x, gradient, gradients),
                Some(batch) => {
                    synchronised::backward(&layer, statistics, [x, gradient], gradients, batch);
                }
            }
        })
    });
    [of_input, vector(of_gamma), vector(of_beta)]
}

pub fn activation_forward(x: FlexTensor, activation: Activation) -> FlexTensor {
    let x = ChannelsLast::from_tensor(x);
    timed("activation", "forward", x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            activation::forward(activation.into(), x.values(), output);
        })
    })
}

pub fn activation_backward(
    output: FlexTensor,
    activation: Activation,
    gradient: FlexTensor,
) -> FlexTensor {
    let (output, gradient) = (
        ChannelsLast::from_tensor(output),
        ChannelsLast::from_tensor(gradient),
    );
    timed("activation", "backward", output.sizes, || {
        ChannelsLast::written(output.sizes, |of_input| {
            let (output, gradient) = (output.values(), gradient.values());
            activation::backward(activation.into(), output, gradient, of_input);
        })
    })
}

/// The parameter and both moments after step `t`, and the sum of the squares of the gradient. They
/// are changed in place unless another tensor shares their memory.
pub fn adam_step(
    parameter: FlexTensor,
    gradient: FlexTensor,
    moments: [FlexTensor; 2],
    adam: Adam,
    t: u64,
) -> (FlexTensor, FlexTensor, FlexTensor, FlexTensor) {
    let (mut parameter, gradient) = (dense(parameter), dense(gradient));
    let [mut first, mut second] = moments.map(dense);
    let update = || {
        adam::step(
            &adam,
            t,
            parameter.storage_mut(),
            gradient.storage(),
            first.storage_mut(),
            second.storage_mut(),
        )
    };
    let squares = profile::time(|| "adam".to_owned(), update);
    (parameter, first, second, vector(vec![squares as f32]))
}

/// The average moved toward `values`. It is changed in place unless another tensor shares its
/// memory.
pub fn moving_average(average: FlexTensor, values: FlexTensor, decay: f64) -> FlexTensor {
    let (mut average, values) = (dense(average), dense(values));
    let update = || average_kernel::update(decay, average.storage_mut(), values.storage());
    profile::time(|| "moving average".to_owned(), update);
    average
}

/// `x + scale · noise`.
pub fn add_noise(x: FlexTensor, noise: FlexTensor, scale: f64) -> FlexTensor {
    let (x, noise) = (
        ChannelsLast::from_tensor(x),
        ChannelsLast::from_tensor(noise),
    );
    timed("add noise", "forward", x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            output.copy_from_slice(x.values());
            output
                .par_chunks_mut(TASK_LEN)
                .zip(noise.values().par_chunks(TASK_LEN))
                .for_each(|(output, noise)| vectors::add_scaled(output, noise, scale as f32));
        })
    })
}

pub fn augment(pictures: FlexTensor, augmentations: &[Augmentation]) -> FlexTensor {
    let x = ChannelsLast::from_tensor(pictures);
    timed("augment", "forward", x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            augmentation::forward(x.sizes, augmentations, x.values(), output);
        })
    })
}

pub fn augment_gradient(gradient: FlexTensor, augmentations: &[Augmentation]) -> FlexTensor {
    let gradient = ChannelsLast::from_tensor(gradient);
    let (sizes, values) = (gradient.sizes, gradient.values());
    timed("augment", "backward", sizes, || {
        ChannelsLast::written(sizes, |of_input| {
            augmentation::input_gradient(sizes, augmentations, values, of_input);
        })
    })
}
