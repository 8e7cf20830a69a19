//! Dual coordinate descent for linear support vector machines with squared hinge loss: Hsieh,
//! Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear
//! SVM" (ICML 2008), algorithm 1 with random orders (section 3.3), as LIBLINEAR's solver 1 has it.
//!
//! The weights are w = Σ α y x. One example's α at a time is set to where the dual is least along
//! it, which takes one product of w with the example and one sum.

use dcgan_kernels::vectors::{add_scaled, dot};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::Examples;
use dcgan_support::random::{Purpose, stream};

/// When a descent has come near enough to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// How far the projected gradients of a pass may lie apart: LIBLINEAR's epsilon.
    pub tolerance: f32,
    /// The most passes over the examples.
    pub passes: u64,
}

impl Default for Stop {
    /// LIBLINEAR's tolerance and most passes.
    fn default() -> Self {
        Self {
            tolerance: 0.1,
            passes: 1000,
        }
    }
}

/// What is to be learned.
pub(super) struct Problem<'a> {
    /// The features of an example.
    pub row: &'a (dyn Fn(usize) -> &'a [f32] + Sync),
    /// The class of an example.
    pub label: &'a (dyn Fn(usize) -> usize + Sync),
    pub squared_norms: &'a SquaredNorms,
    pub cost: f64,
}

/// x·x of each example, with the 1 that the bias is multiplied by.
pub(super) struct SquaredNorms(Vec<f32>);

impl SquaredNorms {
    pub fn of(examples: &Examples, chosen: &[usize]) -> Self {
        let square = |&index: &usize| dot(examples.row(index), examples.row(index)) + 1.0;
        Self(chosen.par_iter().map(square).collect())
    }
}

/// One class against the rest.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// Of each example, never negative.
    alpha: Vec<f32>,
    /// Σ α y x
    weights: Vec<f32>,
    bias: f32,
}

impl Machine {
    pub fn new(examples: usize, features: usize) -> Self {
        Self {
            alpha: vec![0.0; examples],
            weights: vec![0.0; features],
            bias: 0.0,
        }
    }

    pub fn weights(&self) -> (&[f32], f32) {
        (&self.weights, self.bias)
    }

    /// How sure it is of an example.
    pub fn score(&self, row: &[f32]) -> f32 {
        dot(&self.weights, row) + self.bias
    }

    /// Sets the α of one example to its best value. Returns the projected gradient there before.
    fn visit(&mut self, place: usize, row: &[f32], sign: f32, (norm, diagonal): (f32, f32)) -> f32 {
        let alpha = self.alpha[place];
        let gradient = sign * self.score(row) - 1.0 + diagonal * alpha;
        let projected = if alpha == 0.0 {
            gradient.min(0.0)
        } else {
            gradient
        };
        if projected.abs() > 1e-12 {
            let moved = (alpha - gradient / (norm + diagonal)).max(0.0);
            let step = (moved - alpha) * sign;
            add_scaled(&mut self.weights, row, step);
            self.bias += step;
            self.alpha[place] = moved;
        }
        projected
    }
}

/// Descends for several classes side by side, of which the first has the number `first`, until
/// each has come near enough. What one class learns does not depend on the others.
pub(super) fn descend(machines: &mut [Machine], first: usize, problem: &Problem, stop: Stop) {
    let count = problem.squared_norms.0.len();
    let diagonal = (0.5 / problem.cost) as f32;
    let mut order: Vec<usize> = (0..count).collect();
    let mut going: Vec<_> = machines.iter_mut().zip(first..).collect();
    for pass in 0..stop.passes {
        order.shuffle(&mut stream(0, Purpose::SupportVectors, pass));
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); going.len()];
        for &place in &order {
            let row = (problem.row)(place);
            let label = (problem.label)(place);
            let norm = problem.squared_norms.0[place];
            for ((machine, class), (least, most)) in going.iter_mut().zip(&mut ranges) {
                let sign = if label == *class { 1.0 } else { -1.0 };
                let projected = machine.visit(place, row, sign, (norm, diagonal));
                *least = least.min(projected);
                *most = most.max(projected);
            }
        }
        let mut ranges = ranges.into_iter();
        going.retain(|_| {
            let (least, most) = ranges.next().expect("a range for each class");
            most - least > stop.tolerance
        });
        if going.is_empty() {
            break;
        }
    }
}
