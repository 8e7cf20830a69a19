//! From a decoded picture to a square of the image size.
//!
//! Written to agree with torchvision's `Resize(size)` and `CenterCrop(size)` on
//! Pillow images: a triangle filter whose support grows with the reduction
//! (anti-aliasing), in 8 bits, and the same rounding of sizes and offsets.

use std::cell::RefCell;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::options::Crop;
use super::order::Augmentation;
use super::pixels::{Pixels, PixelsView, luma};

/// A picture to crop at random keeps at most this many squares of its length:
/// a strip of 1×60000 pixels would otherwise fill gigabytes.
const MAX_SQUARES: u32 = 32;

/// A rectangle: the left and top edge, width and height, in pixels.
type Window = [u32; 4];

/// Resizes a picture for training: to a square of `size`, or for [`Crop::Random`]
/// to a strip from which [`cut`] takes one.
///
/// # Errors
///
/// One line if the picture cannot be resized.
pub(super) fn prepare(picture: &Pixels, size: u32, crop: Crop) -> Result<Pixels, String> {
    let (width, height) = match crop {
        Crop::None => (size, size),
        Crop::Center | Crop::Random => resized_size(picture.width, picture.height, size),
    };
    let longest = match crop {
        Crop::Random => size.saturating_mul(MAX_SQUARES),
        Crop::Center | Crop::None => size,
    };
    let (keep_width, keep_height) = (width.min(longest), height.min(longest));
    let (left, top) = (centered(width, keep_width), centered(height, keep_height));
    resize(
        picture,
        (width, height),
        [left, top, keep_width, keep_height],
    )
}

/// Cuts the square of an augmentation out of a prepared picture, mirrors it, and
/// writes `value` of each of its values into `target`, with `channels` for each
/// pixel.
///
/// # Shapes
///
/// `target` has `size × size × channels` values.
pub(super) fn cut<Value: Copy>(
    picture: PixelsView<'_>,
    size: u32,
    augmentation: Augmentation,
    channels: usize,
    target: &mut [Value],
    value: impl Fn(u8) -> Value,
) {
    let offset = |length| match augmentation.crop {
        None => centered(length, size),
        // One of the positions 0..=length − size, each as likely as the others.
        Some(random) => ((u64::from(random) * u64::from(length - size + 1)) >> 32) as u32,
    };
    let (left, top) = (offset(picture.width), offset(picture.height));
    let row_bytes = picture.width as usize * picture.channels;
    let (start, length) = (
        left as usize * picture.channels,
        size as usize * picture.channels,
    );
    let rows = picture
        .values
        .chunks_exact(row_bytes)
        .skip(top as usize)
        .map(|row| &row[start..start + length]);
    let targets = target.chunks_exact_mut(size as usize * channels);
    for (row, target) in rows.zip(targets) {
        let pixels = row.chunks_exact(picture.channels);
        match augmentation.flip {
            true => write_row(pixels.rev(), picture.channels, channels, target, &value),
            false if picture.channels == channels => {
                // Without steps between pixels the compiler makes vectors of it.
                for (target, &from) in target.iter_mut().zip(row) {
                    *target = value(from);
                }
            }
            false => write_row(pixels, picture.channels, channels, target, &value),
        }
    }
}

/// Writes pixels of `has` channels as such of `channels`.
fn write_row<'a, Value: Copy>(
    pixels: impl Iterator<Item = &'a [u8]>,
    has: usize,
    channels: usize,
    target: &mut [Value],
    value: &impl Fn(u8) -> Value,
) {
    for (pixel, target) in pixels.zip(target.chunks_exact_mut(channels)) {
        match (has, channels) {
            (1, 3) => target.fill(value(pixel[0])),
            (3, 1) => target[0] = value(luma(pixel)),
            _ => {
                for (target, &from) in target.iter_mut().zip(pixel) {
                    *target = value(from);
                }
            }
        }
    }
}

/// torchvision's `Resize` with one number: the shorter side becomes `size`, the
/// longer `int(size * long / short)`.
fn resized_size(width: u32, height: u32, size: u32) -> (u32, u32) {
    let longer = |long: u32, short: u32| {
        let length = u64::from(size) * u64::from(long) / u64::from(short);
        u32::try_from(length).unwrap_or(u32::MAX)
    };
    if width <= height {
        (size, longer(height, width))
    } else {
        (longer(width, height), size)
    }
}

/// torchvision's `CenterCrop`: `int(round((length - kept) / 2.0))`, where
/// Python rounds a half to the even neighbour.
fn centered(length: u32, kept: u32) -> u32 {
    let double = length - kept;
    match double % 4 {
        3 => double / 2 + 1,
        _ => double / 2,
    }
}

