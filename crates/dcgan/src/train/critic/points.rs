//! Pictures as points, and how far apart they are.
//!
//! The best checkpoint is the one with the smallest sliced Wasserstein distance (Rabin et al.
//! 2011; for GANs, Karras et al. 2018): fakes and real pictures are projected onto random
//! directions, and the mean distance between the sorted values is taken along each. It falls as
//! fakes become like the real pictures, and rises when they become worse or all alike. Latent
//! vectors, real pictures and directions never change, so checkpoints of a run can be compared.
//! Unlike the losses, it depends on no network that is still learning.

use std::slice::ChunksExact;

use dcgan_kernels::vectors::distance;
use image::DynamicImage;
use image::imageops::{self, FilterType};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::colours::Hue;
use dcgan_support::random::{Purpose, stream};

/// Side of the pictures that are compared, in pixels: coarse structure and colours.
const SIDE: u32 = 16;

/// Places of a picture whose colours are compared.
pub(super) const PLACES: usize = PLACES_SIDE * PLACES_SIDE;
const PLACES_SIDE: usize = 4;

/// The number of directions to project onto.
const DIRECTIONS: u64 = 128;

/// Pictures as points: `[pictures, SIDE·SIDE·3]`, each value in [0, 1].
#[derive(Clone, Default)]
pub(super) struct Points {
    values: Vec<f32>,
}

const COORDINATES: usize = (SIDE * SIDE * 3) as usize;

