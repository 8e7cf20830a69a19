//! Writes pictures, figures and directories, with errors that say which and what to do.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, bail};
use dcgan_render::picture_file::{self, PictureFormat};
use image::{DynamicImage, RgbImage};

use super::interrupt;

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

/// Writes files into a directory, which is created if it does not exist. What was created and is
/// still empty after an error is removed again.
pub fn in_folder<T>(path: &Path, write: impl FnOnce() -> Result<T>) -> Result<T> {
    let is_missing = |folder: &&Path| folder.symlink_metadata().is_err();
    let missing = path.ancestors().take_while(is_missing);
    let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    let remove = move || {
        for folder in &missing {
            let _ = fs::remove_dir(folder); // one that holds anything stays
        }
    };
    let written = interrupt::undoing(remove.clone(), || {
        fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
        write()
    });
    if written.is_err() {
        remove();
    }
    written
}
