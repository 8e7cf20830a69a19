//! Drawn pictures on their way to the disk.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
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

/// Refuses a name for a figure that does not end in .png.
pub fn check_figure(path: &Path) -> Result<()> {
    match PictureFormat::of_name(path) {
        Some(PictureFormat::Png) => Ok(()),
        _ => bail!("the figure is a PNG file: name {} .png", path.display()),
    }
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

/// A picture enlarged by a whole number, its pixels as squares.
pub fn upscaled(picture: &DynamicImage, by: u32) -> DynamicImage {
    let (width, height) = (picture.width() * by, picture.height() * by);
    picture.resize_exact(width, height, FilterType::Nearest)
}

/// Refuses pictures that would not fit into memory together: they do where their bytes, three a
/// pixel, are at most a gigabyte.
pub fn check_together(count: u64, image_size: usize, upscale: u32) -> Result<()> {
    const MOST_BYTES: u64 = 1 << 30;
    let side = image_size as u64 * u64::from(upscale);
    if count.saturating_mul(3 * side * side) > MOST_BYTES {
        bail!(
            "{count} pictures of {side}x{side} are too many to have in memory at once: take \
             fewer, or a smaller --upscale"
        );
    }
    Ok(())
}
