//! A single picture, as training would see it.

use std::path::Path;

use crate::error::DataError;
use crate::ingest::prepare;
use crate::options::{Crop, PictureOptions};
use crate::order::Augmentation;
use crate::source::{Item, read_picture_file};
use crate::transform::{self, Cut};

/// Reads one picture and prepares it as those of a data set are: cropped to its centre or
/// squeezed, grey or in colour, over a background.
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
/// `[image_size, image_size, channels]`, with the picture's own channels if
/// [`PictureOptions::channels`] is `None`
///
/// # Errors
/// If the file cannot be read or is not a picture.
pub fn read_picture(path: &Path, options: &PictureOptions) -> Result<Vec<u8>, DataError> {
    options.check()?;
    let bad_picture = |reason: String| DataError::BadPicture {
        path: path.to_owned(),
        reason,
    };
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            return Err(bad_picture(
                "is a folder, and a single picture is needed".to_owned(),
            ));
        }
        Err(_) => return Err(bad_picture("does not exist".to_owned())),
        Ok(_) => {}
    }
    let options = PictureOptions {
        crop: match options.crop {
            Crop::Random => Crop::Center,
            crop => crop,
        },
        ..options.clone()
    };
    let bytes = read_picture_file(path).map_err(bad_picture)?;
    let prepared = prepare(Item::encoded(bytes), &options).map_err(bad_picture)?;
    let pixels = prepared.pixels.view();
    let channels = options.channels.unwrap_or(pixels.channels);
    let side = options.image_size;
    let mut values = vec![0; side as usize * side as usize * channels];
    let square = Cut {
        size: side,
        channels,
        augmentation: Augmentation::NONE,
    };
    transform::cut(pixels, square, &mut values, |value| value);
    Ok(values)
}
