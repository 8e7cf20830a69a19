//! What fakes are compared with: real pictures, which stay the same for the whole run.

use image::DynamicImage;

use super::Health;
use super::points::{Points, Spread, sliced_wasserstein, spread};
use crate::model::Discriminator;
use dcgan_data::{Augmentation, DataError, Dataset, epoch_order};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes};
use dcgan_support::median::median;

/// Real pictures that fakes are compared with one by one.
const REAL: usize = 64;

/// Training pictures that copies are looked for among, at most.
const TRAINING: usize = 2048;

/// A fake is another's twin if it is nearer to it than this, in what real pictures usually
/// are from their nearest.
const TWIN: f64 = 0.25;

/// Training pictures of which the nearest other one is found.
const REFERENCES: usize = 256;

/// Real pictures and what is known of them.
pub(in crate::train) struct Yardstick {
    /// `[REAL, height, width, channels]`, in [−1, 1].
    pixels: Vec<f32>,
    points: Points,
    spread: Spread,
    saturated: f32,
    training: Points,
    /// The median distance of a training picture to the nearest other one.
    usual: f64,
    /// Whether a picture in the mirror is a training picture too.
    flip: bool,
}

/// What a look at the fakes of a report finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::train) struct Look {
    /// The sliced Wasserstein distance between fakes and real pictures.
    pub distance: f32,
    pub health: Health,
}

impl Yardstick {
    /// The same real pictures in every run on the data.
    ///
    /// # Errors
    /// Pictures that have gone.
    pub fn of(dataset: &Dataset) -> Result<Self, DataError> {
        let shape = PictureShape::square(dataset.image_size(), dataset.channels());
        let mut order = epoch_order(0, 0, dataset.len() as u32);
        order.truncate(TRAINING);
        let (mut real, mut training) = (Vec::new(), Points::default());
        for numbers in order.chunks(REAL) {
            let bytes = numbers
                .iter()
                .map(|&number| dataset.picture(number as usize, Augmentation::NONE))
                .collect::<Result<Vec<_>, _>>()?;
            let pictures: Vec<_> = bytes
                .into_iter()
                .map(|bytes| picture_from_bytes(bytes, shape))
                .collect();
            training.extend(&Points::of(&pictures));
            if real.is_empty() {
                real = pictures;
            }
        }
        let points = Points::of(&real);
        Ok(Self {
            spread: spread(&points.iter().collect::<Vec<_>>()),
            usual: median(&training.nearest_others(REFERENCES)),
            saturated: saturated(&real),
            pixels: scaled(&real),
            flip: dataset.options().flip,
            points,
            training,
        })
    }

    /// Looks at fakes. `before` are those of the same noise at the report before.
    pub fn look(
        &self,
        fakes: &[DynamicImage],
        points: &Points,
        before: Option<&Points>,
        discriminator: &Discriminator,
    ) -> Look {
        let between = spread(&points.iter().collect::<Vec<_>>());
        let twin = TWIN * median(&self.spread.nearest);
        let twins = between.nearest.iter().filter(|&&distance| distance < twin);
        let health = Health {
            saturated_fake: saturated(fakes),
            saturated_real: self.saturated,
            diversity: ratio(between.mean, self.spread.mean).unwrap_or(1.0),
            diversity_features: self.diversity_in_features(fakes, discriminator),
            twins: twins.count() as f32 / fakes.len() as f32,
            change: before.and_then(|before| ratio(points.mean_move(before), self.spread.mean)),
            novelty: ratio(self.to_training(points), self.usual),
        };
        let distance = sliced_wasserstein(points, &self.points);
        Look { distance, health }
    }

    /// The median distance of fakes to their nearest training picture.
    fn to_training(&self, fakes: &Points) -> f64 {
        let mut nearest = fakes.nearest(&self.training);
        if self.flip {
            let mirrored = fakes.mirrored().nearest(&self.training);
            for (nearest, mirrored) in nearest.iter_mut().zip(mirrored) {
                *nearest = nearest.min(mirrored);
            }
        }
        median(&nearest)
    }

    /// The mean distance between fakes in that between real pictures, both in D's features.
    fn diversity_in_features(&self, fakes: &[DynamicImage], discriminator: &Discriminator) -> f32 {
        let spreads = [&scaled(fakes), &self.pixels].map(|pixels| {
            let features = discriminator.features_of_values(pixels);
            spread(&features.iter().map(Vec::as_slice).collect::<Vec<_>>()).mean
        });
        ratio(spreads[0], spreads[1]).unwrap_or(1.0)
    }
}

/// None where there is nothing to measure by.
fn ratio(value: f64, unit: f64) -> Option<f32> {
    let ratio = (value / unit) as f32;
    ratio.is_finite().then_some(ratio)
}

/// `[N, height, width, channels]`, in [−1, 1].
fn scaled(pictures: &[DynamicImage]) -> Vec<f32> {
    let bytes = pictures.iter().flat_map(|picture| picture.as_bytes());
    bytes.map(|&byte| f32::from(byte) / 127.5 - 1.0).collect()
}

/// The share of values that are black or white to the end.
fn saturated(pictures: &[DynamicImage]) -> f32 {
    let bytes = || pictures.iter().flat_map(|picture| picture.as_bytes());
    let ends = bytes().filter(|&&byte| byte == 0 || byte == 255).count();
    ends as f32 / bytes().count().max(1) as f32
}
