//! How far fakes are from real pictures: the measure by which the best checkpoint is chosen.
//!
//! It is the sliced Wasserstein distance (Rabin et al. 2011; for GANs, Karras et al. 2018):
//! both sets of pictures are projected onto random directions, and along each the mean
//! distance between the sorted values is taken. It falls while fakes become like the real
//! pictures, and rises both when they become worse and when they become all alike. Latent
//! vectors, real pictures and directions are always the same ones, so that two checkpoints of
//! a run can be compared. No network takes part that learns, unlike in the losses.

use image::DynamicImage;
use image::imageops::{self, FilterType};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::random::{Purpose, stream};

/// Side of the pictures that are compared, in pixels: what is seen at a glance.
const SIDE: u32 = 16;

/// How many directions.
const DIRECTIONS: u64 = 128;

/// Pictures as points: `[pictures, SIDE·SIDE·3]`, each value in [0, 1].
pub(super) struct Points {
    values: Vec<f32>,
}

const COORDINATES: usize = (SIDE * SIDE * 3) as usize;

impl Points {
    pub fn of(pictures: &[DynamicImage]) -> Self {
        let small = pictures.par_iter().flat_map_iter(|picture| {
            let small = imageops::resize(&picture.to_rgb8(), SIDE, SIDE, FilterType::Triangle);
            small
                .into_raw()
                .into_iter()
                .map(|byte| f32::from(byte) / 255.0)
        });
        Self {
            values: small.collect(),
        }
    }

    /// Their places along a direction, sorted.
    fn along(&self, direction: &[f32]) -> Vec<f32> {
        let points = self.values.chunks_exact(COORDINATES);
        let mut places: Vec<f32> = points
            .map(|point| point.iter().zip(direction).map(|(x, d)| x * d).sum())
            .collect();
        places.sort_by(f32::total_cmp);
        places
    }
}

/// The sliced Wasserstein distance, in the unit of a coordinate times the square root of
/// their number; 0 for the same pictures.
pub(super) fn sliced_wasserstein(fakes: &Points, real: &Points) -> f32 {
    let distances: Vec<f64> = (0..DIRECTIONS)
        .into_par_iter()
        .map(|index| {
            let direction = direction(index);
            quantile_distance(&fakes.along(&direction), &real.along(&direction))
        })
        .collect(); // and added up in order, so that the sum is the same on any threads
    (distances.iter().sum::<f64>() / DIRECTIONS as f64) as f32
}

/// A direction of length 1, the same ones in every run.
fn direction(index: u64) -> Vec<f32> {
    let random = stream(0, Purpose::Directions, index);
    let mut direction: Vec<f32> = StandardNormal
        .sample_iter(random)
        .take(COORDINATES)
        .collect();
    let length = direction.iter().map(|d| d * d).sum::<f32>().sqrt();
    direction.iter_mut().for_each(|d| *d /= length);
    direction
}

/// The mean distance between two sorted lists, place by place.
fn quantile_distance(one: &[f32], other: &[f32]) -> f64 {
    let pairs = one.iter().enumerate().map(|(place, value)| {
        let counterpart = other[place * other.len() / one.len()];
        f64::from((value - counterpart).abs())
    });
    pairs.sum::<f64>() / one.len() as f64
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn greys(values: impl IntoIterator<Item = u8>) -> Points {
        let picture = |value| RgbImage::from_pixel(32, 32, Rgb([value; 3])).into();
        let pictures: Vec<DynamicImage> = values.into_iter().map(picture).collect();
        Points::of(&pictures)
    }

    #[test]
    fn the_same_pictures_in_another_order_are_at_no_distance() {
        assert_eq!(
            sliced_wasserstein(&greys(0..64), &greys((0..64).rev())),
            0.0
        );
    }

    #[test]
    fn it_grows_with_the_difference_and_with_collapse() {
        let real = greys((0..64).map(|value| value * 4));
        let near = sliced_wasserstein(&greys((0..64).map(|value| value * 4 + 3)), &real);
        let far = sliced_wasserstein(&greys((0..64).map(|value| value * 3 / 2)), &real);
        let collapsed = sliced_wasserstein(&greys([128; 64]), &real);
        assert!(near > 0.0 && far > 2.0 * near, "{near} {far}");
        assert!(collapsed > 4.0 * near, "{near} {collapsed}");
    }
}
