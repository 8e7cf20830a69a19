//! From a file's bytes to 8-bit pixels, upright and opaque, or the reason why it cannot be decoded.
//!
//! Files are untrusted. The format is detected from the content, not the name. A truncated file is
//! refused, even if a decoder would fill in the missing part. Neither a huge stated size nor a
//! panic in a decoder can take the process down.

mod complete;
mod content;
mod jpeg;
mod jpeg_bytes;
mod jpeg_segments;
mod levels;
mod orientation;
mod png;
mod reason;
mod tiff_tags;

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, pnm::PnmDecoder, tiff::TiffDecoder,
    webp::WebPDecoder,
};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageResult, Limits};

use crate::facts::Encoding;
use crate::options::PictureOptions;
use crate::pixels::Pixels;
use complete::{Complete, complete};
use jpeg::StrictJpegDecoder;
use reason::of_error;

pub(crate) use content::{
    Content, HEAD_BYTES, content, is_lfs_pointer, picture_format, unread_ending,
};
pub(crate) use levels::Used as LevelsUsed;
pub(crate) use reason::{describe, is_damage};

/// The largest picture file.
pub(crate) const MAX_FILE_BYTES: u64 = 512 << 20;

/// The largest picture: 250 megapixels.
const MAX_PIXELS: u64 = 250 << 20;

/// The most that a decoder may allocate, and the largest picture in memory.
const MAX_DECODER_BYTES: u64 = 1 << 30;

/// Larger JPEGs are decoded at a fraction of their size.
const REDUCED_PIXELS: u64 = 64 << 20;

/// Larger pictures are decoded one at a time, so that memory does not grow with the number of
/// threads.
const LARGE_PIXELS: u64 = 16 << 20;
static LARGE_PICTURE: Mutex<()> = Mutex::new(());

/// A decoded picture and properties of its file.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub pixels: Pixels,
    /// Width and height in the file, upright. A very large picture is decoded smaller.
    pub source_size: (u32, u32),
    pub encoding: Encoding,
    /// Whether any of its pixels is transparent.
    pub transparent: bool,
    /// Whether its file lacked an end, or had something superfluous in it.
    pub is_repaired: bool,
    /// Whether its file has more frames or pages.
    pub has_more_frames: bool,
    /// Which levels it uses, if it has 16 bits.
    pub levels_used: Option<LevelsUsed>,
}

/// Decodes a picture: turned upright by its EXIF or XMP orientation, composited over the background,
/// reduced to 8 bits, and with one channel if red, green and blue agree everywhere.
///
/// # Errors
///
/// Why the bytes are not a usable picture, in one line.
pub(crate) fn decode(bytes: &[u8], options: &PictureOptions) -> Result<Decoded, String> {
    panic::catch_unwind(AssertUnwindSafe(|| decode_checked(bytes, options)))
        .unwrap_or_else(|_| Err("is corrupt in a way that its decoder cannot handle".to_owned()))
}

