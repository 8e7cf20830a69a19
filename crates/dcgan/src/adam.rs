//! Adam (Kingma and Ba 2014), as PyTorch computes it.

use burn::tensor::{Gradients, Tensor, TensorData};

use crate::config::TrainingConfig;
use crate::model::{Network, Parameter};
use crate::ops::{AdamStep, adam_step};

/// PyTorch's ε, added to the denominator.
const EPSILON: f64 = 1e-8;

/// The optimizer of one network.
#[derive(Debug, Clone)]
pub struct Adam {
    settings: AdamStep,
    steps: u64,
    /// The first and second moment of each parameter, flat.
    moments: Vec<[Tensor<1>; 2]>,
}

impl Adam {
    /// An optimizer that has not made a step yet, for the parameters of `network`.
    pub fn new(config: &TrainingConfig, network: &Network) -> Self {
        let zeros = |parameter: &&Parameter| {
            let value = parameter.leaf().clone().inner();
            [value.zeros_like(), value.zeros_like()]
        };
        Self {
            settings: AdamStep {
                learning_rate: config.learning_rate,
                beta1: config.beta1,
                beta2: config.beta2,
                epsilon: EPSILON,
            },
            steps: 0,
            moments: network.parameters().iter().map(zeros).collect(),
        }
    }

    /// How many steps it has made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Moves the parameters of `network`, which are those it was made for,
    /// against their gradients; returns the square of the gradients' length, `[1]`.
    pub fn step(&mut self, network: &mut Network, gradients: &mut Gradients) -> Tensor<1> {
        self.steps += 1;
        let mut squares = Vec::with_capacity(self.moments.len());
        // Parameter and moments are given away and taken back, to be changed in place.
        let moments = std::mem::take(&mut self.moments);
        for (parameter, moments) in network.parameters_mut().into_iter().zip(moments) {
            let Some(gradient) = parameter.leaf().grad_remove(gradients) else {
                self.moments.push(moments); // the loss does not depend on it
                continue;
            };
            let value = parameter.take();
            let moved = adam_step(self.settings, self.steps, value, gradient, moments);
            parameter.set(Tensor::from_inner(moved.parameter));
            self.moments.push(moved.moments);
            squares.push(moved.squares);
        }
        Tensor::cat(squares, 0).sum()
    }

    /// The moments of every parameter, `[first, second]`, flat and in the order of the
    /// parameters.
    pub fn moments(&self) -> &[[Tensor<1>; 2]] {
        &self.moments
    }

    /// Goes on from a saved state: moments in the order of [`Adam::moments`].
    pub fn restore(&mut self, steps: u64, moments: Vec<(Vec<f32>, Vec<f32>)>) {
        self.steps = steps;
        for (place, (first, second)) in self.moments.iter_mut().zip(moments) {
            let device = place[0].device();
            let tensor = |values: Vec<f32>| {
                let length = values.len();
                Tensor::from_data(TensorData::new(values, [length]), &device)
            };
            *place = [tensor(first), tensor(second)];
        }
    }
}
