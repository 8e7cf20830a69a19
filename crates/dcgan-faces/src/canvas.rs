//! Fills antialiased outlines in unit coordinates.

use image::RgbImage;
use tiny_skia::{
    FillRule, GradientStop, LinearGradient, Mask, Paint, Path, PathBuilder, Pixmap, Shader,
    SpreadMode, Transform,
};

use super::color::{Rgb, mix};
use super::outline::{Outline, Point};

/// A square picture of `side` pixels.
pub(super) struct Canvas {
    pixmap: Pixmap,
    transform: Transform,
    clip: Option<Mask>,
}

/// One end of a linear gradient.
#[derive(Clone, Copy)]
pub(super) struct GradientEnd {
    pub(super) at: Point,
    pub(super) color: Rgb,
}

impl Canvas {
    /// A blank canvas; `None` if `side` is 0 or too large to allocate.
    pub(super) fn new(side: u32) -> Option<Self> {
        Some(Self {
            pixmap: Pixmap::new(side, side)?,
            transform: Transform::from_scale(side as f32, side as f32),
            clip: None,
        })
    }

    /// Rotates what is drawn afterwards about `centre` by the angle with tangent `slope` (positive:
    /// clockwise). A slope of 0 resets the rotation.
    pub(super) fn turn(&mut self, centre: Point, slope: f32) {
        // not by sine and cosine: their last bits differ between machines
        let cosine = 1.0 / (1.0 + slope * slope).sqrt();
        let sine = slope * cosine;
        let rotation = Transform::from_row(cosine, sine, -sine, cosine, 0.0, 0.0);
        let side = self.pixmap.width() as f32;
        self.transform = rotation
            .pre_translate(-centre.0, -centre.1)
            .post_translate(centre.0, centre.1)
            .post_scale(side, side);
    }

    /// Fills the canvas with a vertical gradient.
    pub(super) fn fill_background(&mut self, top: Rgb, bottom: Rgb) {
        let side = self.pixmap.width() as usize;
        for (y, row) in self.pixmap.pixels_mut().chunks_mut(side).enumerate() {
            let [red, green, blue] = mix(top, bottom, (y as f32 + 0.5) / side as f32);
            row.fill(tiny_skia::ColorU8::from_rgba(red, green, blue, 255).premultiply());
        }
    }

    /// Fills `outline` with one colour.
    pub(super) fn fill(&mut self, outline: &Outline, color: Rgb) {
        self.fill_translucent(outline, color, 1.0);
    }

    /// Fills `outline` with a translucent colour; `opacity` is 0 to 1.
    pub(super) fn fill_translucent(&mut self, outline: &Outline, color: Rgb, opacity: f32) {
        self.fill_with(outline, Shader::SolidColor(skia_color(color, opacity)));
    }

    /// Fills `outline` with a linear gradient.
    pub(super) fn fill_gradient(
        &mut self,
        outline: &Outline,
        start: GradientEnd,
        end: GradientEnd,
    ) {
        let stops = vec![
            GradientStop::new(0.0, skia_color(start.color, 1.0)),
            GradientStop::new(1.0, skia_color(end.color, 1.0)),
        ];
        let gradient = LinearGradient::new(
            tiny_skia::Point::from_xy(start.at.0, start.at.1),
            tiny_skia::Point::from_xy(end.at.0, end.at.1),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        match gradient {
            Some(shader) => self.fill_with(outline, shader),
            None => self.fill(outline, start.color),
        }
    }

    /// Calls `paint`, clipped to `outline`.
    pub(super) fn inside(&mut self, outline: &Outline, paint: impl FnOnce(&mut Self)) {
        let side = self.pixmap.width();
        if let (Some(mut mask), Some(path)) =
            (Mask::new(side, side), to_path(outline, self.detail()))
        {
            mask.fill_path(&path, FillRule::Winding, true, self.transform);
            self.clip = Some(mask);
            paint(self);
            self.clip = None;
        }
    }

    /// The smallest visible length in unit coordinates.
    fn detail(&self) -> f32 {
        0.8 / self.pixmap.width() as f32
    }

    fn fill_with(&mut self, outline: &Outline, shader: Shader<'_>) {
        let Some(path) = to_path(outline, self.detail()) else {
            return;
        };
        let paint = Paint {
            shader,
            anti_alias: true,
            ..Paint::default()
        };
        self.pixmap.fill_path(
            &path,
            &paint,
            FillRule::Winding,
            self.transform,
            self.clip.as_ref(),
        );
    }

    /// The finished picture: each pixel is the mean of `factor` × `factor` pixels of the canvas.
    pub(super) fn reduce(&self, factor: u32) -> RgbImage {
        let factor = factor.max(1);
        let side = self.pixmap.width() / factor;
        let stride = self.pixmap.width() as usize * 4;
        let (data, cells) = (self.pixmap.data(), factor * factor);
        RgbImage::from_fn(side, side, |x, y| {
            let mut sums = [cells / 2; 3];
            for row in 0..factor {
                let start = (y * factor + row) as usize * stride + (x * factor) as usize * 4;
                for pixel in data[start..].chunks_exact(4).take(factor as usize) {
                    for (sum, value) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(*value);
                    }
                }
            }
            image::Rgb(sums.map(|sum| (sum / cells) as u8))
        })
    }
}

fn skia_color([red, green, blue]: Rgb, opacity: f32) -> tiny_skia::Color {
    let alpha = (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    tiny_skia::Color::from_rgba8(red, green, blue, alpha)
}

/// The outline as a path of the rasteriser; `None` if it is empty or non-finite.
///
/// Points closer than `detail` to the previous point of a curve are left out: they are invisible,
/// but would take most of the time at small sizes.
fn to_path(outline: &Outline, detail: f32) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for contour in outline.contours() {
        let mut points = contour.iter();
        let &(mut last) = points.next()?;
        builder.move_to(last.0, last.1);
        for &(x, y) in points {
            let (dx, dy) = (x - last.0, y - last.1);
            if dx * dx + dy * dy > detail * detail {
                builder.line_to(x, y);
                last = (x, y);
            }
        }
        builder.close();
    }
    builder.finish()
}
