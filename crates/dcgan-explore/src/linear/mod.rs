//! Linear models of features: a support vector machine and logistic regression, which share one
//! [`Standardiser`] and one [`LinearModel`].

mod conjugate_gradient;
pub mod logistic;
mod standardise;
pub mod svm;

pub use conjugate_gradient::{conjugate_gradient, dot_f64};
pub use standardise::Standardiser;

use dcgan_kernels::vectors::dot;

/// A linear function of the features for each output.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearModel {
    /// `[outputs]`, each `[features]`.
    pub weights: Vec<Vec<f32>>,
    /// `[outputs]`.
    pub biases: Vec<f32>,
}

impl LinearModel {
    /// The value of each output for one example, `[outputs]`.
    ///
    /// # Panics
    /// If `example` does not have as many features as the model.
    pub fn scores(&self, example: &[f32]) -> Vec<f32> {
        self.weights
            .iter()
            .zip(&self.biases)
            .map(|(weights, bias)| {
                assert_eq!(weights.len(), example.len(), "number of features");
                dot(weights, example) + bias
            })
            .collect()
    }

    /// The output with the highest score.
    ///
    /// # Panics
    /// As [`scores`](Self::scores).
    pub fn classify(&self, example: &[f32]) -> usize {
        argmax(self.scores(example).into_iter())
    }
}

/// The index of the highest score, 0 if there are no scores.
fn argmax(scores: impl Iterator<Item = f32>) -> usize {
    scores
        .enumerate()
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(index, _)| index)
}
