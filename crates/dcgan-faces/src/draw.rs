//! Draws the layers of a face, from the background to the hat.

use std::ops::RangeInclusive;

use image::RgbImage;

use super::canvas::Canvas;
use super::face::Face;
use super::head::{EYE_LINE, Head};
use super::{beard, clothes, eyes, glasses, hair, hat, mouth};

/// The sizes that a face can be drawn at, in pixels.
pub const SIZES: RangeInclusive<u32> = 16..=1024;

/// Pictures up to this size are drawn at twice their size and reduced, which keeps thin shapes
/// such as eyebrows and frames even. Above it, the rasteriser's antialiasing suffices.
const MAX_SUPERSAMPLED_SIZE: u32 = 128;

/// The largest tilt of a head, as the tangent of the angle: about 4°.
const MAX_TILT: f32 = 0.075;

impl Face {
    /// Draws the face, `size` × `size` pixels. The size is clamped to [`SIZES`].
    ///
    /// ```
    /// let picture = dcgan_faces::face(0, 0).draw(32);
    /// assert_eq!(picture.dimensions(), (32, 32));
    /// assert_eq!(picture, dcgan_faces::face(0, 0).draw(32));
    /// ```
    pub fn draw(&self, size: u32) -> RgbImage {
        let size = size.clamp(*SIZES.start(), *SIZES.end());
        let factor = if size <= MAX_SUPERSAMPLED_SIZE { 2 } else { 1 };
        match Canvas::new(size * factor) {
            Some(mut canvas) => {
                draw_layers(&mut canvas, &self.in_range());
                canvas.reduce(factor)
            }
            None => RgbImage::new(size, size),
        }
    }
}

fn draw_layers(canvas: &mut Canvas, face: &Face) {
    let head = Head::new(face);
    let [top, bottom] = face.background;
    canvas.fill_background(top, bottom);

    let lean = face.tilt * MAX_TILT;
    canvas.turn((0.5, EYE_LINE), lean);
    hair::draw_back(canvas, face, &head);
    canvas.turn((0.5, EYE_LINE), 0.0);
    clothes::draw(canvas, face, &head);

    canvas.turn((0.5, EYE_LINE), lean);
    head.draw(canvas, face);
    hair::draw_shadow(canvas, face, &head);
    beard::draw(canvas, face, &head);
    mouth::draw(canvas, face, &head);
    eyes::draw(canvas, face, &head);
    hair::draw_front(canvas, face, &head);
    head.draw_earrings(canvas, face);
    glasses::draw(canvas, face, &head);
    hat::draw(canvas, face, &head);
}
