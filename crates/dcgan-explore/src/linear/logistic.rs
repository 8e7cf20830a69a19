//! Logistic regression for several targets at once, by Adam on small batches.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use super::LinearModel;
use dcgan::model::to_host;
use dcgan::ops::{AdamStep, adam_step};
use dcgan_data::epoch_order;

const BATCH_SIZE: usize = 256;

/// Passes over the examples, unless that is less than [`MIN_STEPS`].
const EPOCHS: usize = 16;
const MIN_STEPS: usize = 1500;

/// Adam's initial learning rate for the weights; it decays to 0 along a cosine.
const LEARNING_RATE: f64 = 2e-3;

/// How much faster the biases learn.
const BIAS_RATE: f64 = 10.0;

/// What to learn from.
pub struct Problem<'a> {
    /// The number of examples.
    pub examples: usize,
    /// Features of an example, each of mean 0 and variance 1.
    pub features: usize,
    /// The features of the examples with the given indices, row by row.
    pub rows: &'a dyn Fn(&[u32]) -> Vec<f32>,
    /// 0 or 1: `[examples, targets]`.
    pub targets: &'a [f32],
}

/// Fits the model whose outputs are logits of the targets. It minimises the mean log loss plus
/// `decay`/2 times the squared weights.
pub fn fit(problem: &Problem, decay: f64, device: &Device) -> LinearModel {
    let features = problem.features;
    let targets = problem.targets.len() / problem.examples;
    let mut weights = Variable::zeros(features * targets, device); // [features, targets]
    let mut biases = Variable::zeros(targets, device);
    let batch = BATCH_SIZE.min(problem.examples);
    let steps_per_epoch = problem.examples / batch;
    let steps = (EPOCHS * steps_per_epoch).max(MIN_STEPS);
    for step in 0..steps {
        let (epoch, place) = (step / steps_per_epoch, step % steps_per_epoch);
        let order = epoch_order(0, epoch as u64, problem.examples as u32);
        let chosen = &order[place * batch..][..batch];
        let answers: Vec<f32> = chosen
            .iter()
            .flat_map(|&index| &problem.targets[index as usize * targets..][..targets])
            .copied()
            .collect();
        let matrix = |values, columns| {
            Tensor::<2>::from_data(TensorData::new(values, [batch, columns]), device)
        };
        let inputs = matrix((problem.rows)(chosen), features);
        let answers = matrix(answers, targets);
        let matrix = weights.values.clone().reshape([features, targets]);
        let bias = biases.values.clone().reshape([1, targets]);
        let logits = inputs.clone().matmul(matrix) + bias; // [batch, targets]
        let error = (sigmoid(logits) - answers) / batch as f32;
        let bias_gradient = error.clone().sum_dim(0).reshape([targets]);
        let gradient = inputs
            .transpose()
            .matmul(error)
            .reshape([features * targets])
            + weights.values.clone() * decay;
        let learning_rate = LEARNING_RATE * (1.0 + cosine(step, steps)) / 2.0;
        weights.step(step, learning_rate, gradient);
        biases.step(step, learning_rate * BIAS_RATE, bias_gradient);
    }
    let weights = to_host(weights.values);
    let column = |target| weights[target..].iter().step_by(targets).copied().collect();
    LinearModel {
        weights: (0..targets).map(column).collect(),
        biases: to_host(biases.values),
    }
}

/// From 1 down to −1.
fn cosine(step: usize, steps: usize) -> f64 {
    (std::f64::consts::PI * step as f64 / steps as f64).cos()
}

/// Values that Adam learns.
struct Variable {
    values: Tensor<1>,
    moments: [Tensor<1>; 2],
}

impl Variable {
    fn zeros(len: usize, device: &Device) -> Self {
        let zeros = || Tensor::<1>::zeros([len], device);
        Self {
            values: zeros(),
            moments: [zeros(), zeros()],
        }
    }

    fn step(&mut self, step: usize, learning_rate: f64, gradient: Tensor<1>) {
        let adam = AdamStep {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        };
        let (values, moments) = (self.values.clone(), self.moments.clone());
        let updated = adam_step(adam, step as u64 + 1, values, gradient, moments);
        (self.values, self.moments) = (updated.parameter, updated.moments);
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use dcgan_support::random::{Purpose, stream};

    #[test]
    fn two_targets_are_predicted_from_the_features_they_depend_on() {
        let device = dcgan::device::by_name("cpu").unwrap().inner();
        // three random features; the first decides one target, the sum of the others the second
        let random = stream(0, Purpose::Picture, 0);
        let features: Vec<f32> = StandardNormal.sample_iter(random).take(3000).collect();
        let rows: Vec<&[f32]> = features.chunks(3).collect();
        let target = |holds: bool| f32::from(u8::from(holds));
        let targets: Vec<f32> = rows
            .iter()
            .flat_map(|row| [target(row[0] > 0.5), target(row[1] + row[2] > 0.0)])
            .collect();
        let pick = |chosen: &[u32]| {
            chosen
                .iter()
                .flat_map(|&i| rows[i as usize])
                .copied()
                .collect()
        };
        let problem = Problem {
            examples: rows.len(),
            features: 3,
            rows: &pick,
            targets: &targets,
        };
        let model = fit(&problem, 1e-4, &device);
        let [first, second] = [0, 1].map(|target| {
            let correct = rows.iter().zip(targets.chunks(2)).filter(|(row, targets)| {
                (model.scores(row)[target] > 0.0) == (targets[target] == 1.0)
            });
            correct.count()
        });
        assert!(first > 850 && second > 930, "{first} and {second} of 1000");
        let [own, other] = [0, 1].map(|feature| model.weights[0][feature]);
        assert!(own > 3.0 * other.abs(), "{model:?}");
    }
}