/// Resizes to `full` width and height, but computes only the pixels in `window`.
fn resize(picture: &Pixels, full: (u32, u32), window: Window) -> Result<Pixels, String> {
    let [left, top, width, height] = window;
    let (source_left, source_width) = source_span(picture.width, full.0, left, width);
    let (source_top, source_height) = source_span(picture.height, full.1, top, height);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(source_left, source_top, source_width, source_height)
        .use_alpha(false);
    let mut resized = Pixels {
        width,
        height,
        channels: picture.channels,
        values: vec![0; width as usize * height as usize * picture.channels],
    };
    // The typed call: the untyped one would compile code for fourteen kinds of pixel.
    match picture.channels {
        1 => resize_typed::<U8>(picture, &mut resized, &options)?,
        _ => resize_typed::<U8x3>(picture, &mut resized, &options)?,
    }
    Ok(resized)
}

fn resize_typed<Pixel: PixelTrait>(
    source: &Pixels,
    target: &mut Pixels,
    options: &ResizeOptions,
) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot be resized: {error}");
    let source = TypedImageRef::<Pixel>::from_buffer(source.width, source.height, &source.values)
        .map_err(|error| failed(&error))?;
    let mut target =
        TypedImage::<Pixel>::from_buffer(target.width, target.height, &mut target.values)
            .map_err(|error| failed(&error))?;
    RESIZER
        .with_borrow_mut(|resizer| resizer.resize_typed(&source, &mut target, options))
        .map_err(|error| failed(&error))
}

thread_local! {
    /// Keeps its buffers from one picture to the next.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

/// The part of a side of `source` pixels, resized to `full`, that lies under
/// `kept` pixels from `start`: its start and its length.
fn source_span(source: u32, full: u32, start: u32, kept: u32) -> (f64, f64) {
    let scale = f64::from(source) / f64::from(full);
    let from = f64::from(start) * scale;
    // Rounding must not carry the span over the picture's edge.
    let length = (f64::from(kept) * scale).min(f64::from(source) - from);
    (from, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_out(picture: &Pixels, size: u32, augmentation: Augmentation) -> Vec<u8> {
        let channels = picture.channels;
        let mut values = vec![0; (size * size) as usize * channels];
        cut(
            picture.view(),
            size,
            augmentation,
            channels,
            &mut values,
            |value| value,
        );
        values
    }

    #[test]
    fn sizes_are_torchvisions() {
        assert_eq!(resized_size(178, 218, 64), (64, 78));
        assert_eq!(resized_size(218, 178, 64), (78, 64));
        assert_eq!(resized_size(89, 109, 64), (64, 78));
        assert_eq!(resized_size(500, 333, 64), (96, 64));
        assert_eq!(resized_size(1, 1, 64), (64, 64));
    }

    #[test]
    fn offsets_round_a_half_to_even_as_python_does() {
        // round(0.5) = 0, round(1.5) = 2, round(2.5) = 2, round(3.5) = 4.
        let offsets = [64, 65, 66, 67, 68, 69, 71].map(|length| centered(length, 64));
        assert_eq!(offsets, [0, 0, 1, 2, 2, 2, 4]);
    }

    #[test]
    fn a_picture_of_the_right_size_is_not_changed() {
        let values: Vec<u8> = (0..64 * 64 * 3).map(|i| (i * 37 % 256) as u8).collect();
        let picture = Pixels {
            width: 64,
            height: 64,
            channels: 3,
            values,
        };
        for crop in [Crop::Center, Crop::Random, Crop::None] {
            assert_eq!(prepare(&picture, 64, crop), Ok(picture.clone()));
        }
    }

    #[test]
    fn a_window_holds_the_same_pixels_as_the_whole() {
        let values: Vec<u8> = (0..150 * 41).map(|i| (i * i % 251) as u8).collect();
        let picture = Pixels {
            width: 150,
            height: 41,
            channels: 1,
            values,
        };
        let whole = resize(&picture, (58, 16), [0, 0, 58, 16]).unwrap();
        let window = resize(&picture, (58, 16), [21, 0, 16, 16]).unwrap();
        let expected = cut_out(&whole, 16, Augmentation::NONE);
        assert_eq!(window.values, expected);
    }

    #[test]
    fn random_crops_reach_both_ends_and_mirroring_reverses_rows() {
        let picture = Pixels {
            width: 4,
            height: 2,
            channels: 1,
            values: vec![0, 1, 2, 3, 4, 5, 6, 7],
        };
        let at = |crop, flip| cut_out(&picture, 2, Augmentation { flip, crop });
        assert_eq!(at(Some(0), false), [0, 1, 4, 5]);
        assert_eq!(at(Some(u32::MAX), false), [2, 3, 6, 7]);
        assert_eq!(at(None, false), [1, 2, 5, 6]);
        assert_eq!(at(None, true), [2, 1, 6, 5]);
    }

    #[test]
    fn extreme_shapes_become_squares() {
        for (width, height) in [(1, 1), (1, 60_000), (60_000, 1), (2, 3)] {
            let picture = Pixels {
                width,
                height,
                channels: 1,
                values: vec![9; (width * height) as usize],
            };
            for crop in [Crop::Center, Crop::Random, Crop::None] {
                let prepared = prepare(&picture, 64, crop).unwrap();
                assert!(prepared.values.len() <= 64 * 64 * 32);
                assert_eq!(cut_out(&prepared, 64, Augmentation::NONE), [9; 64 * 64]);
            }
        }
    }
}
