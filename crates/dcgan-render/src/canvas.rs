//! An antialiased canvas for figures and plots.

use image::{Rgb, RgbImage};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Stroke,
    Transform,
};

use crate::font;

pub use tiny_skia::Point;

/// Text and other dark strokes.
pub const DARK: Rgb<u8> = Rgb([38, 42, 51]);

/// A white picture to draw on. Coordinates are in pixels from the top left corner; what lies
/// outside is cut off.
pub struct Canvas {
    pixels: Pixmap,
}

/// How a text looks, and where it lies relative to its position.
#[derive(Clone, Copy)]
pub struct TextStyle {
    /// Font size in pixels.
    pub size: f32,
    pub colour: Rgb<u8>,
    pub align: Align,
}

/// Which point of a text its position names. Vertically it is always the middle.
#[derive(Clone, Copy)]
pub enum Align {
    Left,
    Centre,
    Right,
}

impl Canvas {
    /// # Panics
    /// If a side is 0 or the picture does not fit into memory.
    pub fn new(width: u32, height: u32) -> Self {
        let mut pixels = Pixmap::new(width, height).expect("a picture has a reasonable size");
        pixels.fill(tiny_skia::Color::WHITE);
        Self { pixels }
    }

    pub fn fill_rect(&mut self, rect: Rect, colour: Rgb<u8>) {
        self.pixels
            .fill_rect(rect, &paint(colour), Transform::identity(), None);
    }

    /// A line of this width through `points`, with round corners and ends. Mitred corners would
    /// reach far beyond the highest and lowest points of a noisy curve.
    pub fn line(&mut self, points: &[Point], width: f32, colour: Rgb<u8>) {
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        let mut path = PathBuilder::new();
        path.move_to(first.x, first.y);
        for point in rest {
            path.line_to(point.x, point.y);
        }
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        if let Some(path) = path.finish() {
            self.pixels
                .stroke_path(&path, &paint(colour), &stroke, Transform::identity(), None);
        }
    }

    pub fn dot(&mut self, centre: Point, radius: f32, colour: Rgb<u8>) {
        if let Some(path) = PathBuilder::from_circle(centre.x, centre.y, radius) {
            self.fill(&path, colour, Transform::identity());
        }
    }

    /// A line of text.
    pub fn text(&mut self, text: &str, at: Point, style: TextStyle) {
        // letters on whole pixels are sharper
        let origin = Transform::from_translate(at.x.round(), at.y.round());
        self.transformed_text(text, style, origin);
    }

    /// A line of text that reads upwards.
    pub fn upward_text(&mut self, text: &str, at: Point, style: TextStyle) {
        let origin = Transform::from_rotate(-90.0).post_translate(at.x.round(), at.y.round());
        self.transformed_text(text, style, origin);
    }

    fn transformed_text(&mut self, text: &str, style: TextStyle, origin: Transform) {
        let left = match style.align {
            Align::Left => 0.0,
            Align::Centre => -font::width(text, style.size) / 2.0,
            Align::Right => -font::width(text, style.size),
        };
        let baseline = font::CAP_HEIGHT * style.size / 2.0;
        if let Some(path) = font::outline(text, style.size) {
            let origin = origin.pre_translate(left.round(), baseline.round());
            self.fill(&path, style.colour, origin);
        }
    }

    /// A picture, pixel by pixel.
    pub fn picture(&mut self, picture: &RgbImage, left: u32, top: u32) {
        let width = self.pixels.width();
        let (visible_columns, visible_rows) = (
            width.saturating_sub(left),
            self.pixels.height().saturating_sub(top),
        );
        let pixels = self.pixels.pixels_mut();
        for (x, y, &Rgb([red, green, blue])) in picture.enumerate_pixels() {
            if x < visible_columns && y < visible_rows {
                let place = (top + y) as usize * width as usize + (left + x) as usize;
                pixels[place] = PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX)
                    .expect("an opaque colour is premultiplied");
            }
        }
    }

    pub fn into_image(self) -> RgbImage {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let bytes = self
            .pixels
            .pixels()
            .iter()
            .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
            .collect();
        RgbImage::from_raw(width, height, bytes).expect("there are three bytes per pixel")
    }

    fn fill(&mut self, path: &tiny_skia::Path, colour: Rgb<u8>, transform: Transform) {
        self.pixels
            .fill_path(path, &paint(colour), FillRule::Winding, transform, None);
    }
}

fn paint(Rgb([red, green, blue]): Rgb<u8>) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, u8::MAX);
    paint.anti_alias = true;
    paint
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb<u8> = Rgb([190, 40, 50]);

    #[test]
    fn shapes_have_the_colour_they_are_given() {
        let mut canvas = Canvas::new(20, 20);
        canvas.fill_rect(Rect::from_xywh(2.0, 2.0, 3.0, 3.0).unwrap(), RED);
        canvas.dot(Point::from_xy(12.0, 12.0), 3.0, RED);
        let image = canvas.into_image();
        for (x, y) in [(2, 2), (4, 4), (12, 12)] {
            assert_eq!(*image.get_pixel(x, y), RED);
        }
        for (x, y) in [(1, 2), (5, 4), (16, 16)] {
            assert_eq!(image.get_pixel(x, y).0, [255; 3]);
        }
    }

    #[test]
    fn edges_are_antialiased() {
        let mut canvas = Canvas::new(20, 20);
        let ends = [Point::from_xy(2.0, 2.0), Point::from_xy(18.0, 9.0)];
        canvas.line(&ends, 2.0, RED);
        let image = canvas.into_image();
        let between = |pixel: &&Rgb<u8>| pixel.0[1] > 60 && pixel.0[1] < 235;
        assert!(image.pixels().filter(between).count() > 10);
    }

    #[test]
    fn a_picture_keeps_its_pixels_and_is_cut_off_at_the_edges() {
        let picture = RgbImage::from_fn(4, 4, |x, y| Rgb([x as u8, y as u8, 77]));
        let mut canvas = Canvas::new(6, 6);
        canvas.picture(&picture, 1, 3);
        let image = canvas.into_image();
        assert_eq!(image.get_pixel(1, 3).0, [0, 0, 77]);
        assert_eq!(image.get_pixel(4, 5).0, [3, 2, 77]);
        assert_eq!(image.get_pixel(5, 5).0, [255; 3]);
    }

    #[test]
    fn text_is_centred_on_its_position() {
        let mut canvas = Canvas::new(60, 60);
        let style = TextStyle {
            size: 20.0,
            colour: DARK,
            align: Align::Centre,
        };
        canvas.text("H", Point::from_xy(30.0, 30.0), style);
        let image = canvas.into_image();
        let inked = |x, y| image.get_pixel(x, y).0[0] < 200;
        let mirrored = |x: u32, y: u32| inked(x, y) == inked(59 - x, y);
        let exceptions = (0..60 * 60).filter(|&place| !mirrored(place % 60, place / 60));
        assert!(exceptions.count() < 60);
        assert!((0..60).all(|x| !inked(x, 20) && !inked(x, 39)));
        assert!((0..60).any(|x| inked(x, 25)) && (0..60).any(|x| inked(x, 35)));
    }
}
