//! Drawn pictures on their way to the disk.

use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, anyhow, bail};
use dcgan_render::picture_file::{self, PictureFormat};
use image::{DynamicImage, RgbImage, imageops::FilterType};

/// Writes a picture.
pub fn write_picture(path: &Path, picture: &DynamicImage, format: PictureFormat) -> Result<()> {
    written(path, picture_file::write(path, picture, format))
}

/// Writes a figure that was drawn.
pub fn write_figure(path: &Path, figure: Result<RgbImage, String>) -> Result<()> {
    let figure = figure.map_err(|error| anyhow!(error))?;
    write_picture(path, &figure.into(), PictureFormat::Png)
}

/// Refuses a name that is none of a figure.
pub fn check_figure_name(path: &Path) -> Result<()> {
    if PictureFormat::of_name(path) != Some(PictureFormat::Png) {
        bail!("the figure is a PNG file: name {} .png", path.display());
    }
    Ok(())
}

/// What became of a file, in words.
pub fn written(path: &Path, result: io::Result<()>) -> Result<()> {
    result.with_context(|| format!("cannot write {}", path.display()))
}

/// Makes a folder, if it is not there.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))
}

/// A picture enlarged by a whole number, its pixels as squares.
pub fn upscaled(picture: &DynamicImage, by: u32) -> DynamicImage {
    let (width, height) = (picture.width() * by, picture.height() * by);
    picture.resize_exact(width, height, FilterType::Nearest)
}

/// Refuses pictures that would not fit into memory together: they do where their bytes, three a
/// pixel, are at most a gigabyte.
pub fn check_fits_in_memory(count: u64, image_size: usize, upscale: u32) -> Result<()> {
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
