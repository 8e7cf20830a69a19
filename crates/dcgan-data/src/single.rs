//! One picture by itself, as training would see it.

use std::path::Path;

use super::error::DataError;
use super::ingest::prepare;
use super::options::{Crop, PictureOptions};
use super::order::Augmentation;
use super::source::{Item, read_file};
use super::transform;

/// Reads one picture and brings it to a size as a data set's pictures are: cropped to its centre
/// or squeezed, grey or in colour, over a background.
///
/// ```
/// use dcgan_data::{PictureOptions, read_picture};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("wide.png");
/// image::RgbImage::from_pixel(90, 40, image::Rgb([10, 20, 30])).save(&path)?;
/// let options = PictureOptions { image_size: 32, channels: Some(3), ..PictureOptions::default() };
/// let values = read_picture(&path, &options)?;
/// assert_eq!(values.len(), 32 * 32 * 3);
/// assert_eq!(values[..3], [10, 20, 30]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// `[image_size, image_size, channels]`; without [`PictureOptions::channels`] those that the
/// picture has
///
/// # Errors
/// A file that cannot be read, or is no picture.
pub fn read_picture(path: &Path, options: &PictureOptions) -> Result<Vec<u8>, DataError> {
    options.check()?;
    let no_picture = |reason: String| DataError::NoPicture {
        path: path.to_owned(),
        reason,
    };
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            return Err(no_picture(
                "is a folder, and one picture is needed".to_owned(),
            ));
        }
        Err(_) => return Err(no_picture("does not exist".to_owned())),
        Ok(_) => {}
    }
    let options = PictureOptions {
        crop: match options.crop {
            Crop::Random => Crop::Center,
            crop => crop,
        },
        ..options.clone()
    };
    let bytes = read_file(path).map_err(no_picture)?;
    let prepared = prepare(Item::encoded(bytes), &options).map_err(no_picture)?;
    let pixels = prepared.pixels.view();
    let channels = options.channels.unwrap_or(pixels.channels);
    let side = options.image_size;
    let mut values = vec![0; side as usize * side as usize * channels];
    let value = |value| value;
    transform::cut(
        pixels,
        side,
        Augmentation::NONE,
        channels,
        &mut values,
        value,
    );
    Ok(values)
}
