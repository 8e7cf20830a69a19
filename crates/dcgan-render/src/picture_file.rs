//! Writes pictures to files: single pictures, animations and NumPy arrays.

use std::io::{self, Cursor};
use std::path::Path;
use std::time::Duration;

use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::{Delay, DynamicImage, Frame, ImageFormat};

use dcgan_support::atomic_file;
use dcgan_support::npy::header;
use dcgan_support::picture_mark::{Origin, describe, mark, mark_data};

use crate::image_grid::PictureShape;

/// From 1 to 100; high enough that no artefact is mistaken for the generator's.
const JPEG_QUALITY: u8 = 95;

/// From 0 to 100, for animations.
const WEBP_QUALITY: f32 = 90.0;

/// From 1 (best) to 30 (fastest).
const GIF_SPEED: i32 = 10;

/// The format of a file with one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Lossless PNG.
    Png,
    /// JPEG of quality 95.
    Jpeg,
    /// Lossless WebP.
    Webp,
}

impl PictureFormat {
    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }

    /// The format that belongs to a file's extension; `None` if no format does.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "webp" => Some(Self::Webp),
            _ => None,
        }
    }
}

/// Writes a picture atomically.
///
/// # Errors
/// If the picture cannot be encoded or the file cannot be written.
pub fn write(path: &Path, picture: &DynamicImage, format: PictureFormat) -> io::Result<()> {
    write_drawn(path, picture, format, &Origin::default())
}

/// As [`write()`], and a PNG says where it comes from.
///
/// # Errors
/// As [`write()`].
pub fn write_drawn(
    path: &Path,
    picture: &DynamicImage,
    format: PictureFormat,
    origin: &Origin,
) -> io::Result<()> {
    let mut bytes = Cursor::new(Vec::new());
    let encoded = match format {
        PictureFormat::Png => picture.write_to(&mut bytes, ImageFormat::Png),
        PictureFormat::Jpeg => {
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        }
        PictureFormat::Webp => picture.to_rgb8().write_to(&mut bytes, ImageFormat::WebP),
    };
    encoded.map_err(io::Error::other)?;
    let bytes = describe(mark(bytes.into_inner()), origin);
    atomic_file::write(path, |writer| writer.write_all(&bytes))
}

/// Writes a picture that is made to be trained on as a PNG, atomically. Its mark is another one than
/// that of [`write()`], whose pictures are no training data.
///
/// # Errors
/// If the picture cannot be encoded or the file cannot be written.
pub fn write_data(path: &Path, picture: &DynamicImage) -> io::Result<()> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(io::Error::other)?;
    let bytes = mark_data(bytes.into_inner());
    atomic_file::write(path, |writer| writer.write_all(&bytes))
}

/// Writes pictures of one size as an endless GIF animation.
///
/// # Errors
/// If the file cannot be written.
pub fn write_gif(path: &Path, pictures: &[DynamicImage], frame_time: Duration) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, GIF_SPEED);
    encoder
        .set_repeat(Repeat::Infinite)
        .map_err(io::Error::other)?;
    for picture in pictures {
        let delay = Delay::from_saturating_duration(frame_time);
        let frame = Frame::from_parts(picture.to_rgba8(), 0, 0, delay);
        encoder.encode_frame(frame).map_err(io::Error::other)?;
    }
    drop(encoder);
    let bytes = mark(bytes);
    atomic_file::write(path, |writer| writer.write_all(&bytes))
}

/// Writes pictures of one size as an endless WebP animation.
///
/// # Errors
/// If there are no pictures or the file cannot be written.
pub fn write_animated_webp(
    path: &Path,
    pictures: &[DynamicImage],
    frame_time: Duration,
) -> io::Result<()> {
    let frames: Vec<_> = pictures.iter().map(DynamicImage::to_rgb8).collect();
    let Some(first) = frames.first() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut config = webp::WebPConfig::new()
        .map_err(|()| io::Error::other("the WebP library has an incompatible version"))?;
    config.quality = WEBP_QUALITY;
    let mut encoder = webp::AnimEncoder::new(first.width(), first.height(), &config);
    encoder.set_loop_count(0);
    for (place, frame) in (0..).zip(&frames) {
        let start = i32::try_from(place * frame_time.as_millis()).unwrap_or(i32::MAX);
        let (width, height) = frame.dimensions();
        encoder.add_frame(webp::AnimFrame::from_rgb(frame, width, height, start));
    }
    let bytes = encoder
        .try_encode()
        .map_err(|error| io::Error::other(format!("{error:?}")))?;
    let bytes = mark(bytes.to_vec());
    atomic_file::write(path, |writer| writer.write_all(&bytes))
}

