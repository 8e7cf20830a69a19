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
    let sums = added_up(parts(input, share).map(|part| {
        let own = batch_norm::value_sums(part, channels);
        [vec![own.rows], own.plain, own.squares].concat()
    }));
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

/// As [`batch_norm::backward`]. The gradients of gamma and beta are of all rows on rank 0 and 0
/// on others: they are summed with those of all parameters.
pub(super) fn backward(
    layer: &BatchNorm,
    statistics: Statistics,
    values: [&[f32]; 2],
    gradients: Gradients,
    share: &Share,
) {
    let channels = gradients.gamma.len();
    let both = parts(values[0], share).zip(parts(values[1], share));
    let sums = added_up(both.map(|(input, gradient)| {
        let own = batch_norm::gradient_sums(layer, statistics, input, gradient);
        let rows = (input.len() / channels) as f64;
        [vec![rows], own.plain, own.centred].concat()
    }));
    let sums = share
        .ranks()
        .sum(sums, "the gradients of a batch's statistics");
    let (plain, centred) = sums[1..].split_at(channels);
    let all = GradientSums {
        plain: plain.to_vec(),
        centred: centred.to_vec(),
    };
    match share.ranks().is_root() {
        true => all.parameters(layer, statistics, gradients.gamma, gradients.beta),
        false => {
            gradients.gamma.fill(0.0);
            gradients.beta.fill(0.0);
        }
    }
    batch_norm::backward_part(layer, statistics, values, (&all, sums[0]), gradients.input);
}

/// This rank's values in its parts, each of which is summed as by the rank that had it alone.
fn parts<'a>(values: &'a [f32], share: &Share) -> impl Iterator<Item = &'a [f32]> {
    values.chunks(values.len() / share.parts().unwrap_or(1))
}

/// The sum of vectors in pairs, and pairs of pairs, as ranks with one of them each add them up:
/// where a mean is far larger than the deviation, even the order in double precision shows.
fn added_up(sums: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let mut sums: Vec<Vec<f64>> = sums.collect();
    while sums.len() > 1 {
        let pairs = sums.chunks(2).map(|pair| match pair {
            [one, other] => one
                .iter()
                .zip(other)
                .map(|(one, other)| one + other)
                .collect(),
            _ => pair.concat(),
        });
        sums = pairs.collect();
    }
    sums.pop().unwrap_or_default()
}
