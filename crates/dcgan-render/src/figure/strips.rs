//! Pictures in strips below each other.

use image::{DynamicImage, Rgb, RgbImage, imageops};

use super::{GAP, LEAST_SIDE, LETTERS, LINE};
use crate::lettering;

/// Pictures side by side under a line of words.
#[derive(Debug)]
pub struct Strip {
    /// One for each picture, one for all of them, or none.
    pub heads: Vec<String>,
    /// The pictures.
    pub pictures: Vec<DynamicImage>,
}

/// Draws strips one below the other.
///
/// # Errors
/// What the drawing library has against it, which nothing is known to cause.
pub fn draw_strips(strips: &[Strip]) -> Result<RgbImage, String> {
    let first = strips.iter().find_map(|strip| strip.pictures.first());
    let Some(first) = first else {
        return Err("there are no pictures to show".to_owned());
    };
    let side = first.width() * LEAST_SIDE.div_ceil(first.width()).max(1);
    let columns = strips.iter().map(|strip| strip.pictures.len()).max();
    let width = GAP + columns.unwrap_or(0) as u32 * (side + GAP);
    let head = |strip: &Strip| if strip.heads.is_empty() { 0 } else { LINE };
    let height = strips
        .iter()
        .map(|strip| head(strip) + side + GAP)
        .sum::<u32>()
        + GAP;
    let mut figure = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    let mut top = GAP;
    for strip in strips {
        let of_each = match strip.heads.len() {
            1 => width - 2 * GAP,
            _ => side,
        };
        for (place, text) in (0..).zip(&strip.heads) {
            let line = lettering::line(text, LETTERS, [of_each, LINE])?;
            let left = GAP + place * (side + GAP);
            imageops::replace(&mut figure, &line, left.into(), (top - GAP / 2).into());
        }
        top += head(strip);
        for (place, picture) in (0..).zip(&strip.pictures) {
            let filter = imageops::FilterType::Nearest;
            let large = imageops::resize(&picture.to_rgb8(), side, side, filter);
            let left = GAP + place * (side + GAP);
            imageops::replace(&mut figure, &large, left.into(), top.into());
        }
        top += side + GAP;
    }
    Ok(figure)
}
