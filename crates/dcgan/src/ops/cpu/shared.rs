//! Batch norm of a batch that several ranks share: each sums its own rows, and goes on with the
//! sums over all.

use dcgan_kernels::batch_norm::{self, BatchNorm, GradientSums, Gradients, Statistics, ValueSums};

use crate::ranks::Share;

/// As [`batch_norm::forward_train`], with mean and variance over the rows of all ranks.
pub(super) fn forward_train(
    layer: &BatchNorm,
    input: &[f32],
    output: &mut [f32],
    [mean, variance]: [&mut [f32]; 2],
    share: &Share,
) {
    let channels = mean.len();
    let own = batch_norm::value_sums(input, channels);
    let sums = [vec![own.rows], own.plain, own.squares].concat();
    let sums = share.ranks().sum(sums, "the statistics of a batch");
    let (plain, squares) = sums[1..].split_at(channels);
    let all = ValueSums {
        rows: sums[0],
        plain: plain.to_vec(),
        squares: squares.to_vec(),
    };
    let (of_all, variance_of_all) = all.statistics();
    mean.copy_from_slice(&of_all);
    variance.copy_from_slice(&variance_of_all);
    let statistics = Statistics {
        mean: &of_all,
        variance: &variance_of_all,
    };
    batch_norm::forward_inference(layer, input, statistics, output);
}

/// As [`batch_norm::backward`], where only the gradients of gamma and beta are of this rank's
/// rows alone: they are summed with those of all parameters.
pub(super) fn backward(
    layer: &BatchNorm,
    statistics: Statistics,
    values: [&[f32]; 2],
    gradients: Gradients,
    share: &Share,
) {
    let own = batch_norm::gradient_sums(layer, statistics, values[0], values[1]);
    own.parameters(layer, statistics, gradients.gamma, gradients.beta);
    let channels = own.plain.len();
    let rows = (values[0].len() / channels) as f64;
    let sums = [vec![rows], own.plain, own.centred].concat();
    let sums = share
        .ranks()
        .sum(sums, "the gradients of a batch's statistics");
    let (plain, centred) = sums[1..].split_at(channels);
    let all = GradientSums {
        plain: plain.to_vec(),
        centred: centred.to_vec(),
    };
    batch_norm::backward_part(layer, statistics, values, (&all, sums[0]), gradients.input);
}