/// Writes `count` pictures as one NumPy array of bytes.
///
/// # Shapes
/// `[count, height, width, channels]`
///
/// # Errors
/// If the pictures do not fill the array exactly or the file cannot be written.
pub fn write_npy(
    path: &Path,
    count: u64,
    shape: PictureShape,
    pictures: impl Iterator<Item = DynamicImage> + Send,
) -> io::Result<()> {
    atomic_file::write(path, |writer| {
        let [height, width, channels] =
            [shape.height, shape.width, shape.channels].map(|length| length as u64);
        let shape = [count, height, width, channels];
        writer.write_all(&header("|u1", &shape))?;
        let mut missing: u64 = shape.iter().product();
        for picture in pictures {
            let bytes = picture.as_bytes();
            missing = missing.wrapping_sub(bytes.len() as u64);
            writer.write_all(bytes)?;
        }
        if missing == 0 {
            Ok(())
        } else {
            Err(io::Error::other("the pictures do not fill the array"))
        }
    })
}

#[cfg(test)]
mod tests {
    use image::{AnimationDecoder, RgbImage};

    use dcgan_support::picture_mark::{is_marked, is_output};

    use super::*;

    const SHAPE: PictureShape = PictureShape {
        height: 6,
        width: 8,
        channels: 3,
    };

    fn pictures() -> Vec<DynamicImage> {
        [0_u8, 100, 200]
            .map(|value| RgbImage::from_pixel(8, 6, image::Rgb([value, 50, 255 - value])).into())
            .to_vec()
    }

    fn assert_marked(path: &Path) {
        let bytes = std::fs::read(path).unwrap();
        assert!(is_marked(&bytes, &bytes), "{}", path.display());
        let plain: Vec<u8> = image::open(path).unwrap().into_rgb8().into_raw();
        assert!(!is_marked(&plain, &plain));
    }

    #[test]
    fn every_format_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for format in ["png", "jpg", "webp"] {
            let path = folder.path().join(format!("picture.{format}"));
            let picture = &pictures()[1];
            write(&path, picture, PictureFormat::from_path(&path).unwrap()).unwrap();
            assert_marked(&path);
            let read = image::open(&path).unwrap().to_rgb8();
            let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 3;
            assert!(read.iter().zip(picture.as_bytes()).all(near), "{format}");
        }
    }

    #[test]
    fn pictures_to_train_on_have_a_mark_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("face.png");
        write_data(&path, &pictures()[0]).unwrap();
        assert_marked(&path);
        let face = std::fs::read(&path).unwrap();
        assert!(!is_output(&face, &face));
        write(&path, &pictures()[0], PictureFormat::Png).unwrap();
        let sample = std::fs::read(&path).unwrap();
        assert!(is_output(&sample, &sample));
    }

    #[test]
    fn animations_have_all_their_frames() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let tenth = Duration::from_millis(100);
        write_gif(&path("a.gif"), &pictures(), tenth).unwrap();
        assert_marked(&path("a.gif"));
        let open = |name: &str| io::BufReader::new(std::fs::File::open(path(name)).unwrap());
        let gif = image::codecs::gif::GifDecoder::new(open("a.gif")).unwrap();
        assert_eq!(gif.into_frames().collect_frames().unwrap().len(), 3);
        write_animated_webp(&path("a.webp"), &pictures(), tenth).unwrap();
        assert_marked(&path("a.webp"));
        let webp = image::codecs::webp::WebPDecoder::new(open("a.webp")).unwrap();
        assert_eq!(webp.into_frames().collect_frames().unwrap().len(), 3);
    }

    #[test]
    fn an_array_has_its_shape_and_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        write_npy(&path, 3, SHAPE, pictures().into_iter()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let (header, values) = bytes[10..].split_at(length);
        assert_eq!((10 + length) % 64, 0);
        let header = std::str::from_utf8(header).unwrap();
        let expected = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 6, 8, 3), }";
        assert_eq!(header.trim_end(), expected);
        assert!(header.ends_with('\n'));
        assert_eq!(values.len(), 3 * 6 * 8 * 3);
        assert_eq!(values[3 * 8 * 6..][..3], [100, 50, 155]);
        let too_few = write_npy(&path, 3, SHAPE, std::iter::empty());
        assert!(too_few.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
