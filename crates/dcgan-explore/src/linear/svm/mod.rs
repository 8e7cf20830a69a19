//! Linear support vector machines with squared hinge loss: one class against the rest, as the
//! paper's section 5.1 takes them for the discriminator's features.

mod dual_descent;
#[cfg(test)]
mod tests;

use dcgan_kernels::vectors::dot;
use rayon::prelude::*;

use super::standardise::Scale;
pub use dual_descent::Stop;
use dual_descent::{Machine, SquaredNorms};

/// A classifier: for each class the weights of all features and a bias; the class with the
/// highest score wins.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSvm {
    /// Of each class, `[features + 1]`, the bias last.
    weights: Vec<Vec<f32>>,
}

impl LinearSvm {
    /// How sure each class is of an example: positive where it takes it for its own.
    ///
    /// # Panics
    /// If the example has another number of features than those that were learned from.
    pub fn scores(&self, example: &[f32]) -> Vec<f32> {
        let score = |weights: &Vec<f32>| {
            let (bias, weights) = weights.split_last().expect("a bias");
            assert_eq!(weights.len(), example.len(), "number of features");
            dot(weights, example) + bias
        };
        self.weights.iter().map(score).collect()
    }

    /// The class of an example.
    ///
    /// # Panics
    /// As [`scores`](Self::scores).
    pub fn classify(&self, example: &[f32]) -> usize {
        best(self.scores(example).into_iter())
    }
}

/// The class with the highest score.
fn best(scores: impl Iterator<Item = f32>) -> usize {
    let scores = scores.enumerate();
    let best = scores.max_by(|(_, one), (_, other)| one.total_cmp(other));
    best.map_or(0, |(class, _)| class)
}

/// Examples in memory, standardised: each feature has mean 0, and the squared length of an
/// example is 1 on average, whatever its features. So the same costs fit all discriminators.
#[derive(Debug, Clone)]
pub struct Examples {
    /// `[examples, features]`
    values: Vec<f32>,
    width: usize,
    scale: Scale,
}

impl Examples {
    /// Standardises examples.
    ///
    /// # Shapes
    /// `values` `[examples, features]`
    ///
    /// # Panics
    /// If `values` are no whole number of examples.
    pub fn new(values: Vec<f32>, features: usize) -> Self {
        assert!(
            values.len().is_multiple_of(features.max(1)),
            "whole examples"
        );
        let mut examples = Self {
            scale: Scale::of(&values, features),
            values,
            width: features,
        };
        examples
            .values
            .par_chunks_mut(examples.width.max(1))
            .for_each(|row| examples.scale.apply(row));
        examples
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }
}

/// Learns to classify some examples, at one cost after the other: each begins where the one before
/// has ended.
///
/// ```
/// use dcgan_explore::linear_svm::{Examples, Stop, Training};
///
/// // two features; the class is whether the first is larger
/// let values = vec![3.0, 1.0, 0.0, 2.0, 5.0, 4.0, 1.0, 2.5];
/// let examples = Examples::new(values, 2);
/// let mut training = Training::new(&examples, &[0, 1, 2, 3], &[1, 0, 1, 0], 2);
/// let svm = training.fit(10.0, Stop::default());
/// assert_eq!(svm.classify(&[4.0, 1.0]), 1);
/// assert_eq!(svm.classify(&[1.0, 4.0]), 0);
/// ```
pub struct Training<'a> {
    examples: &'a Examples,
    /// The examples that are learned from.
    chosen: Vec<usize>,
    /// The class of each chosen one.
    labels: Vec<usize>,
    squared_norms: SquaredNorms,
    /// One for each class.
    machines: Vec<Machine>,
}

impl<'a> Training<'a> {
    /// Examples to learn from, with their labels below `classes`.
    ///
    /// # Panics
    /// If there are not as many labels as chosen examples, or a label is no class.
    pub fn new(examples: &'a Examples, chosen: &[usize], labels: &[usize], classes: usize) -> Self {
        assert_eq!(chosen.len(), labels.len(), "one label for each example");
        assert!(labels.iter().all(|&label| label < classes), "labels");
        let machine = || Machine::new(chosen.len(), examples.width);
        Self {
            examples,
            chosen: chosen.to_vec(),
            labels: labels.to_vec(),
            squared_norms: SquaredNorms::of(examples, chosen),
            machines: (0..classes).map(|_| machine()).collect(),
        }
    }

    /// Minimises ½‖w‖² + C Σ max(0, 1 − y w·x)² for each class, where y is 1 for its examples and
    /// −1 for all others. The same examples give the same classifier, on any number of threads.
    ///
    /// # Panics
    /// If `cost` is not positive.
    pub fn fit(&mut self, cost: f64, stop: Stop) -> LinearSvm {
        assert!(cost > 0.0, "C is positive");
        // Classes of one group share each example while it is in the cache.
        let group = self.machines.len().div_ceil(rayon::current_num_threads());
        let first_classes = (0..).step_by(group.max(1));
        let groups: Vec<_> = first_classes
            .zip(self.machines.chunks_mut(group.max(1)))
            .collect();
        let (examples, chosen, labels) = (self.examples, &self.chosen, &self.labels);
        let squared_norms = &self.squared_norms;
        groups.into_par_iter().for_each(|(first, machines)| {
            let problem = dual_descent::Problem {
                row: &|place| examples.row(chosen[place]),
                label: &|place| labels[place],
                squared_norms,
                cost,
            };
            dual_descent::descend(machines, first, &problem, stop);
        });
        let weights = self.machines.iter().map(Machine::weights);
        LinearSvm {
            weights: weights.map(|w| examples.scale.undo(w)).collect(),
        }
    }

    /// How many of some examples the newest classifier takes for what they are.
    ///
    /// # Panics
    /// If there are not as many labels as examples.
    pub fn right(&self, examples: &[usize], labels: &[usize]) -> usize {
        assert_eq!(examples.len(), labels.len(), "one label for each example");
        let class_of = |index: usize| {
            let row = self.examples.row(index);
            best(self.machines.iter().map(|machine| machine.score(row)))
        };
        let pairs = examples.par_iter().zip(labels);
        pairs
            .filter(|(index, label)| class_of(**index) == **label)
            .count()
    }

    /// The value of what is minimised, of each class, for a cost that was just fitted.
    #[cfg(test)]
    fn objective(&self, cost: f64) -> Vec<f64> {
        let of = |(class, machine): (usize, &Machine)| {
            let (w, bias) = machine.weights();
            let square: f64 = w.iter().chain([&bias]).map(|&w| f64::from(w).powi(2)).sum();
            let places = self.chosen.iter().zip(&self.labels);
            let loss = places.map(|(&index, &label)| {
                let sign = if label == class { 1.0 } else { -1.0 };
                let score = machine.score(self.examples.row(index));
                (1.0 - sign * f64::from(score)).max(0.0).powi(2)
            });
            square / 2.0 + cost * loss.sum::<f64>()
        };
        self.machines.iter().enumerate().map(of).collect()
    }
}
