//! The training pictures nearest to samples, which shows whether the generator memorised them.

use dcgan_kernels::vectors::distance;
use rayon::prelude::*;
use thiserror::Error;

use crate::feature_reader::{FeatureReader, PictureMismatch};
use crate::linear::Standardiser;
use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};
use dcgan_support::median::median;

/// Training pictures that are compared at a time.
const BATCH_SIZE: usize = 64;

/// Training pictures whose own nearest neighbours say what a usual distance is.
const REFERENCES: usize = 256;

/// Why samples could not be compared with training pictures.
#[derive(Debug, Error)]
pub enum NeighbourError {
    /// The data set does not fit the discriminator.
    #[error(transparent)]
    Mismatch(#[from] PictureMismatch),
    /// A training picture could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// A training picture and its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Its index in the data set.
    pub index: usize,
    /// The Euclidean distance.
    pub distance: f64,
}

/// The nearest training pictures of samples, by one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// For each sample its neighbours, the nearest first.
    pub neighbours: Vec<Vec<Neighbour>>,
    /// The median distance of a training picture to its own nearest neighbour.
    pub usual_distance: f64,
}

impl Nearest {
    /// The median distance of samples to their nearest neighbour, relative to the usual distance:
    /// about 1 for new pictures, near 0 for copies.
    ///
    /// `None` if the usual distance is 0: there is only one training picture, or most are identical.
    pub fn novelty(&self) -> Option<f64> {
        let nearest = self.neighbours.iter().filter_map(|found| found.first());
        let distances: Vec<f64> = nearest.map(|neighbour| neighbour.distance).collect();
        (self.usual_distance > 0.0).then(|| median(&distances) / self.usual_distance)
    }
}

/// The nearest training pictures by pixels and by the discriminator's features.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Distances between pixel values in [−1, 1].
    pub pixels: Nearest,
    /// Distances between [features](Discriminator::features), each divided by its standard
    /// deviation over a sample of training pictures.
    pub features: Nearest,
}

/// Finds the `count` nearest training pictures of each sample.
///
/// # Shapes
/// `samples` `[_, image_size, image_size, channels]`, in [−1, 1], as
/// [`FoldedGenerator`](dcgan::model::FoldedGenerator) draws them
///
/// # Errors
/// If the training pictures do not fit the discriminator, or one cannot be read.
pub fn compare(
    discriminator: &Discriminator,
    dataset: &Dataset,
    samples: &[f32],
    count: usize,
    progress: &dyn Fn(usize),
) -> Result<Comparison, NeighbourError> {
    let reader = FeatureReader::new(discriminator, dataset)?;
    let picture_len = dataset.image_size().pow(2) * dataset.channels();
    let pictures = |values: &[f32]| -> Vec<Vec<f32>> {
        let pictures = values.chunks_exact(picture_len);
        pictures.map(<[f32]>::to_vec).collect()
    };
    let step = (dataset.len() / REFERENCES).max(1);
    let references: Vec<usize> = (0..dataset.len()).step_by(step).take(REFERENCES).collect();
    let mut values = samples.to_vec();
    values.extend(reader.values(references.iter().copied())?);
    let mut features = reader.features(&values);
    let sample_count = samples.len() / picture_len;
    let reference_features = features[sample_count..].concat();
    let standardiser = Standardiser::unit_variance(&reference_features, reader.width());
    scale(&mut features, standardiser.scales());

    // one more, as a reference finds itself
    let mut by_pixels = Search::new(pictures(&values), count + 1);
    let mut by_features = Search::new(features, count + 1);
    for start in (0..dataset.len()).step_by(BATCH_SIZE) {
        let indices = start..dataset.len().min(start + BATCH_SIZE);
        let values = reader.values(indices.clone())?;
        let mut features = reader.features(&values);
        scale(&mut features, standardiser.scales());
        by_pixels.compare(start, &pictures(&values));
        by_features.compare(start, &features);
        progress(indices.end);
    }
    let finish = |search: Search| search.finish(sample_count, &references, count);
    Ok(Comparison {
        pixels: finish(by_pixels),
        features: finish(by_features),
    })
}

fn scale(features: &mut [Vec<f32>], scales: &[f32]) {
    for row in features {
        for (feature, scale) in row.iter_mut().zip(scales) {
            *feature *= scale;
        }
    }
}

/// A search for the nearest rows of each query.
struct Search {
    queries: Vec<Vec<f32>>,
    /// For each query, the nearest first.
    found: Vec<Vec<Neighbour>>,
    count: usize,
}

impl Search {
    fn new(queries: Vec<Vec<f32>>, count: usize) -> Self {
        let found = vec![Vec::new(); queries.len()];
        Self {
            queries,
            found,
            count,
        }
    }

    /// Compares all queries with consecutive rows, the first with index `start`.
    fn compare(&mut self, start: usize, rows: &[Vec<f32>]) {
        let count = self.count;
        let queries = self.queries.par_iter().zip(&mut self.found);
        queries.for_each(|(query, found)| {
            for (place, row) in rows.iter().enumerate() {
                let neighbour = Neighbour {
                    index: start + place,
                    distance: distance(query, row),
                };
                let rank = found.partition_point(|other| other.distance <= neighbour.distance);
                if rank < count {
                    found.insert(rank, neighbour);
                    found.truncate(count);
                }
            }
        });
    }

    /// The first `samples` queries are samples, the others the training pictures `references`.
    fn finish(mut self, samples: usize, references: &[usize], count: usize) -> Nearest {
        let of_references = self.found.split_off(samples).into_iter().zip(references);
        let distances: Vec<f64> = of_references
            .filter_map(|(found, &index)| {
                let other = found.into_iter().find(|other| other.index != index)?;
                Some(other.distance)
            })
            .collect();
        for found in &mut self.found {
            found.truncate(count);
        }
        Nearest {
            neighbours: self.found,
            usual_distance: median(&distances),
        }
    }
}
