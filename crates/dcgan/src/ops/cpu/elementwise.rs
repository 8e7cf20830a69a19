//! Batch norm, activations and Adam.

use burn::backend::flex::FlexTensor;
use dcgan_kernels::adam::{self, Adam};
use dcgan_kernels::batch_norm::{self, BatchNorm, Gradients, Statistics};
use dcgan_kernels::{Activation as KernelActivation, Nhwc, activation};

use super::super::{Activation, BATCH_NORM_EPSILON, LEAKY_SLOPE, SharedBatch, profile};
use super::synchronised;
use super::tensor::{ChannelsLast, dense, vector};

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

/// Does `work` under a name that tells the size and the pass.
fn timed<R>([layer, pass]: [&str; 2], sizes: Nhwc, work: impl FnOnce() -> R) -> R {
    let name = || format!("{layer} {}, {}: {pass}", sizes.channels, sizes.height);
    profile::time(name, work)
}

fn layer<'a>(gamma: &'a FlexTensor, beta: &'a FlexTensor, activation: Activation) -> BatchNorm<'a> {
    BatchNorm {
        gamma: gamma.storage(),
        beta: beta.storage(),
        epsilon: BATCH_NORM_EPSILON,
        activation: activation.into(),
    }
}

/// Output, mean and variance, those of the whole batch if `x` holds some rows of a shared one.
pub fn batch_norm_train(
    x: FlexTensor,
    [gamma, beta]: [FlexTensor; 2],
    activation: Activation,
    batch: Option<&dyn SharedBatch>,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let (x, gamma, beta) = (ChannelsLast::of(x), dense(gamma), dense(beta));
    let layer = layer(&gamma, &beta, activation);
    let (mut mean, mut variance) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    let output = timed(["batch_norm", "forward"], x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            let (x, statistics) = (x.values(), [&mut mean[..], &mut variance]);
            match batch {
                None => {
                    let [mean, variance] = statistics;
                    batch_norm::forward_train(&layer, x, output, mean, variance);
                }
                Some(batch) => synchronised::forward_train(&layer, x, output, statistics, batch),
            }
        })
    });
    (output, vector(mean), vector(variance))
}

pub fn batch_norm_inference(
    x: FlexTensor,
    [gamma, beta, mean, variance]: [FlexTensor; 4],
    activation: Activation,
) -> FlexTensor {
    let x = ChannelsLast::of(x);
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(dense);
    let layer = layer(&gamma, &beta, activation);
    let statistics = Statistics {
        mean: mean.storage(),
        variance: variance.storage(),
    };
    timed(["batch_norm", "inference"], x.sizes, || {
        ChannelsLast::written(x.sizes, |output| {
            batch_norm::forward_inference(&layer, x.values(), statistics, output);
        })
    })
}

/// Gradients of the input, and what this rank's rows give of those of the scale and the shift.
pub fn batch_norm_backward(
    x: FlexTensor,
    [gamma, beta, mean, variance]: [FlexTensor; 4],
    activation: Activation,
    gradient: FlexTensor,
    batch: Option<&dyn SharedBatch>,
) -> [FlexTensor; 3] {
    let (x, gradient) = (ChannelsLast::of(x), ChannelsLast::of(gradient));
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(dense);
    let layer = layer(&gamma, &beta, activation);
    let statistics = Statistics {
        mean: mean.storage(),
        variance: variance.storage(),
    };
    let (mut of_gamma, mut of_beta) = (vec![0.0; x.sizes.channels], vec![0.0; x.sizes.channels]);
    let of_input = timed(["batch_norm", "backward"], x.sizes, || {
        ChannelsLast::written(x.sizes, |input| {
            let gradients = Gradients {
                input,
                gamma: &mut of_gamma,
                beta: &mut of_beta,
            };
            let values = [x.values(), gradient.values()];
            match batch {
                None => batch_norm::backward(&layer, statistics, values[0], values[1], gradients),
                Some(batch) => synchronised::backward(&layer, statistics, values, gradients, batch),
            }
        })
    });
    [of_input, vector(of_gamma), vector(of_beta)]
}

pub fn activation_forward(x: FlexTensor, activation: Activation) -> FlexTensor {
    let x = ChannelsLast::of(x);
    timed(["activation", "forward"], x.sizes, || {
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
    let (output, gradient) = (ChannelsLast::of(output), ChannelsLast::of(gradient));
    timed(["activation", "backward"], output.sizes, || {
        ChannelsLast::written(output.sizes, |of_input| {
            let (output, gradient) = (output.values(), gradient.values());
            activation::backward(activation.into(), output, gradient, of_input);
        })
    })
}

/// The parameter and both moments after step `t`, in the memory that they have, unless some
/// other tensor uses it too, and the sum of the gradient's squares.
pub fn adam_step(
    [parameter, gradient, first, second]: [FlexTensor; 4],
    adam: Adam,
    t: u64,
) -> (FlexTensor, FlexTensor, FlexTensor, FlexTensor) {
    let gradient = dense(gradient);
    let [mut parameter, mut first, mut second] = [parameter, first, second].map(dense);
    let squares = profile::time(
        || "adam".to_owned(),
        || {
            adam::step(
                &adam,
                t,
                parameter.storage_mut(),
                gradient.storage(),
                first.storage_mut(),
                second.storage_mut(),
            )
        },
    );
    (parameter, first, second, vector(vec![squares as f32]))
}
