//! The real pictures that fakes are compared with, the same for the whole run.

use image::DynamicImage;

use super::colours::Colours;
use super::points::{Points, Spread, sliced_wasserstein, spread};
use super::{Comparison, Health};
use crate::model::Discriminator;
use dcgan_data::{Augmentation, DataError, Dataset, epoch_order};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes};
use dcgan_support::median::median;

/// Real pictures that fakes are compared with one by one.
const REAL_PICTURES: usize = 64;

/// The most training pictures among which copies are searched for.
const MAX_TRAINING_PICTURES: usize = 2048;

/// A fake is another's twin if their distance is smaller than this, relative to the usual one of
/// a real picture to its nearest neighbour.
const TWIN_DISTANCE: f64 = 0.25;

/// Training pictures whose nearest neighbour is searched for.
const NEIGHBOUR_SAMPLES: usize = 256;

/// Real pictures and their statistics.
pub(super) struct Reference {
    /// `[REAL_PICTURES, H, W, C]`, in [−1, 1].
    pixels: Vec<f32>,
    points: Points,
    spread: Spread,
    saturated: f32,
    contrast: f64,
    colours: Colours,
    training: Points,
    /// The median distance of a training picture to its nearest neighbour.
    neighbour_distance: f64,
    /// Whether the flip of a training picture is a training picture too.
    flip: bool,
}

impl Reference {
    /// The same real pictures in every run on `dataset`.
    ///
    /// # Errors
    /// If a picture cannot be read.
    pub fn from_dataset(dataset: &Dataset) -> Result<Self, DataError> {
        let shape = PictureShape::square(dataset.image_size(), dataset.channels());
        let mut order = epoch_order(0, 0, dataset.len() as u32);
        order.truncate(MAX_TRAINING_PICTURES);
        let (mut real, mut training) = (Vec::new(), Points::default());
        for indices in order.chunks(REAL_PICTURES) {
            let bytes = indices
                .iter()
                .map(|&index| dataset.picture(index as usize, Augmentation::NONE))
                .collect::<Result<Vec<_>, _>>()?;
            let pictures: Vec<_> = bytes
                .into_iter()
                .map(|bytes| picture_from_bytes(bytes, shape))
                .collect();
            training.extend(&Points::from_pictures(&pictures));
            if real.is_empty() {
                real = pictures;
            }
        }
        let points = Points::from_pictures(&real);
        Ok(Self {
            spread: spread(&points.iter().collect::<Vec<_>>()),
            neighbour_distance: median(&training.nearest_neighbours(NEIGHBOUR_SAMPLES)),
            saturated: saturated(&real),
            contrast: points.mean_contrast(),
            colours: Colours::of_real(&points),
            pixels: scaled(&real),
            flip: dataset.options().flip,
            points,
            training,
        })
    }

    /// Compares fakes with the real pictures. `previous` are the fakes of the same latent vectors
    /// at the previous report.
    pub fn compare(
        &self,
        fakes: &[DynamicImage],
        points: &Points,
        previous: Option<&Points>,
        discriminator: &Discriminator,
    ) -> Comparison {
        let among_fakes = spread(&points.iter().collect::<Vec<_>>());
        let twin_distance = TWIN_DISTANCE * median(&self.spread.nearest);
        let nearest = among_fakes.nearest.iter();
        let twins = nearest.filter(|&&distance| distance < twin_distance);
        let health = Health {
            saturated_fake: saturated(fakes),
            saturated_real: self.saturated,
            diversity: ratio(among_fakes.mean, self.spread.mean).unwrap_or(1.0),
            diversity_features: self.diversity_in_features(fakes, discriminator),
            twins: twins.count() as f32 / fakes.len() as f32,
            change: previous
                .and_then(|previous| ratio(points.mean_change(previous), self.spread.mean)),
            novelty: ratio(self.distance_to_training(points), self.neighbour_distance),
            contrast: ratio(points.mean_contrast(), self.contrast),
            colours: self.colours.covered_by(points),
        };
        Comparison {
            distance: sliced_wasserstein(points, &self.points),
            health,
        }
    }

    /// The median distance of fakes to their nearest training picture.
    fn distance_to_training(&self, fakes: &Points) -> f64 {
        let mut nearest = fakes.nearest(&self.training);
        if self.flip {
            let flipped = fakes.flipped().nearest(&self.training);
            for (nearest, flipped) in nearest.iter_mut().zip(flipped) {
                *nearest = nearest.min(flipped);
            }
        }
        median(&nearest)
    }

    /// The mean distance between fakes relative to that between real pictures, in D's features.
    fn diversity_in_features(&self, fakes: &[DynamicImage], discriminator: &Discriminator) -> f32 {
        let spreads = [&scaled(fakes), &self.pixels].map(|pixels| {
            let features = discriminator.features_of_values(pixels);
            spread(&features.iter().map(Vec::as_slice).collect::<Vec<_>>()).mean
        });
        ratio(spreads[0], spreads[1]).unwrap_or(1.0)
    }
}

/// `None` if `unit` is 0.
fn ratio(value: f64, unit: f64) -> Option<f32> {
    let ratio = (value / unit) as f32;
    ratio.is_finite().then_some(ratio)
}

/// `[N, H, W, C]`, in [−1, 1].
fn scaled(pictures: &[DynamicImage]) -> Vec<f32> {
    let bytes = pictures.iter().flat_map(|picture| picture.as_bytes());
    bytes.map(|&byte| f32::from(byte) / 127.5 - 1.0).collect()
}

/// The share of values that are fully black or white.
fn saturated(pictures: &[DynamicImage]) -> f32 {
    let bytes = || pictures.iter().flat_map(|picture| picture.as_bytes());
    let saturated = bytes().filter(|&&byte| byte == 0 || byte == 255).count();
    saturated as f32 / bytes().count().max(1) as f32
}
