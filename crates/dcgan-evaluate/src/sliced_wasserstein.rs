use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use dcgan_kernels::products::times_transposed_here;
use dcgan_support::random::{Purpose, stream};

use crate::count::check_counts;
use crate::error::EvaluationError;
use crate::pictures::{Pictures, check_shapes};
use crate::pyramid::{Plane, pyramid};

/// The side of a neighbourhood, in pixels.
const NEIGHBOURHOOD: usize = 7;

/// Neighbourhoods that are cut out of a level of a picture.
const PER_PICTURE: usize = 128;

/// Random directions.
const DIRECTIONS: u64 = 512;

/// Directions that are computed at a time: points are read from memory once for all of them.
const AT_ONCE: usize = 32;

/// Directions of a task: more make better products, fewer keep more threads busy.
const IN_A_TASK: usize = 16;

/// The coarsest level has this side.
const COARSEST: usize = 16;

/// The most pictures that are compared, as in the paper.
pub const MOST_PICTURES: usize = 8192;

/// The figures of the paper are the distance times this.
pub const SCALE: f64 = 1000.0;

/// The distance at one level of the pyramid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The side of the level, in pixels.
    pub side: usize,
    /// The distance, times [`SCALE`].
    pub distance: f64,
}

/// The sliced Wasserstein distance between the neighbourhoods of two sets of pictures, at every
/// level of their Laplacian pyramids (Karras et al. 2018), the finest first. The neighbourhoods of
/// a set are normalised channel by channel, so a level compares texture, not brightness.
///
/// Sets of different sizes are compared by as many pictures as the smaller has, from the start of
/// each, at most [`MOST_PICTURES`].
///
/// # Errors
/// If a side has no pictures, they differ in size or colours, or are smaller than 16 by 16 pixels.
pub fn sliced_wasserstein(
    real: &Pictures,
    generated: &Pictures,
    seed: u64,
) -> Result<Vec<Level>, EvaluationError> {
    check_shapes(real, generated)?;
    check_counts("SWD", 1, real.len(), generated.len())?;
    if real.side() < COARSEST {
        return Err(EvaluationError::TooSmall {
            metric: "SWD",
            side: real.side(),
            needed: COARSEST,
        });
    }
    let count = real.len().min(generated.len()).min(MOST_PICTURES);
    let sides = sides(real.side());
    let levels = (0..sides.len()).map(|level| {
        let one = neighbourhoods(real, count, &sides, level, seed);
        let other = neighbourhoods(generated, count, &sides, level, seed);
        Level {
            side: sides[level],
            distance: SCALE * distance(&one, &other, real.channels(), seed),
        }
    });
    Ok(levels.collect())
}

/// The sides of all levels: halved until [`COARSEST`].
fn sides(side: usize) -> Vec<usize> {
    let smaller = |&side: &usize| Some(side.div_ceil(2)).filter(|half| *half >= COARSEST);
    std::iter::successors(Some(side), smaller).collect()
}

/// Neighbourhoods of a level at random places: `[count · PER_PICTURE, channels, 7, 7]`, normalised.
/// Both sides of a comparison draw from the same places.
fn neighbourhoods(
    pictures: &Pictures,
    count: usize,
    sides: &[usize],
    level: usize,
    seed: u64,
) -> Vec<f32> {
    let (side, channels) = (sides[level], pictures.channels());
    let area = NEIGHBOURHOOD * NEIGHBOURHOOD;
    let width = channels * area;
    let mut found = vec![0.0; count * PER_PICTURE * width];
    let chunks = found.par_chunks_exact_mut(PER_PICTURE * width).enumerate();
    chunks.for_each(|(index, found)| {
        let planes: Vec<Plane> = (0..channels)
            .map(|channel| {
                let values = pictures
                    .picture(index)
                    .iter()
                    .skip(channel)
                    .step_by(channels);
                let plane = Plane {
                    side: pictures.side(),
                    values: values.map(|&byte| f32::from(byte)).collect(),
                };
                let mut levels = pyramid(plane, sides.len());
                levels.swap_remove(level)
            })
            .collect();
        let key = (index * sides.len() + level) as u64;
        let mut random = stream(seed, Purpose::Neighbourhoods, key);
        for found in found.chunks_exact_mut(width) {
            let [y, x] = [(); 2].map(|()| random.random_range(0..=side - NEIGHBOURHOOD));
            for (plane, found) in planes.iter().zip(found.chunks_exact_mut(area)) {
                for (row, found) in found.chunks_exact_mut(NEIGHBOURHOOD).enumerate() {
                    found.copy_from_slice(&plane.values[(y + row) * side + x..][..NEIGHBOURHOOD]);
                }
            }
        }
    });
    normalise(&mut found, channels);
    found
}

