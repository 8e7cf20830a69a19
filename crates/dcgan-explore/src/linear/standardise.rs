//! Bringing features to one size.

use rayon::prelude::*;

/// A feature that deviates less from its mean never changes.
const LEAST_DEVIATION: f64 = 1e-6;

/// Rows that are summed up in one go.
const ROWS: usize = 256;

/// The mean of each feature, and what its distance from it is multiplied by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    mean: Vec<f32>,
    factor: Vec<f32>,
}

impl Scale {
    /// Of rows, so that each feature has mean 0 and variance 1/features; one that never changes
    /// becomes 0.
    pub fn of(values: &[f32], features: usize) -> Self {
        let count = (values.len() / features.max(1)).max(1) as f64;
        let mean: Vec<f64> = sums(values, features, |value, _| value)
            .iter()
            .map(|sum| sum / count)
            .collect();
        let squares = sums(values, features, |value, feature| {
            (value - mean[feature]).powi(2)
        });
        let factor = squares.iter().map(|square| {
            let deviation = (square / count).sqrt();
            match deviation > LEAST_DEVIATION {
                true => (1.0 / (deviation * (features as f64).sqrt())) as f32,
                false => 0.0,
            }
        });
        Self {
            factor: factor.collect(),
            mean: mean.into_iter().map(|mean| mean as f32).collect(),
        }
    }

    /// Standardises one row.
    pub fn apply(&self, row: &mut [f32]) {
        for ((value, mean), factor) in row.iter_mut().zip(&self.mean).zip(&self.factor) {
            *value = (*value - mean) * factor;
        }
    }

    /// The weights of features as they were from those of standardised ones; the bias comes last.
    pub fn undo(&self, (weights, bias): (&[f32], f32)) -> Vec<f32> {
        let scaled = weights.iter().zip(&self.factor);
        let mut undone: Vec<f32> = scaled.map(|(weight, factor)| weight * factor).collect();
        let shift = undone.iter().zip(&self.mean);
        let shift: f64 = shift
            .map(|(w, mean)| f64::from(*w) * f64::from(*mean))
            .sum();
        undone.push((f64::from(bias) - shift) as f32);
        undone
    }
}

/// The sum of `term` over all rows, for each feature. Parts are added in a fixed order, so that
/// the result does not depend on the number of threads.
fn sums(values: &[f32], features: usize, term: impl Fn(f64, usize) -> f64 + Sync) -> Vec<f64> {
    let parts: Vec<Vec<f64>> = values
        .par_chunks(ROWS * features.max(1))
        .map(|part| {
            let mut sums = vec![0.0; features];
            for row in part.chunks_exact(features) {
                for (feature, (sum, &value)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += term(f64::from(value), feature);
                }
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; features];
    for part in parts {
        for (total, sum) in total.iter_mut().zip(part) {
            *total += sum;
        }
    }
    total
}
