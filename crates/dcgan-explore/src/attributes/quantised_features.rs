//! The discriminator's features of many pictures, standardised and small.

use rayon::prelude::*;

use crate::linear::logistic::Head;
use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};

/// Pictures that are read at a time.
pub(super) const BATCH: usize = 64;

/// Pictures that a feature's mean and deviation are taken from.
const FOR_MOMENTS: usize = 1024;

/// The values of some pictures, one after the other.
pub(super) fn pictures(dataset: &Dataset, indices: &[usize]) -> Result<Vec<f32>, DataError> {
    let each: Result<Vec<_>, _> = indices
        .par_iter()
        .map(|&index| dataset.scaled_picture(index))
        .collect();
    Ok(each?.concat())
}

/// The features of many pictures, standardised, each in one byte: sixteenths of a deviation.
pub(super) struct Standardised {
    means: Vec<f32>,
    /// 1 / deviation, 0 for a feature that never changes.
    scales: Vec<f32>,
    values: Vec<i8>,
}

/// Steps of a deviation.
const STEPS: f32 = 16.0;

impl Standardised {
    pub fn read(
        discriminator: &Discriminator,
        dataset: &Dataset,
        indices: &[usize],
        progress: &dyn Fn(usize),
    ) -> Result<Self, DataError> {
        let features = |indices: &[usize]| -> Result<Vec<Vec<f32>>, DataError> {
            Ok(discriminator.features_of_values(&pictures(dataset, indices)?))
        };
        let (first, rest) = indices.split_at(indices.len().min(FOR_MOMENTS));
        let mut rows = Vec::new();
        for indices in first.chunks(BATCH) {
            rows.extend(features(indices)?);
            progress(rows.len());
        }
        let mut all = Self::with_moments(&rows);
        all.values
            .reserve_exact(indices.len() * discriminator.feature_count());
        all.extend(&rows);
        drop(rows);
        for (place, indices) in rest.chunks(BATCH).enumerate() {
            all.extend(&features(indices)?);
            progress(first.len() + place * BATCH + indices.len());
        }
        Ok(all)
    }

    fn with_moments(rows: &[Vec<f32>]) -> Self {
        let count = rows.len().max(1) as f64;
        let width = rows.first().map_or(0, Vec::len);
        let moments = (0..width).into_par_iter().map(|feature| {
            let values = || rows.iter().map(|row| f64::from(row[feature]));
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            let deviation = variance.sqrt();
            let scale = if deviation > 1e-6 {
                1.0 / deviation
            } else {
                0.0
            };
            (mean as f32, scale as f32)
        });
        let (means, scales) = moments.unzip();
        Self {
            means,
            scales,
            values: Vec::new(),
        }
    }

    fn extend(&mut self, rows: &[Vec<f32>]) {
        for row in rows {
            let each = row.iter().zip(&self.means).zip(&self.scales);
            // what is beyond eight deviations counts as eight
            let steps =
                each.map(|((value, mean), scale)| ((value - mean) * scale * STEPS).round() as i8);
            self.values.extend(steps);
        }
    }

    /// The standardised features of some pictures, one after the other.
    pub fn rows(&self, chosen: &[u32]) -> Vec<f32> {
        let width = self.means.len();
        let rows = chosen.par_iter().flat_map_iter(|&index| {
            let row = &self.values[index as usize * width..][..width];
            row.iter().map(|&steps| f32::from(steps) / STEPS)
        });
        rows.collect()
    }

    /// A head for standardised features as one for features as they are.
    pub fn unscaled(&self, mut head: Head) -> Head {
        let attributes = head.biases.len();
        let of_features = head.weights.chunks_exact_mut(attributes);
        for ((weights, &mean), &scale) in of_features.zip(&self.means).zip(&self.scales) {
            for (weight, bias) in weights.iter_mut().zip(&mut head.biases) {
                *weight *= scale;
                *bias -= *weight * mean;
            }
        }
        head
    }
}
