//! Figures of pictures with captions, such as those of the paper.

mod arithmetic;
mod strips;
mod table;

use image::{DynamicImage, imageops};

use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};
use crate::font;

pub use arithmetic::{ArithmeticFigure, Group};
pub use strips::{Strip, draw_strips};
pub use table::{Cell, PictureTable};

/// Pixels around pictures.
const GAP: u32 = 6;

/// Height of a line of text in pixels, and its font size.
const LINE_HEIGHT: u32 = 26;
const FONT_SIZE: f32 = 13.0;

/// Pictures smaller than this are enlarged by a whole number.
const MIN_SIDE: u32 = 128;

/// The side that pictures of this width have in a figure.
fn enlarged_side(width: u32) -> u32 {
    width * MIN_SIDE.div_ceil(width)
}

/// Draws a picture as a square with sharp pixels.
fn draw_picture(canvas: &mut Canvas, picture: &DynamicImage, left: u32, top: u32, side: u32) {
    let filter = imageops::FilterType::Nearest;
    let enlarged = imageops::resize(&picture.to_rgb8(), side, side, filter);
    canvas.picture(&enlarged, left, top);
}

/// Centres a line of text in a box of one line's height; it is cut off if it is too wide.
fn draw_text(canvas: &mut Canvas, text: &str, left: u32, top: u32, width: u32) {
    let style = TextStyle {
        size: FONT_SIZE,
        colour: DARK,
        align: Align::Centre,
    };
    let middle = Point::from_xy(
        left as f32 + width as f32 / 2.0,
        top as f32 + LINE_HEIGHT as f32 / 2.0,
    );
    canvas.text(&font::fit(text, FONT_SIZE, width as f32), middle, style);
}
