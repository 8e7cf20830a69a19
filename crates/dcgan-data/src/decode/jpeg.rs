//! Strict decoding of JPEG.
//!
//! The `image` crate's decoder fills what it cannot decode with grey and reports success. A network
//! would learn that grey, so the underlying decoder is used here in its strict mode.

use image::error::{DecodingError, ImageFormatHint, UnsupportedError, UnsupportedErrorKind};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageResult};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

/// A decoder that reports an error if the data is not a complete JPEG.
///
/// CMYK and YCCK are read as Adobe writes them, inverted, like Pillow does.
pub(super) struct StrictJpegDecoder<'a> {
    decoder: JpegDecoder<ZCursor<&'a [u8]>>,
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
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
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

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.decoder.exif().cloned())
    }

    fn read_image(mut self, buffer: &mut [u8]) -> ImageResult<()> {
        self.decoder.decode_into(buffer).map_err(decoding_error)
    }

    fn read_image_boxed(self: Box<Self>, buffer: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buffer)
    }
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
