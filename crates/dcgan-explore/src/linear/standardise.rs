//! Bringing features to a common scale.

use rayon::prelude::*;

use super::LinearModel;

/// Features with a smaller standard deviation count as constant.
const MIN_DEVIATION: f64 = 1e-6;

/// Rows that are summed in one task.
const ROWS_PER_TASK: usize = 256;

/// Shifts and scales features, so that each has mean 0 over the examples that it was fitted to and
/// all have the same variance. A constant feature becomes 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardiser {
    means: Vec<f32>,
    scales: Vec<f32>,
}

impl Standardiser {
    /// Each feature gets variance 1.
    ///
    /// # Shapes
    /// `values` `[examples, features]`
    pub fn unit_variance(values: &[f32], features: usize) -> Self {
        Self::fit(values, features, 1.0)
    }

    /// Each feature gets variance 1/`features`: the squared length of an example is 1 on average,
    /// however many features it has.
    ///
    /// # Shapes
    /// `values` `[examples, features]`
    pub fn unit_length(values: &[f32], features: usize) -> Self {
        Self::fit(values, features, (features as f64).sqrt())
    }

    fn fit(values: &[f32], features: usize, divisor: f64) -> Self {
        let count = (values.len() / features.max(1)).max(1) as f64;
        let means: Vec<f64> = sums(values, features, |value, _| value)
            .iter()
            .map(|sum| sum / count)
            .collect();
        let squares = sums(values, features, |value, feature| {
            (value - means[feature]).powi(2)
        });
        let scale = |square: f64| {
            let deviation = (square / count).sqrt();
            if deviation > MIN_DEVIATION {
                (1.0 / (deviation * divisor)) as f32
            } else {
                0.0
            }
        };
        Self {
            scales: squares.into_iter().map(scale).collect(),
            means: means.into_iter().map(|mean| mean as f32).collect(),
        }
    }

    /// What each feature is multiplied by, `[features]`.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Standardises one example in place.
    pub fn apply(&self, example: &mut [f32]) {
        for ((value, mean), scale) in example.iter_mut().zip(&self.means).zip(&self.scales) {
            *value = (*value - mean) * scale;
        }
    }

    /// Turns a model of standardised features into one of the features themselves.
    pub fn undo(&self, mut model: LinearModel) -> LinearModel {
        for (weights, bias) in model.weights.iter_mut().zip(&mut model.biases) {
            let mut shift = 0.0;
            for ((weight, mean), scale) in weights.iter_mut().zip(&self.means).zip(&self.scales) {
                *weight *= scale;
                shift += f64::from(*weight) * f64::from(*mean);
            }
            *bias = (f64::from(*bias) - shift) as f32;
        }
        model
    }
}

/// The sum of `term(value, feature)` over all rows, for each feature. Partial sums are added in a
/// fixed order, so the result does not depend on the number of threads.
fn sums(values: &[f32], features: usize, term: impl Fn(f64, usize) -> f64 + Sync) -> Vec<f64> {
    let partial_sums: Vec<Vec<f64>> = values
        .par_chunks(ROWS_PER_TASK * features.max(1))
        .map(|rows| {
            let mut sums = vec![0.0; features];
            for row in rows.chunks_exact(features) {
                for (feature, (sum, &value)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += term(f64::from(value), feature);
                }
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; features];
    for sums in partial_sums {
        for (total, sum) in total.iter_mut().zip(sums) {
            *total += sum;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_get_mean_0_and_the_wanted_variance() {
        let values = [1.0, 10.0, 7.0, 3.0, -10.0, 7.0];
        for (standardiser, variance) in [
            (Standardiser::unit_variance(&values, 3), 1.0),
            (Standardiser::unit_length(&values, 3), 1.0_f32 / 3.0),
        ] {
            let mut rows = values;
            rows.chunks_mut(3).for_each(|row| standardiser.apply(row));
            let size = variance.sqrt();
            let expected = [-size, size, 0.0, size, -size, 0.0];
            for (found, expected) in rows.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
            }
        }
    }

    #[test]
    fn an_undone_model_scores_features_as_the_model_scores_standardised_ones() {
        let values = [1.0, 10.0, 3.0, -10.0, 4.0, 2.0];
        let standardiser = Standardiser::unit_variance(&values, 2);
        let model = LinearModel {
            weights: vec![vec![0.5, -2.0], vec![3.0, 1.0]],
            biases: vec![0.25, -1.0],
        };
        let undone = standardiser.undo(model.clone());
        for row in values.chunks(2) {
            let mut standardised = row.to_vec();
            standardiser.apply(&mut standardised);
            for (found, expected) in undone.scores(row).iter().zip(model.scores(&standardised)) {
                assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
            }
        }
    }
}
