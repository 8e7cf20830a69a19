//! Words in pictures.

use image::{Rgb, RgbImage, imageops};
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The font's name, once it is registered.
pub const FONT: &str = "DejaVu Sans";

/// DejaVu Sans 2.37, of which only the Latin-1 letters and some punctuation are kept.
static FONT_FILE: &[u8] = include_bytes!("../assets/DejaVuSans.ttf");

/// How many times larger words are drawn than they are shown: the drawing library has no
/// antialiasing of its own.
const SCALE: u32 = 3;

/// Letters of a line that are looked at: none is wide enough for more.
const LONGEST: usize = 200;

/// Makes the font known to the drawing library.
///
/// # Errors
/// A font that cannot be read, which this one can.
pub fn register() -> Result<(), &'static str> {
    register_font(FONT, FontStyle::Normal, FONT_FILE)
        .map_err(|_| "the font in this program is damaged")
}

/// A line of words in dark grey on white, in the middle of a box of this size in pixels; what is
/// too long is cut off with an ellipsis.
///
/// # Errors
/// What the drawing library has against it, which nothing is known to cause.
pub fn line(text: &str, size: u32, [width, height]: [u32; 2]) -> Result<RgbImage, String> {
    register()?;
    let (large_width, large_height) = (width * SCALE, height * SCALE);
    let mut pixels = RgbImage::from_pixel(large_width, large_height, Rgb([255; 3]));
    {
        let canvas = BitMapBackend::with_buffer(&mut pixels, (large_width, large_height))
            .into_drawing_area();
        let style = (FONT, f64::from(size * SCALE)).into_font();
        let style = style.color(&RGBColor(38, 42, 51));
        let style = style.pos(Pos::new(HPos::Center, VPos::Center));
        let text = shortened(text, |text| {
            let size = canvas.estimate_text_size(text, &style);
            size.is_ok_and(|(needed, _)| needed <= large_width)
        });
        let middle = (large_width as i32 / 2, large_height as i32 / 2);
        canvas
            .draw(&Text::new(text, middle, &style))
            .and_then(|()| canvas.present())
            .map_err(|error| error.to_string())?;
    }
    Ok(imageops::thumbnail(&pixels, width, height))
}

/// A text on one line, or as much of it as fits with an ellipsis.
pub fn shortened(text: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: Vec<char> = line.chars().take(LONGEST).collect();
    while !fits(&line) && kept.pop().is_some() {
        line = kept.iter().chain(&['…']).collect();
    }
    line
}
