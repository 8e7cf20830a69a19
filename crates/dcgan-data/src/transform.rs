//! From a decoded picture to a square of the image size.
//!
//! The results agree with torchvision's `Resize(size)` and `CenterCrop(size)` on Pillow images: a
//! triangle filter whose support grows with the reduction (antialiasing), in 8 bits, and the same
//! rounding of sizes and offsets.

use std::cell::RefCell;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::options::Crop;
use crate::order::Augmentation;
use crate::pixels::{Pixels, PixelsView, luma};

/// For random cropping, the longer side is limited to this many image sizes: a strip of 1×60000
/// pixels would otherwise take gigabytes.
const MAX_SQUARES: u32 = 32;

/// A width and a height in pixels.
#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

/// A rectangle in pixels.
#[derive(Clone, Copy)]
struct Window {
    left: u32,
    top: u32,
    size: Size,
}

/// Resizes a picture for training: to a square of `size`, or for [`Crop::Random`] to a strip from
/// which [`cut`] takes one.
///
/// # Errors
///
/// The reason, in one line, if the picture cannot be resized.
pub(crate) fn prepare(picture: &Pixels, size: u32, crop: Crop) -> Result<Pixels, String> {
    let full = match crop {
        Crop::None => Size {
            width: size,
            height: size,
        },
        Crop::Center | Crop::Random => resized_size(picture.width, picture.height, size),
    };
    let longest = match crop {
        Crop::Random => size.saturating_mul(MAX_SQUARES),
        Crop::Center | Crop::None => size,
    };
    let kept = Size {
        width: full.width.min(longest),
        height: full.height.min(longest),
    };
    let window = Window {
        left: centred(full.width, kept.width),
        top: centred(full.height, kept.height),
        size: kept,
    };
    resize(picture, full, window)
}

/// How a square is cut out of a prepared picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The side of the square in pixels.
    pub size: u32,
    /// The channels to write for each pixel, 1 or 3.
    pub channels: usize,
    pub augmentation: Augmentation,
}

/// Cuts a square out of a prepared picture, mirrors it if the augmentation says so, and writes
/// `convert` of each value into `target`.
///
/// # Shapes
///
/// `target` has `size × size × channels` values.
pub(crate) fn cut<Value: Copy>(
    picture: PixelsView<'_>,
    cut: Cut,
    target: &mut [Value],
    convert: impl Fn(u8) -> Value,
) {
    let Cut {
        size,
        channels,
        augmentation,
    } = cut;
    let offset = |length| match augmentation.crop {
        None => centred(length, size),
        // One of the positions 0..=length − size, all equally likely.
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
        if augmentation.flip {
            write_row(pixels.rev(), picture.channels, channels, target, &convert);
        } else if picture.channels == channels {
            // A contiguous copy, which the compiler vectorises.
            for (target, &value) in target.iter_mut().zip(row) {
                *target = convert(value);
            }
        } else {
            write_row(pixels, picture.channels, channels, target, &convert);
        }
    }
}

/// Writes pixels of `source_channels` as pixels of `channels`.
fn write_row<'a, Value: Copy>(
    pixels: impl Iterator<Item = &'a [u8]>,
    source_channels: usize,
    channels: usize,
    target: &mut [Value],
    convert: &impl Fn(u8) -> Value,
) {
    for (pixel, target) in pixels.zip(target.chunks_exact_mut(channels)) {
        match (source_channels, channels) {
            (1, 3) => target.fill(convert(pixel[0])),
            (3, 1) => target[0] = convert(luma(pixel)),
            _ => {
                for (target, &value) in target.iter_mut().zip(pixel) {
                    *target = convert(value);
                }
            }
        }
    }
}

/// torchvision's `Resize` with one number: the shorter side becomes `size`, the longer one
/// `int(size * long / short)`.
fn resized_size(width: u32, height: u32, size: u32) -> Size {
    let longer = |long: u32, short: u32| {
        let length = u64::from(size) * u64::from(long) / u64::from(short);
        u32::try_from(length).unwrap_or(u32::MAX)
    };
    if width <= height {
        Size {
            width: size,
            height: longer(height, width),
        }
    } else {
        Size {
            width: longer(width, height),
            height: size,
        }
    }
}

/// torchvision's `CenterCrop`: `int(round((length - kept) / 2.0))`. Python rounds a half to the
/// even neighbour.
fn centred(length: u32, kept: u32) -> u32 {
    let double = length - kept;
    match double % 4 {
        3 => double / 2 + 1,
        _ => double / 2,
    }
}

/// Resizes to the `full` size, but computes only the pixels in `window`.
fn resize(picture: &Pixels, full: Size, window: Window) -> Result<Pixels, String> {
    let Size { width, height } = window.size;
    let across = source_range(picture.width, full.width, window.left, width);
    let down = source_range(picture.height, full.height, window.top, height);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(across.start, down.start, across.length, down.length)
        .use_alpha(false);
    let mut resized = Pixels {
        width,
        height,
        channels: picture.channels,
        values: vec![0; width as usize * height as usize * picture.channels],
    };
    // The untyped call would compile code for fourteen pixel types.
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
    /// Reuses its buffers from one picture to the next.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

/// A part of a side, in fractions of a pixel.
struct Range {
    start: f64,
    length: f64,
}

/// The part of a side of `source` pixels that `kept` pixels from `first` show after it has been
/// resized to `full` pixels.
fn source_range(source: u32, full: u32, first: u32, kept: u32) -> Range {
    let scale = f64::from(source) / f64::from(full);
    let start = f64::from(first) * scale;
    // Rounding must not carry the range over the picture's edge.
    let length = (f64::from(kept) * scale).min(f64::from(source) - start);
    Range { start, length }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_out(picture: &Pixels, size: u32, augmentation: Augmentation) -> Vec<u8> {
        let channels = picture.channels;
        let mut values = vec![0; (size * size) as usize * channels];
        let square = Cut {
            size,
            channels,
            augmentation,
        };
        cut(picture.view(), square, &mut values, |value| value);
        values
    }

    #[test]
    fn resized_sizes_are_those_of_torchvision() {
        let resized = |width, height| {
            let size = resized_size(width, height, 64);
            (size.width, size.height)
        };
        assert_eq!(resized(178, 218), (64, 78));
        assert_eq!(resized(218, 178), (78, 64));
        assert_eq!(resized(89, 109), (64, 78));
        assert_eq!(resized(500, 333), (96, 64));
        assert_eq!(resized(1, 1), (64, 64));
    }

    #[test]
    fn offsets_round_a_half_to_even_as_python_does() {
        // round(0.5) = 0, round(1.5) = 2, round(2.5) = 2, round(3.5) = 4.
        let offsets = [64, 65, 66, 67, 68, 69, 71].map(|length| centred(length, 64));
        assert_eq!(offsets, [0, 0, 1, 2, 2, 2, 4]);
    }

    #[test]
    fn a_picture_of_the_right_size_is_unchanged() {
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
    fn a_window_holds_the_same_pixels_as_the_whole_picture() {
        let values: Vec<u8> = (0..150 * 41).map(|i| (i * i % 251) as u8).collect();
        let picture = Pixels {
            width: 150,
            height: 41,
            channels: 1,
            values,
        };
        let full = Size {
            width: 58,
            height: 16,
        };
        let resized = |left, width| {
            let window = Window {
                left,
                top: 0,
                size: Size { width, height: 16 },
            };
            resize(&picture, full, window).unwrap()
        };
        let expected = cut_out(&resized(0, 58), 16, Augmentation::NONE);
        assert_eq!(resized(21, 16).values, expected);
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
