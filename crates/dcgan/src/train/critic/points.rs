//! Pictures as points, and how far apart they are.
//!
//! The measure by which the best checkpoint is chosen is the sliced Wasserstein distance (Rabin et al. 2011; for GANs, Karras et al. 2018):
//! both sets of pictures are projected onto random directions, and along each the mean
//! distance between the sorted values is taken. It falls while fakes become like the real
//! pictures, and rises both when they become worse and when they become all alike. Latent
//! vectors, real pictures and directions are always the same ones, so that two checkpoints of
//! a run can be compared. No network takes part that learns, unlike in the losses.

use std::slice::ChunksExact;

use dcgan_kernels::vectors::distance;
use image::DynamicImage;
use image::imageops::{self, FilterType};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use dcgan_support::random::{Purpose, stream};

/// Side of the pictures that are compared, in pixels: what is seen at a glance.
const SIDE: u32 = 16;

/// How many directions.
const DIRECTIONS: u64 = 128;

/// Pictures as points: `[pictures, SIDE·SIDE·3]`, each value in [0, 1].
#[derive(Clone, Default)]
pub(in crate::train) struct Points {
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

    pub fn iter(&self) -> ChunksExact<'_, f32> {
        self.values.chunks_exact(COORDINATES)
    }

    /// The pictures seen in a mirror.
    pub fn mirrored(&self) -> Self {
        let rows = self.values.chunks_exact(SIDE as usize * 3);
        let pixels = rows.flat_map(|row| row.chunks_exact(3).rev().flatten());
        Self {
            values: pixels.copied().collect(),
        }
    }

    /// The mean distance of each from that in the same place of `other`.
    pub fn mean_move(&self, other: &Self) -> f64 {
        let pairs = self.iter().zip(other.iter());
        let sum: f64 = pairs.map(|(one, other)| distance(one, other)).sum();
        sum / self.len() as f64
    }

    /// The distance of each to the nearest of `others`.
    pub fn nearest(&self, others: &Self) -> Vec<f64> {
        let points = self.values.par_chunks_exact(COORDINATES);
        let nearest = points.map(|point| {
            let distances = others.iter().map(|other| distance(point, other));
            distances.fold(f64::INFINITY, f64::min)
        });
        nearest.collect()
    }

    /// The distance of each of the first `count` to its nearest other one.
    pub fn nearest_others(&self, count: usize) -> Vec<f64> {
        let rows: Vec<&[f32]> = self.iter().collect();
        let first = rows.par_iter().enumerate().take(count);
        first.map(|(place, _)| away(&rows, place).1).collect()
    }

    /// With those of `others` behind.
    pub fn extend(&mut self, others: &Self) {
        self.values.extend_from_slice(&others.values);
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.values.len() / COORDINATES
    }

    /// Their places along a direction, sorted.
    fn along(&self, direction: &[f32]) -> Vec<f32> {
        let mut places: Vec<f32> = self
            .iter()
            .map(|point| point.iter().zip(direction).map(|(x, d)| x * d).sum())
            .collect();
        places.sort_by(f32::total_cmp);
        places
    }
}

/// The sliced Wasserstein distance, in the unit of a coordinate times the square root of
/// their number; 0 for the same pictures.
pub(in crate::train) fn sliced_wasserstein(fakes: &Points, real: &Points) -> f32 {
    let distances: Vec<f64> = (0..DIRECTIONS)
        .into_par_iter()
        .map(|index| {
            let direction = direction(index);
            quantile_distance(&fakes.along(&direction), &real.along(&direction))
        })
        .collect(); // and added up in order, so that the sum is the same on any threads
    (distances.iter().sum::<f64>() / DIRECTIONS as f64) as f32
}

/// How far apart the rows of a table are.
pub(super) struct Spread {
    /// The mean distance between two.
    pub mean: f64,
    /// Of each, the distance to its nearest other one.
    pub nearest: Vec<f64>,
}

/// The spread of rows of equal length.
pub(super) fn spread(rows: &[&[f32]]) -> Spread {
    let of_each: Vec<(f64, f64)> = (0..rows.len())
        .into_par_iter()
        .map(|place| away(rows, place))
        .collect(); // and added up in order, so that the sum is the same on any threads
    let pairs = rows.len() * rows.len().saturating_sub(1);
    Spread {
        mean: of_each.iter().map(|(sum, _)| sum).sum::<f64>() / pairs as f64,
        nearest: of_each.into_iter().map(|(_, nearest)| nearest).collect(),
    }
}

/// The sum of a row's distances to the others, and the smallest.
fn away(rows: &[&[f32]], place: usize) -> (f64, f64) {
    let others = rows.iter().enumerate().filter(|(other, _)| *other != place);
    let distances = others.map(|(_, other)| distance(rows[place], other));
    distances.fold((0.0, f64::INFINITY), |(sum, nearest), distance| {
        (sum + distance, nearest.min(distance))
    })
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
