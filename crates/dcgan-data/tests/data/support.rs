//! Folders of files, and shortcuts to load them.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use dcgan_data::{Augmentation, DataError, DataSource, Dataset, PictureOptions};
use image::{DynamicImage, ImageFormat, RgbImage};
use tempfile::TempDir;

/// A temporary folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Loads with options.
pub fn load_with(path: &Path, options: &PictureOptions) -> Result<Dataset, DataError> {
    let source = DataSource::at(path);
    Dataset::load(&source, options, &|_, _| {}, &|| false)
}

/// Loads small squares.
pub fn load(path: &Path) -> Result<Dataset, DataError> {
    load_with(path, &small())
}

/// 8×8 pictures; the other options are the defaults.
pub fn small() -> PictureOptions {
    PictureOptions {
        image_size: 8,
        ..PictureOptions::default()
    }
}

/// The error of a load that must fail.
pub fn failure(path: &Path) -> String {
    load(path).unwrap_err().to_string()
}

/// A picture without augmentation.
pub fn plain(dataset: &Dataset, index: usize) -> Vec<u8> {
    dataset.picture(index, Augmentation::NONE).unwrap()
}

/// The names of all pictures in order.
pub fn names(dataset: &Dataset) -> Vec<String> {
    (0..dataset.len())
        .map(|index| dataset.name(index).unwrap())
        .collect()
}

/// A picture file of a single colour.
pub fn flat(colour: [u8; 3], width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_pixel(width, height, image::Rgb(colour));
    encoded(&picture.into(), format)
}

/// A small PNG of a single colour.
pub fn png(colour: [u8; 3]) -> Vec<u8> {
    flat(colour, 9, 9, ImageFormat::Png)
}

/// A picture as a file's bytes.
pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A file below `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The bytes of a file below `tests/fixtures`.
pub fn fixture_bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

/// Loads a single picture from its bytes.
pub fn load_one(bytes: &[u8], options: &PictureOptions) -> Result<Dataset, DataError> {
    load_with(folder(&[("one.png", bytes)]).path(), options)
}

/// Asserts that two pictures agree within `tolerance` grey levels in every value.
pub fn assert_close(found: &[u8], expected: &[u8], tolerance: u8, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = found
        .iter()
        .zip(expected)
        .map(|(&found, &expected)| found.abs_diff(expected))
        .max();
    assert!(largest <= Some(tolerance), "{what}: differs by {largest:?}");
}
