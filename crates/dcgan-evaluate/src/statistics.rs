use dcgan_kernels::products::times_transposed;

use crate::error::EvaluationError;
use crate::features::Features;

/// Mean and covariance of features, in double precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    count: Option<usize>,
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

/// Pictures whose products are added up at a time.
const CHUNK: usize = 4096;

impl Statistics {
    /// The mean and the unbiased covariance (divided by n − 1) of features.
    ///
    /// # Errors
    /// If there are fewer than two pictures.
    pub fn of(features: &Features) -> Result<Self, EvaluationError> {
        let (count, width) = (features.len(), features.width());
        if count < 2 {
            return Err(EvaluationError::TooFew {
                metric: "a covariance",
                side: crate::Side::Generated,
                count,
                needed: 2,
            });
        }
        let mut mean = vec![0.0; width];
        for row in features.values().chunks_exact(width) {
            for (sum, &value) in mean.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
        }
        mean.iter_mut().for_each(|sum| *sum /= count as f64);
        let mut covariance = vec![0.0; width * width];
        let mut product = vec![0.0; width * width];
        for rows in features.values().chunks(CHUNK * width) {
            let columns = centred_columns(rows, &mean);
            times_transposed(&columns, &columns, rows.len() / width, &mut product);
            for (sum, product) in covariance.iter_mut().zip(&product) {
                *sum += product;
            }
        }
        let scale = 1.0 / (count - 1) as f64;
        covariance.iter_mut().for_each(|value| *value *= scale);
        Ok(Self {
            count: Some(count),
            mean,
            covariance,
        })
    }

    /// Statistics from elsewhere, of an unknown number of pictures: `covariance` is
    /// `[mean.len(), mean.len()]` and symmetric.
    pub(crate) fn from_parts(mean: Vec<f64>, covariance: Vec<f64>) -> Self {
        Self {
            count: None,
            mean,
            covariance,
        }
    }

    /// How many pictures; `None` if a file does not say.
    pub fn count(&self) -> Option<usize> {
        self.count
    }

    /// The number of features.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// The mean of every feature.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// `[width, width]`
    pub fn covariance(&self) -> &[f64] {
        &self.covariance
    }
}

/// Rows less their mean, transposed: `[width, rows]`.
fn centred_columns(rows: &[f32], mean: &[f64]) -> Vec<f64> {
    let width = mean.len();
    let count = rows.len() / width;
    let mut columns = vec![0.0; rows.len()];
    for (place, row) in rows.chunks_exact(width).enumerate() {
        for (feature, (&value, mean)) in row.iter().zip(mean).enumerate() {
            columns[feature * count + place] = f64::from(value) - mean;
        }
    }
    columns
}
