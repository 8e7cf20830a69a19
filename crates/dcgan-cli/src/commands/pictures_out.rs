//! Drawn pictures on their way to the disk.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Result, anyhow};
use dcgan::atomic_file::advice;
use dcgan::picture_file::{self, PictureFormat};
use image::{DynamicImage, imageops::FilterType};

/// Writes a picture.
pub fn write(path: &Path, picture: &DynamicImage, format: PictureFormat) -> Result<()> {
    written(path, picture_file::write(path, picture, format))
}

/// What became of a file, in words.
pub fn written(path: &Path, result: io::Result<()>) -> Result<()> {
    result.map_err(|error| anyhow!("cannot write {}: {error}{}", path.display(), advice(&error)))
}

/// Makes a folder, if it is not there.
pub fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| {
        anyhow!(
            "cannot make the folder {}: {error}{}",
            path.display(),
            advice(&error)
        )
    })
}

/// Pictures enlarged by a whole number, their pixels as squares.
pub fn upscaled(pictures: Vec<DynamicImage>, by: u32) -> Vec<DynamicImage> {
    if by == 1 {
        return pictures;
    }
    let large = |picture: DynamicImage| {
        let (width, height) = (picture.width() * by, picture.height() * by);
        picture.resize_exact(width, height, FilterType::Nearest)
    };
    pictures.into_iter().map(large).collect()
}