fn decode_checked(file: &[u8], options: &PictureOptions) -> Result<Decoded, String> {
    if file.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
    }
    let format = picture_format(file).ok_or_else(|| describe(file))?;
    let first_page = match format {
        ImageFormat::Tiff => tiff_tags::FirstPage::read(file),
        _ => None,
    };
    let unusual = first_page.as_ref().and_then(|page| page.unusual_numbers());
    if let Some(numbers) = unusual {
        return Err(format!(
            "holds {numbers}, which have no fixed range: convert it to 8 or 16 bits"
        ));
    }
    let Complete { bytes, is_repaired } = complete(format, file)?;
    let bytes = &match format {
        ImageFormat::Png => match png::without_profiles(&bytes) {
            Cow::Borrowed(_) => bytes,
            Cow::Owned(without) => Cow::Owned(without),
        },
        _ => bytes,
    };
    let failed = |error| {
        // A JPEG is repaired within, the others at their ends.
        if is_repaired && format != ImageFormat::Jpeg {
            let length = file.len();
            return format!("is truncated: it ends after {length} bytes, within its pixels");
        }
        of_error(format, error)
    };
    let mut decoder = open(format, bytes).map_err(failed)?;

    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(format!("has no pixels: {width}×{height}"));
    }
    if pixels > MAX_PIXELS {
        let limit = MAX_PIXELS >> 20;
        return Err(format!(
            "is too large: {width}×{height}, over {limit} megapixels: reduce it"
        ));
    }
    let _one_at_a_time = (pixels > LARGE_PIXELS)
        .then(|| LARGE_PICTURE.lock().unwrap_or_else(PoisonError::into_inner));

    let orientation = orientation::of(format, file);
    let is_reduced = pixels > REDUCED_PIXELS && format == ImageFormat::Jpeg;
    let mut image = if let Some(reduced) = is_reduced
        .then(|| jpeg::reduced(bytes, options.image_size))
        .flatten()
    {
        drop(decoder);
        reduced?
    } else {
        if decoder.total_bytes() > MAX_DECODER_BYTES {
            return Err(format!(
                "is too large: {width}×{height} take {} MiB: reduce it, or save it as a JPEG",
                decoder.total_bytes() >> 20
            ));
        }
        decoder.set_limits(limits()).map_err(failed)?;
        DynamicImage::from_decoder(decoder).map_err(failed)?
    };
    image.apply_orientation(orientation);
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let levels_used = LevelsUsed::of(&image);
    levels::stretch(&mut image, options.levels);
    let (pixels, transparent) = flatten(image, options.background);
    Ok(Decoded {
        source_size: if is_turned {
            (height, width)
        } else {
            (width, height)
        },
        pixels,
        encoding: encoding_of(format),
        transparent,
        is_repaired,
        has_more_frames: match format {
            ImageFormat::Gif => complete::gif_is_animated(file),
            ImageFormat::Png => png::is_animated(file),
            ImageFormat::WebP => is_animated_webp(file),
            _ => first_page.is_some_and(|page| page.has_more_pages),
        },
        levels_used,
    })
}

fn encoding_of(format: ImageFormat) -> Encoding {
    match format {
        ImageFormat::Jpeg => Encoding::Jpeg,
        ImageFormat::Png => Encoding::Png,
        ImageFormat::WebP => Encoding::WebP,
        ImageFormat::Gif => Encoding::Gif,
        ImageFormat::Tiff => Encoding::Tiff,
        ImageFormat::Pnm => Encoding::Pnm,
        _ => Encoding::Bmp,
    }
}

/// Whether the extended header of a WebP has the flag of an animation.
fn is_animated_webp(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
}

/// Turns bare pixels of 1, 3 or 4 channels into a picture.
pub(crate) fn from_bare(pixels: Pixels, background: [u8; 3]) -> Decoded {
    let has_alpha = pixels.channels == 4;
    let transparent = has_alpha && pixels.values.chunks_exact(4).any(|pixel| pixel[3] < 255);
    let opaque = if has_alpha {
        Pixels {
            channels: 3,
            values: composite(&pixels.values, background),
            ..pixels
        }
    } else {
        pixels
    };
    Decoded {
        source_size: (opaque.width, opaque.height),
        pixels: opaque.grey_if_possible(),
        encoding: Encoding::Bare,
        transparent,
        is_repaired: false,
        has_more_frames: false,
        levels_used: None,
    }
}

/// Whether a file that begins with `head` is a picture in a supported format.
pub(crate) fn is_picture(head: &[u8]) -> bool {
    picture_format(head).is_some()
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
        ImageFormat::Tiff => Box::new(TiffDecoder::new(reader)?),
        ImageFormat::Pnm => Box::new(PnmDecoder::new(reader)?),
        _ => Box::new(BmpDecoder::new(reader)?),
    })
}

/// Converts any type of pixel to opaque 8-bit grey or colour, and says whether any was transparent.
fn flatten(image: DynamicImage, background: [u8; 3]) -> (Pixels, bool) {
    let (width, height) = (image.width(), image.height());
    let color = image.color();
    let mut transparent = false;
    let (channels, values) = if color.has_alpha() {
        let image = image.into_rgba8();
        transparent = image.chunks_exact(4).any(|pixel| pixel[3] < 255);
        (3, composite(&image, background))
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
    (pixels.grey_if_possible(), transparent)
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
}
