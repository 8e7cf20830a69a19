//! Batch norm of a batch that several processes share: each sums its own rows, and continues with
//! the sums over all.

use dcgan_kernels::batch_norm::{self, BatchNorm, GradientSums, Gradients, Statistics, ValueSums};

use super::super::SharedBatch;

/// As [`batch_norm::forward_train`], with mean and variance over all rows of the batch.
pub(super) fn forward_train(
    layer: &BatchNorm,
    input: &[f32],
    output: &mut [f32],
    [mean, variance]: [&mut [f32]; 2],
    batch: &dyn SharedBatch,
) {
    let channels = mean.len();
    let sums = sum_in_pairs(parts(input, batch).map(|part| {
        let own = batch_norm::value_sums(part, channels);
        [vec![own.rows], own.plain, own.squares].concat()
    }));
    let sums = batch.all_reduce(sums, "the statistics of a batch");
    let (plain, squares) = sums[1..].split_at(channels);
    let all = ValueSums {
        rows: sums[0],
        plain: plain.to_vec(),
        squares: squares.to_vec(),
    };
    let (batch_mean, batch_variance) = all.statistics();
    mean.copy_from_slice(&batch_mean);
    variance.copy_from_slice(&batch_variance);
    let statistics = Statistics {
        mean: &batch_mean,
        variance: &batch_variance,
    };
    batch_norm::forward_inference(layer, input, statistics, output);
}

/// As [`batch_norm::backward`]. The gradients of gamma and beta are those of all rows on the root
/// process and 0 on others: they are summed with those of all parameters.
pub(super) fn backward(
    layer: &BatchNorm,
    statistics: Statistics,
    values: [&[f32]; 2],
    gradients: Gradients,
    batch: &dyn SharedBatch,
) {
    let channels = gradients.gamma.len();
    let [input, output_gradient] = values;
    let both = parts(input, batch).zip(parts(output_gradient, batch));
    let sums = sum_in_pairs(both.map(|(input, gradient)| {
        let own = batch_norm::gradient_sums(layer, statistics, input, gradient);
        [vec![own.rows], own.plain, own.centred].concat()
    }));
    let sums = batch.all_reduce(sums, "the gradients of a batch's statistics");
    let (plain, centred) = sums[1..].split_at(channels);
    let all = GradientSums {
        rows: sums[0],
        plain: plain.to_vec(),
        centred: centred.to_vec(),
    };
    if batch.is_root() {
        all.parameters(layer, statistics, gradients.gamma, gradients.beta);
    } else {
        gradients.gamma.fill(0.0);
        gradients.beta.fill(0.0);
    }
    let target = gradients.input;
    batch_norm::backward_part(layer, statistics, input, output_gradient, &all, target);
}

/// This process's rows in its parts, each of which is summed as if a process had it alone.
fn parts<'a>(values: &'a [f32], batch: &dyn SharedBatch) -> impl Iterator<Item = &'a [f32]> {
    values.chunks(values.len() / batch.parts())
}

/// The sum of vectors in pairs, then pairs of pairs: the order in which processes with one part
/// each sum them. Where a mean is far larger than the deviation, the order shows even in double
/// precision.
fn sum_in_pairs(vectors: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let mut sums: Vec<Vec<f64>> = vectors.collect();
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
