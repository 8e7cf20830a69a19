//! Writes pictures, figures and directories, with errors that say which and what to do.

use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use dcgan_render::picture_file::{self, PictureFormat};
use image::{DynamicImage, RgbImage};

/// Writes a picture.
pub fn write_picture(path: &Path, picture: &DynamicImage, format: PictureFormat) -> Result<()> {
    written(path, picture_file::write(path, picture, format))
}

/// Writes a figure as a PNG.
pub fn write_figure(path: &Path, figure: RgbImage) -> Result<()> {
    write_picture(path, &figure.into(), PictureFormat::Png)
}

/// Refuses a figure whose name does not end in `.png`.
pub fn check_figure_name(path: &Path) -> Result<()> {
    if PictureFormat::from_path(path) != Some(PictureFormat::Png) {
        bail!(
            "a figure is a .png file: {} is not named so",
            path.display()
        );
    }
    Ok(())
}

/// The result of writing a file, with the file in its error.
pub fn written(path: &Path, result: io::Result<()>) -> Result<()> {
    result.with_context(|| format!("cannot write {}", path.display()))
}

/// Creates a directory, if it does not exist.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))
}
