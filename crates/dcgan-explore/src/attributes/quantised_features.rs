//! The discriminator's features of many pictures, in one byte each.

use rayon::prelude::*;

use crate::linear::Standardiser;
use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};

/// Pictures that are read at a time.
pub(super) const BATCH_SIZE: usize = 64;

/// How many pictures the standardiser is fitted to.
const STANDARDISER_PICTURES: usize = 1024;

/// Quantisation steps in a standard deviation: the range is ±8 deviations.
const STEPS: f32 = 16.0;

/// The values of some pictures, one after another.
pub(super) fn read_pictures(dataset: &Dataset, indices: &[usize]) -> Result<Vec<f32>, DataError> {
    let pictures: Result<Vec<_>, _> = indices
        .par_iter()
        .map(|&index| dataset.scaled_picture(index))
        .collect();
    Ok(pictures?.concat())
}

/// Standardised features, rounded to sixteenths of a standard deviation.
pub(super) struct QuantisedFeatures {
    standardiser: Standardiser,
    features: usize,
    /// `[pictures, features]`
    values: Vec<i8>,
}

impl QuantisedFeatures {
    /// Computes the features of the pictures with the given indices. `progress` is called with the
    /// number done so far.
    pub fn read(
        discriminator: &Discriminator,
        dataset: &Dataset,
        indices: &[usize],
        progress: &dyn Fn(usize),
    ) -> Result<Self, DataError> {
        let rows = |indices: &[usize]| -> Result<Vec<Vec<f32>>, DataError> {
            Ok(discriminator.features_of_values(&read_pictures(dataset, indices)?))
        };
        let features = discriminator.feature_count();
        let (first, rest) = indices.split_at(indices.len().min(STANDARDISER_PICTURES));
        let mut values = Vec::with_capacity(first.len() * features);
        for batch in first.chunks(BATCH_SIZE) {
            values.extend(rows(batch)?.concat());
            progress(values.len() / features);
        }
        let mut all = Self {
            standardiser: Standardiser::unit_variance(&values, features),
            features,
            values: Vec::with_capacity(indices.len() * features),
        };
        for row in values.chunks_exact_mut(features) {
            all.push(row);
        }
        drop(values);
        for (place, batch) in rest.chunks(BATCH_SIZE).enumerate() {
            for mut row in rows(batch)? {
                all.push(&mut row);
            }
            progress(first.len() + place * BATCH_SIZE + batch.len());
        }
        Ok(all)
    }

    /// Appends a picture's features, which it leaves standardised.
    fn push(&mut self, row: &mut [f32]) {
        self.standardiser.apply(row);
        // the cast saturates at ±8 deviations
        let steps = row.iter().map(|value| (value * STEPS).round() as i8);
        self.values.extend(steps);
    }

    /// The standardised features of the pictures at the given places, row by row.
    pub fn rows(&self, places: &[u32]) -> Vec<f32> {
        let rows = places.par_iter().flat_map_iter(|&place| {
            let row = &self.values[place as usize * self.features..][..self.features];
            row.iter().map(|&steps| f32::from(steps) / STEPS)
        });
        rows.collect()
    }

    pub fn standardiser(&self) -> &Standardiser {
        &self.standardiser
    }
}
