//! From a file's bytes to 8-bit pixels, upright and opaque, or the reason why it cannot be decoded.
//!
//! Files are untrusted. The format is detected from the content, not the name. A truncated file is
//! refused, even if a decoder would fill in the missing part. Neither a huge stated size nor a
//! panic in a decoder can take the process down.

mod complete;
mod jpeg;
mod png;

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageResult, Limits};

use crate::facts::Encoding;
use crate::pixels::Pixels;
use jpeg::StrictJpegDecoder;

/// The largest picture file.
pub(crate) const MAX_FILE_BYTES: u64 = 512 << 20;

/// The largest picture: 64 megapixels.
const MAX_PIXELS: u64 = 64 << 20;

/// The most that a decoder may allocate.
const MAX_DECODER_BYTES: u64 = 512 << 20;

/// Larger pictures are decoded one at a time, so that memory does not grow with the number of
/// threads.
const LARGE_PIXELS: u64 = 16 << 20;
static LARGE_PICTURE: Mutex<()> = Mutex::new(());

/// A decoded picture and properties of its file.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub pixels: Pixels,
    pub encoding: Encoding,
    /// Whether its file has transparency.
    pub transparent: bool,
}

/// Decodes a picture: turned upright by its EXIF orientation, composited over `background`,
/// reduced to 8 bits, and with one channel if red, green and blue agree everywhere.
///
/// # Errors
///
/// Why the bytes are not a usable picture, in one line.
pub(crate) fn decode(bytes: &[u8], background: [u8; 3]) -> Result<Decoded, String> {
    panic::catch_unwind(AssertUnwindSafe(|| decode_checked(bytes, background)))
        .unwrap_or_else(|_| Err("is corrupt in a way that its decoder cannot handle".to_owned()))
}

fn decode_checked(bytes: &[u8], background: [u8; 3]) -> Result<Decoded, String> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
    }
    let format = supported_format(bytes).ok_or_else(|| describe(bytes))?;
    complete::check(format, bytes)?;
    let corrupt = |error| format!("is corrupt: {}", one_line(error));
    let bytes = &match format {
        ImageFormat::Png => png::without_profiles(bytes),
        _ => Cow::Borrowed(bytes),
    };
    let mut decoder = open(format, bytes).map_err(corrupt)?;

    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(format!("has no pixels: {width}×{height}"));
    }
    if pixels > MAX_PIXELS {
        let limit = MAX_PIXELS >> 20;
        return Err(format!(
            "is too large: {width}×{height}, over {limit} megapixels"
        ));
    }
    let _one_at_a_time = (pixels > LARGE_PIXELS)
        .then(|| LARGE_PICTURE.lock().unwrap_or_else(PoisonError::into_inner));

    // Invalid EXIF data is no reason to skip the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    decoder.set_limits(limits()).map_err(corrupt)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(corrupt)?;
    image.apply_orientation(orientation);
    let transparent = image.color().has_alpha();
    Ok(Decoded {
        pixels: flatten(image, background),
        encoding: encoding_of(format),
        transparent,
    })
}

fn encoding_of(format: ImageFormat) -> Encoding {
    match format {
        ImageFormat::Jpeg => Encoding::Jpeg,
        ImageFormat::Png => Encoding::Png,
        ImageFormat::WebP => Encoding::WebP,
        ImageFormat::Gif => Encoding::Gif,
        _ => Encoding::Bmp,
    }
}

/// Turns bare pixels of 1, 3 or 4 channels into a picture.
pub(crate) fn from_bare(pixels: Pixels, background: [u8; 3]) -> Decoded {
    let transparent = pixels.channels == 4;
    let opaque = if transparent {
        Pixels {
            channels: 3,
            values: composite(&pixels.values, background),
            ..pixels
        }
    } else {
        pixels
    };
    Decoded {
        pixels: opaque.grey_if_possible(),
        encoding: Encoding::Bare,
        transparent,
    }
}

/// Whether a file that begins with `head` is a picture in a supported format.
pub(crate) fn is_picture(head: &[u8]) -> bool {
    supported_format(head).is_some()
}

fn supported_format(head: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    let format = image::guess_format(head).ok()?;
    matches!(format, Jpeg | Png | WebP | Bmp | Gif).then_some(format)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    limits
}

fn open(format: ImageFormat, bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        ImageFormat::Jpeg => Box::new(StrictJpegDecoder::new(bytes)?),
        ImageFormat::Png => Box::new(PngDecoder::with_limits(reader, limits())?),
        ImageFormat::WebP => Box::new(WebPDecoder::new(reader)?),
        ImageFormat::Gif => Box::new(GifDecoder::new(reader)?),
        _ => Box::new(BmpDecoder::new(reader)?),
    })
}

/// Converts any type of pixel to opaque 8-bit grey or colour.
fn flatten(image: DynamicImage, background: [u8; 3]) -> Pixels {
    let (width, height) = (image.width(), image.height());
    let color = image.color();
    let (channels, values) = if color.has_alpha() {
        (3, composite(&image.into_rgba8(), background))
    } else if color.has_color() {
        (3, image.into_rgb8().into_raw())
    } else {
        (1, image.into_luma8().into_raw())
    };
    let pixels = Pixels {
        width,
        height,
        channels,
        values,
    };
    pixels.grey_if_possible()
}

/// Composites a picture over an opaque background (Porter and Duff's "over").
fn composite(picture: &[u8], background: [u8; 3]) -> Vec<u8> {
    let over = |above: u8, below: u8, alpha: u8| {
        let alpha = u32::from(alpha);
        let sum = u32::from(above) * alpha + u32::from(below) * (255 - alpha);
        ((sum + 127) / 255) as u8
    };
    picture
        .chunks_exact(4)
        .flat_map(|pixel| {
            std::array::from_fn::<u8, 3, _>(|c| over(pixel[c], background[c], pixel[3]))
        })
        .collect()
}

/// Describes bytes that are not a supported picture.
fn describe(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(512)];
    let text = head.trim_ascii_start();
    if bytes.is_empty() {
        "is an empty file".to_owned()
    } else if let Ok(format) = image::guess_format(head) {
        format!("is of an unsupported format: {}", format.to_mime_type())
    } else if head.iter().all(|&byte| byte == 0) {
        "is not a picture: it begins with zeros".to_owned()
    } else if text.starts_with(b"<") {
        "is not a picture but an HTML or XML page".to_owned()
    } else if head
        .iter()
        .all(|&byte| byte >= 32 || byte.is_ascii_whitespace())
    {
        "is not a picture but text".to_owned()
    } else {
        "is not a picture".to_owned()
    }
}

fn one_line(error: image::ImageError) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_transparent_pixels_are_blended_with_the_background() {
        let picture = [200, 0, 0, 255, 200, 0, 0, 0, 200, 0, 100, 128];
        assert_eq!(
            composite(&picture, [0, 100, 200]),
            [200, 0, 0, 0, 100, 200, 100, 50, 150]
        );
    }

    #[test]
    fn files_that_are_not_pictures_are_described() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "empty"),
            (b"\n <!DOCTYPE html>", "HTML"),
            (b"hello", "text"),
            (&[0; 100], "zeros"),
            (&[7, 1, 200, 3], "not a picture"),
            (b"II*\0\x08\0\0\0", "image/tiff"),
        ];
        for (bytes, expected) in cases {
            let reason = decode(bytes, [0; 3]).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
