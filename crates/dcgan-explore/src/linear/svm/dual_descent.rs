//! Dual coordinate descent for linear support vector machines with squared hinge loss: Hsieh,
//! Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear
//! SVM" (ICML 2008), algorithm 1 with random permutations (section 3.3), as in LIBLINEAR's solver 1.
//!
//! The weights are w = Σ α y x. Each update sets one example's α to the minimum of the dual along
//! that coordinate, which takes one dot product of w with the example and one scaled addition.

use dcgan_kernels::vectors::{add_scaled, dot};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::Examples;
use dcgan_support::random::{Purpose, stream};

/// Smaller projected gradients do not update α.
const MIN_GRADIENT: f32 = 1e-12;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoppingRule {
    /// Stop when the projected gradients of a pass differ by no more than this: LIBLINEAR's
    /// epsilon.
    pub tolerance: f32,
    /// Stop after this many passes over the examples.
    pub max_passes: u64,
}

impl Default for StoppingRule {
    /// LIBLINEAR's defaults.
    fn default() -> Self {
        Self {
            tolerance: 0.1,
            max_passes: 1000,
        }
    }
}

/// What to learn.
pub(super) struct Problem<'a> {
    pub examples: &'a Examples,
    /// Indices of the examples to learn from.
    pub chosen: &'a [usize],
    /// The class of each chosen example.
    pub labels: &'a [usize],
    /// [`squared_norms`] of the chosen examples.
    pub squared_norms: &'a [f32],
    pub cost: f64,
}

/// x·x of each chosen example, with the constant 1 that the bias is multiplied by.
pub(super) fn squared_norms(examples: &Examples, chosen: &[usize]) -> Vec<f32> {
    chosen
        .par_iter()
        .map(|&index| dot(examples.row(index), examples.row(index)) + 1.0)
        .collect()
}

/// One class against the rest.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// For each example, never negative.
    alpha: Vec<f32>,
    /// Σ α y x
    pub weights: Vec<f32>,
    pub bias: f32,
}

/// A training example as one machine sees it.
struct SignedExample<'a> {
    row: &'a [f32],
    /// y: 1 for the machine's own class, −1 for all others.
    sign: f32,
    squared_norm: f32,
}

impl Machine {
    pub fn new(examples: usize, features: usize) -> Self {
        Self {
            alpha: vec![0.0; examples],
            weights: vec![0.0; features],
            bias: 0.0,
        }
    }

    pub fn score(&self, row: &[f32]) -> f32 {
        dot(&self.weights, row) + self.bias
    }

    /// Minimises the dual over `alpha[index]`. Returns the projected gradient before the update.
    fn update(&mut self, index: usize, example: &SignedExample, diagonal: f32) -> f32 {
        let alpha = self.alpha[index];
        let gradient = example.sign * self.score(example.row) - 1.0 + diagonal * alpha;
        let projected = if alpha == 0.0 {
            gradient.min(0.0)
        } else {
            gradient
        };
        if projected.abs() > MIN_GRADIENT {
            let updated = (alpha - gradient / (example.squared_norm + diagonal)).max(0.0);
            let step = (updated - alpha) * example.sign;
            add_scaled(&mut self.weights, example.row, step);
            self.bias += step;
            self.alpha[index] = updated;
        }
        projected
    }
}

/// The smallest and the largest projected gradient of a pass.
#[derive(Clone, Copy)]
struct GradientRange {
    min: f32,
    max: f32,
}

impl GradientRange {
    const EMPTY: Self = Self {
        min: f32::INFINITY,
        max: f32::NEG_INFINITY,
    };

    fn include(&mut self, gradient: f32) {
        self.min = self.min.min(gradient);
        self.max = self.max.max(gradient);
    }
}

/// Trains the machines of consecutive classes, starting with `first_class`, in one sweep: each
/// until `stop` says so. What one class learns does not depend on the others.
pub(super) fn descend(
    machines: &mut [Machine],
    first_class: usize,
    problem: &Problem,
    stop: StoppingRule,
) {
    let diagonal = (0.5 / problem.cost) as f32;
    let mut order: Vec<usize> = (0..problem.chosen.len()).collect();
    let mut unfinished: Vec<_> = machines.iter_mut().zip(first_class..).collect();
    for pass in 0..stop.max_passes {
        order.shuffle(&mut stream(0, Purpose::SupportVectors, pass));
        let mut ranges = vec![GradientRange::EMPTY; unfinished.len()];
        for &index in &order {
            let row = problem.examples.row(problem.chosen[index]);
            let label = problem.labels[index];
            let squared_norm = problem.squared_norms[index];
            for ((machine, class), range) in unfinished.iter_mut().zip(&mut ranges) {
                let example = SignedExample {
                    row,
                    sign: if label == *class { 1.0 } else { -1.0 },
                    squared_norm,
                };
                range.include(machine.update(index, &example, diagonal));
            }
        }
        let mut ranges = ranges.into_iter();
        unfinished.retain(|_| {
            let range = ranges.next().expect("a range for each class");
            range.max - range.min > stop.tolerance
        });
        if unfinished.is_empty() {
            break;
        }
    }
}
