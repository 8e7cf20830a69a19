//! Strips of pictures, one below the other.

use image::{DynamicImage, RgbImage};

use super::{GAP, LINE_HEIGHT, MIN_SIDE, draw_picture, draw_text, enlarged_side};
use crate::canvas::Canvas;

/// A row of pictures under a line of text.
#[derive(Debug)]
pub struct Strip {
    /// One for each picture, one for all of them, or none.
    pub headings: Vec<String>,
    /// The pictures from left to right.
    pub pictures: Vec<DynamicImage>,
    /// The texts below the first pictures.
    pub captions: Vec<String>,
}

/// Draws strips one below the other.
///
/// # Panics
/// If a picture has no pixels.
pub fn draw_strips(strips: &[Strip]) -> RgbImage {
    let first = strips.iter().find_map(|strip| strip.pictures.first());
    let side = first.map_or(MIN_SIDE, |picture| enlarged_side(picture.width()));
    let cell = side + GAP;
    let columns = strips.iter().map(|strip| strip.pictures.len()).max();
    let width = GAP + columns.unwrap_or(0) as u32 * cell;
    let rows = strips
        .iter()
        .map(|strip| heading_height(strip) + cell + caption_height(strip));
    let mut canvas = Canvas::new(width, rows.sum::<u32>() + GAP);
    let mut top = GAP;
    for strip in strips {
        let heading_width = match strip.headings.len() {
            1 => width - 2 * GAP,
            _ => side,
        };
        for (left, text) in (GAP..).step_by(cell as usize).zip(&strip.headings) {
            draw_text(&mut canvas, text, left, top - GAP / 2, heading_width);
        }
        top += heading_height(strip);
        for (left, picture) in (GAP..).step_by(cell as usize).zip(&strip.pictures) {
            draw_picture(&mut canvas, picture, left, top, side);
        }
        top += cell;
        for (left, text) in (GAP..).step_by(cell as usize).zip(&strip.captions) {
            draw_text(&mut canvas, text, left, top - GAP, side);
        }
        top += caption_height(strip);
    }
    canvas.into_image()
}

fn heading_height(strip: &Strip) -> u32 {
    line_height(&strip.headings)
}

fn caption_height(strip: &Strip) -> u32 {
    line_height(&strip.captions)
}

/// The height of a line of these texts.
fn line_height(texts: &[String]) -> u32 {
    if texts.is_empty() { 0 } else { LINE_HEIGHT }
}
