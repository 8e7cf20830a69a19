//! Which training pictures are nearest to a drawn one: memorisation made visible.

use dcgan_kernels::vectors::distance;
use rayon::prelude::*;

use crate::feature_reader::{FeatureError, FeatureReader};
use dcgan::model::Discriminator;
use dcgan_data::Dataset;
use dcgan_support::median::median;

/// Training pictures that are compared at a time.
const BATCH: usize = 64;

/// Training pictures of which the nearest other one is found, as a measure for distances.
const REFERENCES: usize = 256;

/// A training picture and its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Its number in the data set.
    pub index: usize,
    /// Euclidean distance.
    pub distance: f64,
}

/// The nearest training pictures of drawn ones, by one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Of each drawn picture, the nearest first.
    pub of_drawn: Vec<Vec<Neighbour>>,
    /// The median distance of a training picture to the nearest other one.
    pub usual: f64,
}

impl Nearest {
    /// How near drawn pictures are to training pictures, in terms of how near those are to each
    /// other: about 1 for new pictures, towards 0 for copies.
    ///
    /// None where training pictures have no distance to each other: there is but one, or most of
    /// them are the same.
    pub fn novelty(&self) -> Option<f64> {
        let firsts = self.of_drawn.iter().filter_map(|all| all.first());
        let distances: Vec<f64> = firsts.map(|first| first.distance).collect();
        (self.usual > 0.0).then(|| median(&distances) / self.usual)
    }
}

/// The nearest training pictures by pixels, and by the discriminator's features.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Distances between pixel values in [−1, 1].
    pub pixels: Nearest,
    /// Distances between [features](Discriminator::features), each divided by its deviation over
    /// the training pictures that serve as references.
    pub features: Nearest,
}

/// Finds the `count` nearest training pictures of each drawn one.
///
/// # Shapes
/// `drawn` `[_, image_size, image_size, channels]`, in [−1, 1], as
/// [`FoldedGenerator`](dcgan::model::FoldedGenerator) draws
///
/// # Errors
/// Training pictures of another form than the discriminator's, and one that cannot be read any
/// more.
pub fn compare(
    discriminator: &Discriminator,
    dataset: &Dataset,
    drawn: &[f32],
    count: usize,
    progress: &dyn Fn(usize),
) -> Result<Comparison, FeatureError> {
    let reader = FeatureReader::new(discriminator, dataset)?;
    let picture_len = dataset.image_size().pow(2) * dataset.channels();
    let rows = |pixels: &[f32]| {
        pixels
            .chunks_exact(picture_len)
            .map(<[f32]>::to_vec)
            .collect()
    };
    let step = (dataset.len() / REFERENCES).max(1);
    let references: Vec<usize> = (0..dataset.len()).step_by(step).take(REFERENCES).collect();
    let mut pixels = drawn.to_vec();
    for &index in &references {
        pixels.extend(reader.values(index)?);
    }
    let mut features = reader.of_values(&pixels);
    let drawn_count = drawn.len() / picture_len;
    let scale = inverse_deviations(&features[drawn_count..]);
    scale_all(&mut features, &scale);

    let mut by_pixels = Search::new(rows(&pixels), count + 1);
    let mut by_features = Search::new(features, count + 1);
    for start in (0..dataset.len()).step_by(BATCH) {
        let indices = start..dataset.len().min(start + BATCH);
        let mut pixels = Vec::new();
        for index in indices.clone() {
            pixels.extend(reader.values(index)?);
        }
        let mut features = reader.of_values(&pixels);
        scale_all(&mut features, &scale);
        by_pixels.look_at(start, &rows(&pixels));
        by_features.look_at(start, &features);
        progress(indices.end);
    }
    let [pixels, features] =
        [by_pixels, by_features].map(|search| search.finish(drawn_count, &references, count));
    Ok(Comparison { pixels, features })
}

/// A search for the nearest of what is looked at.
struct Search {
    queries: Vec<Vec<f32>>,
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

    /// Compares all queries with rows whose numbers start at `first`.
    fn look_at(&mut self, first: usize, rows: &[Vec<f32>]) {
        let count = self.count;
        let queries = self.queries.par_iter().zip(&mut self.found);
        queries.for_each(|(query, found)| {
            for (place, row) in rows.iter().enumerate() {
                let neighbour = Neighbour {
                    index: first + place,
                    distance: distance(query, row),
                };
                let at = found.partition_point(|other| other.distance <= neighbour.distance);
                if at < count {
                    found.insert(at, neighbour);
                    found.truncate(count);
                }
            }
        });
    }

    /// The first queries are drawn pictures, the rest training pictures with these numbers.
    fn finish(mut self, drawn: usize, references: &[usize], count: usize) -> Nearest {
        let of_references = self.found.split_off(drawn).into_iter().zip(references);
        let others = of_references.filter_map(|(found, &index)| {
            let other = found.into_iter().find(|other| other.index != index)?;
            Some(other.distance)
        });
        let usual = median(&others.collect::<Vec<_>>());
        for found in &mut self.found {
            found.truncate(count);
        }
        Nearest {
            of_drawn: self.found,
            usual,
        }
    }
}

/// 1 / deviation of each feature, 0 for one that never changes.
fn inverse_deviations(features: &[Vec<f32>]) -> Vec<f32> {
    let count = features.len() as f64;
    (0..features.first().map_or(0, Vec::len))
        .map(|feature| {
            let values = || features.iter().map(|all| f64::from(all[feature]));
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            match variance.sqrt() {
                deviation if deviation > 1e-6 => (1.0 / deviation) as f32,
                _ => 0.0,
            }
        })
        .collect()
}

fn scale_all(features: &mut [Vec<f32>], scale: &[f32]) {
    for features in features {
        for (feature, scale) in features.iter_mut().zip(scale) {
            *feature *= scale;
        }
    }
}
