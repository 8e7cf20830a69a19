//! A short text on a picture, such as its seed.

use image::{DynamicImage, imageops};
use tiny_skia::Rect;

use crate::canvas::{Align, Canvas, DARK, Point, TextStyle};
use crate::font;

/// The font size relative to the height of the picture, and its limits in pixels.
const SHARE: f32 = 0.1;
const SIZES: (f32, f32) = (9.0, 28.0);

/// The picture with a text on a dark field in its lower left corner. It keeps its size and
/// colours; a text that is too wide is cut off.
pub fn labelled(picture: &DynamicImage, text: &str) -> DynamicImage {
    let size = (SHARE * picture.height() as f32).clamp(SIZES.0, SIZES.1);
    let margin = (size / 3.0).ceil();
    let text = font::fit(text, size, picture.width() as f32 - 2.0 * margin);
    let width = font::width(&text, size).ceil() + 2.0 * margin;
    let height = (font::CAP_HEIGHT * size).ceil() + 2.0 * margin;
    let mut canvas = Canvas::new(width as u32, height as u32);
    if let Some(field) = Rect::from_xywh(0.0, 0.0, width, height) {
        canvas.fill_rect(field, DARK);
    }
    let style = TextStyle {
        size,
        colour: image::Rgb([255; 3]),
        align: Align::Left,
    };
    canvas.text(&text, Point::from_xy(margin, height / 2.0), style);
    let mut marked = picture.to_rgb8();
    let top = i64::from(picture.height()) - height as i64;
    imageops::replace(&mut marked, &canvas.into_image(), 0, top);
    let marked = DynamicImage::from(marked);
    match picture {
        DynamicImage::ImageLuma8(_) => marked.to_luma8().into(),
        _ => marked,
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    #[test]
    fn a_label_changes_the_lower_left_corner_only() {
        let plain: DynamicImage = RgbImage::from_pixel(64, 64, Rgb([200, 30, 30])).into();
        let marked = labelled(&plain, "17");
        assert_eq!((marked.width(), marked.height()), (64, 64));
        let changed = |x, y| marked.to_rgb8().get_pixel(x, y) != plain.to_rgb8().get_pixel(x, y);
        assert!(changed(0, 63) && !changed(63, 63) && !changed(0, 0));
        assert!(labelled(&plain, "18") != marked);
    }

    #[test]
    fn grey_pictures_stay_grey_and_long_labels_stay_inside() {
        let plain: DynamicImage = GrayImage::from_pixel(32, 32, Luma([128])).into();
        let marked = labelled(&plain, &u64::MAX.to_string());
        assert_eq!(marked.color(), image::ColorType::L8);
        assert_eq!((marked.width(), marked.height()), (32, 32));
    }
}
