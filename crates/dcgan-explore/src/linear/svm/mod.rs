//! Linear support vector machines with squared hinge loss, one class against the rest: the
//! classifier that the paper's section 5.1 trains on the discriminator's features.

mod dual_descent;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::{LinearModel, Standardiser, argmax};
pub use dual_descent::StoppingRule;
use dual_descent::{Machine, Problem, descend, squared_norms};

/// Standardised examples, scaled to [unit length](Standardiser::unit_length) so that the same costs
/// suit discriminators with any number of features.
#[derive(Debug, Clone)]
pub struct Examples {
    /// `[examples, features]`
    values: Vec<f32>,
    features: usize,
    standardiser: Standardiser,
}

impl Examples {
    /// Standardises examples.
    ///
    /// # Shapes
    /// `values` `[examples, features]`
    ///
    /// # Panics
    /// If `values` is not a whole number of examples.
    pub fn new(mut values: Vec<f32>, features: usize) -> Self {
        let width = features.max(1);
        assert!(values.len().is_multiple_of(width), "whole examples");
        let standardiser = Standardiser::unit_length(&values, features);
        values
            .par_chunks_mut(width)
            .for_each(|row| standardiser.apply(row));
        Self {
            values,
            features,
            standardiser,
        }
    }

    fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.features..][..self.features]
    }
}

/// Learns to classify some of the examples, for one cost after another. Each fit starts from the
/// solution of the previous one.
pub struct Training<'a> {
    examples: &'a Examples,
    /// Indices of the examples to learn from.
    chosen: Vec<usize>,
    /// The class of each chosen example.
    labels: Vec<usize>,
    squared_norms: Vec<f32>,
    /// One for each class.
    machines: Vec<Machine>,
}

impl<'a> Training<'a> {
    /// Learns from the examples with indices `chosen`, whose `labels` are below `classes`.
    ///
    /// # Panics
    /// If there are not as many labels as chosen examples, or a label is not below `classes`.
    pub fn new(examples: &'a Examples, chosen: &[usize], labels: &[usize], classes: usize) -> Self {
        assert_eq!(chosen.len(), labels.len(), "one label for each example");
        assert!(labels.iter().all(|&label| label < classes), "labels");
        let machine = || Machine::new(chosen.len(), examples.features);
        Self {
            examples,
            chosen: chosen.to_vec(),
            labels: labels.to_vec(),
            squared_norms: squared_norms(examples, chosen),
            machines: (0..classes).map(|_| machine()).collect(),
        }
    }

    /// Minimises ½‖w‖² + C Σ max(0, 1 − y w·x)² for each class, where y is 1 for its examples and
    /// −1 for all others, and C is `cost`. The result is the same on any number of threads.
    ///
    /// # Panics
    /// If `cost` is not positive.
    pub fn fit(&mut self, cost: f64, stop: StoppingRule) -> LinearModel {
        assert!(cost > 0.0, "C is positive");
        let problem = Problem {
            examples: self.examples,
            chosen: &self.chosen,
            labels: &self.labels,
            squared_norms: &self.squared_norms,
            cost,
        };
        // classes of one group share each example while it is in the cache
        let group = self
            .machines
            .len()
            .div_ceil(rayon::current_num_threads())
            .max(1);
        let groups: Vec<_> = (0..)
            .step_by(group)
            .zip(self.machines.chunks_mut(group))
            .collect();
        groups.into_par_iter().for_each(|(first_class, machines)| {
            descend(machines, first_class, &problem, stop);
        });
        self.examples.standardiser.undo(LinearModel {
            weights: self.machines.iter().map(|m| m.weights.clone()).collect(),
            biases: self.machines.iter().map(|m| m.bias).collect(),
        })
    }

    /// How many of the given examples the last fit classifies correctly.
    ///
    /// # Panics
    /// If there are not as many labels as examples.
    pub fn count_correct(&self, examples: &[usize], labels: &[usize]) -> usize {
        assert_eq!(examples.len(), labels.len(), "one label for each example");
        examples
            .par_iter()
            .zip(labels)
            .filter(|(index, label)| self.class_of(**index) == **label)
            .count()
    }

    fn class_of(&self, index: usize) -> usize {
        let row = self.examples.row(index);
        argmax(self.machines.iter().map(|machine| machine.score(row)))
    }

    /// The minimised objective of each class after a fit with `cost`.
    #[cfg(test)]
    fn objectives(&self, cost: f64) -> Vec<f64> {
        let objective = |(class, machine): (usize, &Machine)| {
            let weights = machine.weights.iter().chain([&machine.bias]);
            let square: f64 = weights.map(|&w| f64::from(w).powi(2)).sum();
            let examples = self.chosen.iter().zip(&self.labels);
            let loss = examples.map(|(&index, &label)| {
                let sign = if label == class { 1.0 } else { -1.0 };
                let score = machine.score(self.examples.row(index));
                (1.0 - sign * f64::from(score)).max(0.0).powi(2)
            });
            square / 2.0 + cost * loss.sum::<f64>()
        };
        self.machines.iter().enumerate().map(objective).collect()
    }
}
