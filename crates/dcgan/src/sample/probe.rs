//! What a generator draws from a few seeds, looked at before it is used.

use std::fmt;

use image::DynamicImage;

use super::BATCH_SIZE;
use crate::device::is_cpu;
use crate::latent;
use crate::model::{Generator, InferenceGenerator};
use dcgan_render::image_grid::{PictureShape, picture_from_values};

/// The seeds are 0 to 3.
const SEEDS: usize = 4;

/// No training makes a weight larger: Adam moves it by about the learning rate in each step, which
/// at the usual one takes five million steps in one direction.
const LARGEST_TRAINED: f32 = 1e3;

/// What is wrong with what a generator draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    /// Some values are not finite.
    NotFinite,
    /// It draws no pictures, and has weights that no training gives.
    Senseless { drawn: Drawn, largest: f32 },
    /// It has collapsed completely.
    Collapsed(Drawn),
}

/// What a generator draws that draws no pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Every seed gives a black picture.
    Black,
    /// Every seed gives a white picture.
    White,
    /// Every seed gives the same picture, of one colour.
    OneColour,
    /// Every seed gives the same picture.
    SamePicture,
    /// Most values are as small or as large as they can be.
    Saturated,
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Black => "every seed gives a black picture",
            Self::White => "every seed gives a white picture",
            Self::OneColour => "every seed gives the same picture, of one colour",
            Self::SamePicture => "every seed gives the same picture",
            Self::Saturated => "most values of its pictures are 0 or 255",
        })
    }
}

/// Draws from a few seeds, and says what is wrong with the result.
pub(super) fn probe(generator: &Generator) -> Option<Fault> {
    let config = generator.config();
    let batch_size = if is_cpu(&generator.network().device()) {
        SEEDS
    } else {
        BATCH_SIZE // for which a GPU's kernels are compiled anyway
    };
    let seeds = 0..SEEDS as u64;
    let mut z: Vec<f32> = seeds
        .flat_map(|seed| latent::from_seed(config, seed))
        .collect();
    z.resize(batch_size * config.z_dim, 0.0);
    let shape = PictureShape::square(config.image_size, config.channels);
    let mut values = InferenceGenerator::new(generator.clone(), batch_size).draw(&z, None);
    values.truncate(SEEDS * shape.values());
    if !values.iter().all(|value| value.is_finite()) {
        return Some(Fault::NotFinite);
    }
    let pictures = values.chunks(shape.values());
    let pictures: Vec<_> = pictures
        .map(|values| picture_from_values(values, shape))
        .collect();
    let drawn = drawn(&pictures)?;
    let largest = largest_weight(generator);
    if largest > LARGEST_TRAINED {
        Some(Fault::Senseless { drawn, largest })
    } else if drawn == Drawn::Saturated {
        None // drawings in black and white can be right
    } else {
        Some(Fault::Collapsed(drawn))
    }
}

fn drawn(pictures: &[DynamicImage]) -> Option<Drawn> {
    let first = &pictures[0];
    if pictures.iter().any(|picture| picture != first) {
        let bytes = || pictures.iter().flat_map(|picture| picture.as_bytes());
        let saturated = bytes().filter(|byte| matches!(byte, 0 | 255)).count();
        return (2 * saturated > bytes().count()).then_some(Drawn::Saturated);
    }
    let mut pixels = first
        .as_bytes()
        .chunks(first.color().channel_count().into());
    let colour = pixels.next().unwrap_or_default();
    Some(if pixels.any(|pixel| pixel != colour) {
        Drawn::SamePicture
    } else if colour.iter().all(|value| *value == 0) {
        Drawn::Black
    } else if colour.iter().all(|value| *value == 255) {
        Drawn::White
    } else {
        Drawn::OneColour
    })
}

fn largest_weight(generator: &Generator) -> f32 {
    let parameters = generator.network().parameters();
    let values = parameters.iter().flat_map(|parameter| parameter.values());
    values.map(f32::abs).fold(0.0, f32::max)
}