impl Points {
    pub fn from_pictures(pictures: &[DynamicImage]) -> Self {
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

    /// The pictures flipped horizontally.
    pub fn flipped(&self) -> Self {
        let rows = self.values.chunks_exact(SIDE as usize * 3);
        let pixels = rows.flat_map(|row| row.chunks_exact(3).rev().flatten());
        Self {
            values: pixels.copied().collect(),
        }
    }

    /// The mean contrast within a picture: the standard deviation of its pixels from its mean colour.
    pub fn mean_contrast(&self) -> f64 {
        let sum: f64 = self.iter().map(contrast).sum();
        sum / self.len() as f64
    }

    /// The colours of all pictures at each place of them, row by row: the pictures scaled to 4×4 pixels.
    pub fn hues(&self) -> [Vec<Hue>; PLACES] {
        let mut places = [const { Vec::new() }; PLACES];
        for picture in self.iter() {
            for (place, hue) in places.iter_mut().zip(hues(picture)) {
                place.push(hue);
            }
        }
        places
    }

    /// The mean distance of each point from that with the same index in `other`.
    pub fn mean_change(&self, other: &Self) -> f64 {
        let pairs = self.iter().zip(other.iter());
        let sum: f64 = pairs.map(|(one, other)| distance(one, other)).sum();
        sum / self.len() as f64
    }

    /// The distance of each point to the nearest of `others`.
    pub fn nearest(&self, others: &Self) -> Vec<f64> {
        let points = self.values.par_chunks_exact(COORDINATES);
        let nearest = points.map(|point| {
            let distances = others.iter().map(|other| distance(point, other));
            distances.fold(f64::INFINITY, f64::min)
        });
        nearest.collect()
    }

    /// The distance of each of the first `count` points to its nearest neighbour.
    pub fn nearest_neighbours(&self, count: usize) -> Vec<f64> {
        let rows: Vec<&[f32]> = self.iter().collect();
        let first = rows.par_iter().enumerate().take(count);
        first
            .map(|(index, _)| distances_from(&rows, index).1)
            .collect()
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

/// The standard deviation of a picture's pixels from its mean colour.
fn contrast(picture: &[f32]) -> f64 {
    let pixels = f64::from(SIDE * SIDE);
    let variance = |channel: usize| {
        let values = || {
            picture
                .iter()
                .skip(channel)
                .step_by(3)
                .map(|&v| f64::from(v))
        };
        let mean = values().sum::<f64>() / pixels;
        values().map(|value| (value - mean).powi(2)).sum::<f64>() / pixels
    };
    ((0..3).map(variance).sum::<f64>() / 3.0).sqrt()
}

/// The mean colours of a picture at each place.
fn hues(picture: &[f32]) -> [Hue; PLACES] {
    const WIDTH: usize = SIDE as usize / PLACES_SIDE;
    let mut hues = [[0.0; 2]; PLACES];
    for (at, pixel) in picture.chunks_exact(3).enumerate() {
        let (row, column) = (at / SIDE as usize, at % SIDE as usize);
        let hue = &mut hues[row / WIDTH * PLACES_SIDE + column / WIDTH];
        let [red, green, blue] = [0, 1, 2].map(|channel| pixel[channel] / (WIDTH * WIDTH) as f32);
        hue[0] += red - green;
        hue[1] += (red + green) / 2.0 - blue;
    }
    hues
}

/// The sliced Wasserstein distance, in units of a coordinate times the square root of their
/// number; 0 for the same pictures.
pub(super) fn sliced_wasserstein(fakes: &Points, real: &Points) -> f32 {
    let distances: Vec<f64> = (0..DIRECTIONS)
        .into_par_iter()
        .map(|index| {
            let direction = direction(index);
            quantile_distance(&fakes.along(&direction), &real.along(&direction))
        })
        .collect(); // and added up in order, so the sum does not depend on the threads
    (distances.iter().sum::<f64>() / DIRECTIONS as f64) as f32
}

/// How far apart the rows of a table are.
pub(super) struct Spread {
    /// The mean distance between two rows.
    pub mean: f64,
    /// Of each, the distance to its nearest neighbour.
    pub nearest: Vec<f64>,
}

/// The spread of rows of equal length.
pub(super) fn spread(rows: &[&[f32]]) -> Spread {
    let distances: Vec<(f64, f64)> = (0..rows.len())
        .into_par_iter()
        .map(|index| distances_from(rows, index))
        .collect(); // and added up in order, so the sum does not depend on the threads
    let pairs = rows.len() * rows.len().saturating_sub(1);
    Spread {
        mean: distances.iter().map(|(sum, _)| sum).sum::<f64>() / pairs as f64,
        nearest: distances.into_iter().map(|(_, nearest)| nearest).collect(),
    }
}

/// The sum of a row's distances to the others, and the smallest.
fn distances_from(rows: &[&[f32]], index: usize) -> (f64, f64) {
    let others = rows.iter().enumerate().filter(|(other, _)| *other != index);
    let distances = others.map(|(_, other)| distance(rows[index], other));
    distances.fold((0.0, f64::INFINITY), |(sum, nearest), distance| {
        (sum + distance, nearest.min(distance))
    })
}

/// A direction of length 1; the same in every run.
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

/// The mean distance between two sorted lists, quantile by quantile.
fn quantile_distance(one: &[f32], other: &[f32]) -> f64 {
    let pairs = one.iter().enumerate().map(|(place, value)| {
        let counterpart = other[place * other.len() / one.len()];
        f64::from((value - counterpart).abs())
    });
    pairs.sum::<f64>() / one.len() as f64
}

#[cfg(test)]
pub(super) mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// Plain pictures of these greys.
    pub fn greys(values: impl IntoIterator<Item = u8>) -> Points {
        let picture = |value| RgbImage::from_pixel(32, 32, Rgb([value; 3])).into();
        let pictures: Vec<DynamicImage> = values.into_iter().map(picture).collect();
        Points::from_pictures(&pictures)
    }

    #[test]
    fn pictures_in_another_order_have_distance_0() {
        assert_eq!(
            sliced_wasserstein(&greys(0..64), &greys((0..64).rev())),
            0.0
        );
    }

    #[test]
    fn the_distance_grows_with_the_difference_and_with_collapse() {
        let real = greys((0..64).map(|value| value * 4));
        let near = sliced_wasserstein(&greys((0..64).map(|value| value * 4 + 3)), &real);
        let far = sliced_wasserstein(&greys((0..64).map(|value| value * 3 / 2)), &real);
        let collapsed = sliced_wasserstein(&greys([128; 64]), &real);
        assert!(near > 0.0 && far > 2.0 * near, "{near} {far}");
        assert!(collapsed > 4.0 * near, "{near} {collapsed}");
    }
}