/// Gives every channel mean 0 and deviation 1; flat ones stay flat.
fn normalise(neighbourhoods: &mut [f32], channels: usize) {
    let area = NEIGHBOURHOOD * NEIGHBOURHOOD;
    let count = (neighbourhoods.len() / channels) as f64;
    for channel in 0..channels {
        let chunks = || {
            neighbourhoods
                .chunks_exact(area)
                .skip(channel)
                .step_by(channels)
        };
        let values = || chunks().flatten().map(|&value| f64::from(value));
        let mean = values().sum::<f64>() / count;
        let squares: f64 = values().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / count).sqrt();
        let scale = if deviation > 0.0 {
            deviation.recip()
        } else {
            0.0
        };
        let chunks = neighbourhoods.chunks_exact_mut(area).skip(channel);
        for value in chunks.step_by(channels).flatten() {
            *value = ((f64::from(*value) - mean) * scale) as f32;
        }
    }
}

/// The mean over directions of the distance between the sorted projections.
fn distance(one: &[f32], other: &[f32], channels: usize, seed: u64) -> f64 {
    let width = channels * NEIGHBOURHOOD * NEIGHBOURHOOD;
    let count = one.len() / width;
    let mut sum = 0.0;
    for first in (0..DIRECTIONS).step_by(AT_ONCE) {
        let numbers = first..DIRECTIONS.min(first + AT_ONCE as u64);
        let directions: Vec<f32> = numbers
            .flat_map(|number| direction(width, seed, number))
            .collect();
        let one = sorted_projections(&directions, one, width);
        let other = sorted_projections(&directions, other, width);
        let distances: Vec<f64> = one
            .par_chunks_exact(count)
            .zip(other.par_chunks_exact(count))
            .map(|(one, other)| {
                let pairs = one.iter().zip(other);
                let sum: f64 = pairs.map(|(a, b)| f64::from((a - b).abs())).sum();
                sum / one.len() as f64
            })
            .collect();
        // added up in order, so the sum does not depend on the threads
        sum += distances.iter().sum::<f64>();
    }
    sum / DIRECTIONS as f64
}

/// The places of points along each direction, in order: `[directions, points]`.
fn sorted_projections(directions: &[f32], points: &[f32], width: usize) -> Vec<f32> {
    let count = points.len() / width;
    let mut places = vec![0.0; directions.len() / width * count];
    directions
        .par_chunks(IN_A_TASK * width)
        .zip(places.par_chunks_mut(IN_A_TASK * count))
        .for_each(|(directions, places)| {
            times_transposed_here(directions, points, width, places);
        });
    // a quarter of a million numbers a line, which digits sort several times as fast as comparisons
    places.par_chunks_exact_mut(count).for_each(radsort::sort);
    places
}

/// A random direction of length 1.
fn direction(width: usize, seed: u64, index: u64) -> Vec<f32> {
    let random = stream(seed, Purpose::NeighbourhoodDirections, index);
    let mut direction: Vec<f32> = StandardNormal.sample_iter(random).take(width).collect();
    let length = direction.iter().map(|d| d * d).sum::<f32>().sqrt();
    direction.iter_mut().for_each(|d| *d /= length);
    direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_end_at_16_pixels() {
        assert_eq!(sides(64), [64, 32, 16]);
        assert_eq!(sides(28), [28]);
        assert_eq!(sides(50), [50, 25]);
        assert_eq!(sides(16), [16]);
    }
}
