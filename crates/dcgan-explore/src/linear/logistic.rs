//! Logistic regression of many attributes at once, by Adam on small batches.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use dcgan::model::to_host;
use dcgan::ops::{AdamStep, adam_step};
use dcgan_data::epoch_order;

/// Examples in a batch.
const BATCH: usize = 256;

/// Passes over the examples, but at least so many steps.
const EPOCHS: usize = 16;
const LEAST_STEPS: usize = 1500;

/// Adam's learning rate at the beginning; it falls to nothing along a cosine.
const LEARNING_RATE: f64 = 2e-3;

/// What the head learns from.
pub(crate) struct Examples<'a> {
    /// How many.
    pub count: usize,
    /// Numbers of an example, each of mean 0 and deviation 1.
    pub width: usize,
    /// The numbers of some examples, one after the other.
    pub rows: &'a dyn Fn(&[u32]) -> Vec<f32>,
    /// 1 where an attribute holds, else 0: `[count, attributes]`.
    pub answers: &'a [f32],
}

/// A weight of each number for each attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    /// `[width, attributes]`
    pub weights: Vec<f32>,
    /// `[attributes]`
    pub biases: Vec<f32>,
}

impl Head {
    /// The logits of one example, `[attributes]`.
    pub fn logits(&self, numbers: &[f32]) -> Vec<f32> {
        let mut logits = self.biases.clone();
        let of_numbers = self.weights.chunks_exact(logits.len());
        for (&number, weights) in numbers.iter().zip(of_numbers) {
            for (logit, weight) in logits.iter_mut().zip(weights) {
                *logit += number * weight;
            }
        }
        logits
    }
}

/// The head that makes the mean log loss plus `decay`/2 of the squared weights small.
pub(crate) fn fit(examples: &Examples, decay: f64, device: &Device) -> Head {
    let attributes = examples.answers.len() / examples.count;
    let mut weights = Learned::zeros(examples.width * attributes, device);
    let mut biases = Learned::zeros(attributes, device);
    let batch = BATCH.min(examples.count);
    let per_epoch = examples.count / batch;
    let steps = (EPOCHS * per_epoch).max(LEAST_STEPS);
    for step in 0..steps {
        let (epoch, place) = (step / per_epoch, step % per_epoch);
        let order = epoch_order(0, epoch as u64, examples.count as u32);
        let chosen = &order[place * batch..][..batch];
        let answers: Vec<f32> = chosen
            .iter()
            .flat_map(|&index| &examples.answers[index as usize * attributes..][..attributes])
            .copied()
            .collect();
        let matrix = |values, columns| {
            Tensor::<2>::from_data(TensorData::new(values, [batch, columns]), device)
        };
        let inputs = matrix((examples.rows)(chosen), examples.width);
        let answers = matrix(answers, attributes);
        let matrix = weights.values.clone().reshape([examples.width, attributes]);
        let bias = biases.values.clone().reshape([1, attributes]);
        let logits = inputs.clone().matmul(matrix) + bias; // [batch, attributes]
        let error = (sigmoid(logits) - answers) / batch as f32;
        let bias_gradient = error.clone().sum_dim(0).reshape([attributes]);
        let gradient = inputs.transpose().matmul(error);
        let gradient = gradient.reshape([examples.width * attributes]);
        let gradient = gradient + weights.values.clone() * decay;
        let rate = LEARNING_RATE * (1.0 + cosine(step, steps)) / 2.0;
        weights.step(step, rate, gradient);
        biases.step(step, rate * 10.0, bias_gradient);
    }
    let [weights, biases] = [weights, biases].map(|learned| to_host(learned.values));
    Head { weights, biases }
}

fn cosine(step: usize, steps: usize) -> f64 {
    (std::f64::consts::PI * step as f64 / steps as f64).cos()
}

/// Numbers that Adam moves, and its moments.
struct Learned {
    values: Tensor<1>,
    moments: [Tensor<1>; 2],
}

impl Learned {
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
        let moved = adam_step(adam, step as u64 + 1, values, gradient, moments);
        (self.values, self.moments) = (moved.parameter, moved.moments);
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use dcgan_support::random::{Purpose, stream};

    #[test]
    fn two_attributes_are_told_from_the_numbers_they_depend_on() {
        let device = dcgan::device::by_name("cpu").unwrap().inner();
        // three random numbers; one attribute is the first, the other the sum of the rest
        let random = stream(0, Purpose::Picture, 0);
        let numbers: Vec<f32> = StandardNormal.sample_iter(random).take(3000).collect();
        let rows: Vec<&[f32]> = numbers.chunks(3).collect();
        let answer = |holds: bool| f32::from(u8::from(holds));
        let answers: Vec<f32> = rows
            .iter()
            .flat_map(|row| [answer(row[0] > 0.5), answer(row[1] + row[2] > 0.0)])
            .collect();
        let pick = |chosen: &[u32]| {
            chosen
                .iter()
                .flat_map(|&i| rows[i as usize])
                .copied()
                .collect()
        };
        let examples = Examples {
            count: rows.len(),
            width: 3,
            rows: &pick,
            answers: &answers,
        };
        let head = fit(&examples, 1e-4, &device);
        let [one, other] = [0, 1].map(|attribute| {
            let right = rows.iter().zip(answers.chunks(2)).filter(|(row, answers)| {
                (head.logits(row)[attribute] > 0.0) == (answers[attribute] == 1.0)
            });
            right.count()
        });
        assert!(one > 850 && other > 930, "{one} and {other} of 1000");
        assert!(
            head.weights[0] > 3.0 * head.weights[2].abs(),
            "{:?}",
            head.weights
        );
    }
}
