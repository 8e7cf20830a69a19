//! Strict decoding of JPEG.
//!
//! The `image` crate's decoder fills what it cannot decode with grey and reports success. A network
//! would learn that grey, so the underlying decoder is used here in its strict mode.

use image::error::{DecodingError, ImageFormatHint, UnsupportedError, UnsupportedErrorKind};
use image::{
    ColorType, DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageResult,
    RgbImage,
};
use jpeg_decoder::PixelFormat;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::jpeg_bytes::JpegBytes;
use super::jpeg_segments::is_progressive;

/// A decoder that reports an error if the data is not a complete JPEG.
///
/// CMYK and YCCK are read as Adobe writes them, inverted, like Pillow does.
pub(super) struct StrictJpegDecoder<'a> {
    /// Large, as it holds the tables of Huffman's codes.
    decoder: Box<JpegDecoder<JpegBytes<'a>>>,
    color: ColorType,
    dimensions: (u32, u32),
}

impl<'a> StrictJpegDecoder<'a> {
    /// Reads the headers.
    pub fn new(bytes: &'a [u8]) -> ImageResult<Self> {
        let options = DecoderOptions::default()
            .set_strict_mode(true)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX));
        let decoder = JpegDecoder::new_with_options(JpegBytes::new(bytes), options);
        let mut decoder = Box::new(decoder);
        decoder.decode_headers().map_err(decoding_error)?;
        let info = decoder.info().ok_or_else(no_headers)?;
        let (space, color) = match decoder.input_colorspace() {
            Some(ColorSpace::Luma) => (ColorSpace::Luma, ColorType::L8),
            _ => (ColorSpace::RGB, ColorType::Rgb8),
        };
        decoder.set_options(options.jpeg_set_out_colorspace(space));
        Ok(Self {
            decoder,
            color,
            dimensions: (u32::from(info.width), u32::from(info.height)),
        })
    }
}

impl ImageDecoder for StrictJpegDecoder<'_> {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn color_type(&self) -> ColorType {
        self.color
    }

    fn read_image(mut self, buffer: &mut [u8]) -> ImageResult<()> {
        self.decoder.decode_into(buffer).map_err(decoding_error)
    }

    fn read_image_boxed(self: Box<Self>, buffer: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buffer)
    }
}

/// The pixels that a reduced picture has at least along its shorter side, in image sizes: enough for
/// the resizing that follows.
const REDUCED_SIDES: u16 = 2;

/// The most that the coefficients of a progressive picture may take: 16 bits for each value.
const MAX_COEFFICIENTS: u64 = 1 << 30;

/// Decodes a very large picture at an eighth, a fourth or half of its size, if that leaves enough for
/// `image_size`. `None` if it does not, or its colours are not grey or YCbCr.
pub(super) fn reduced(bytes: &[u8], image_size: u32) -> Option<Result<DynamicImage, String>> {
    let corrupt = || "is corrupt: its JPEG data is invalid".to_owned();
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    if decoder.read_info().is_err() {
        return Some(Err(corrupt()));
    }
    let info = decoder.info()?;
    if !matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::RGB24) {
        return None;
    }
    let values =
        u64::from(info.width) * u64::from(info.height) * info.pixel_format.pixel_bytes() as u64;
    if is_progressive(bytes) && values * 2 > MAX_COEFFICIENTS {
        let (width, height) = (info.width, info.height);
        return Some(Err(format!(
            "is too large for a progressive JPEG: {width}×{height}: reduce it, or save it as a baseline JPEG"
        )));
    }
    let wanted = u32::from(REDUCED_SIDES) * image_size;
    let shorter = u32::from(info.width.min(info.height));
    // A scale is chosen that gives at least what is asked for, on both sides.
    let side = |side: u16| (u64::from(side) * u64::from(wanted) / u64::from(shorter.max(1))) as u16;
    if wanted >= shorter {
        return None;
    }
    let decoded = decoder
        .scale(side(info.width).max(1), side(info.height).max(1))
        .and_then(|size| decoder.decode().map(|pixels| (size, pixels)));
    let Ok(((width, height), pixels)) = decoded else {
        return Some(Err(corrupt()));
    };
    let (width, height) = (u32::from(width), u32::from(height));
    let image = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    };
    Some(image.ok_or_else(corrupt))
}

fn jpeg() -> ImageFormatHint {
    ImageFormatHint::Exact(ImageFormat::Jpeg)
}

fn no_headers() -> ImageError {
    ImageError::Decoding(DecodingError::new(jpeg(), "it has no frame header"))
}

fn decoding_error(error: DecodeErrors) -> ImageError {
    match error {
        DecodeErrors::Unsupported(scheme) => {
            let feature = UnsupportedErrorKind::GenericFeature(format!("{scheme:?}"));
            ImageError::Unsupported(UnsupportedError::from_format_and_kind(jpeg(), feature))
        }
        other => ImageError::Decoding(DecodingError::new(jpeg(), other)),
    }
}
