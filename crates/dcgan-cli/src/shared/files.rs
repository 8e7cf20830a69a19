//! Writes pictures, figures and directories, with errors that say which and what to do.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use dcgan_render::picture_file::{self, PictureFormat};
use image::DynamicImage;

use super::{interrupt, origin, output};

/// Writes a picture.
pub fn write_picture(path: &Path, picture: &DynamicImage, format: PictureFormat) -> Result<()> {
    write_drawn(path, picture, format, None)
}

/// Writes a picture drawn from these seeds.
pub fn write_drawn(
    path: &Path,
    picture: &DynamicImage,
    format: PictureFormat,
    seeds: Option<String>,
) -> Result<()> {
    let origin = origin::of(seeds);
    written(
        path,
        picture_file::write_drawn(path, picture, format, &origin),
    )
}

/// The result of writing a file, with the file in its error.
pub fn written(path: &Path, result: io::Result<()>) -> Result<()> {
    result.with_context(|| format!("cannot write {}", path.display()))?;
    output::detail(&format!("wrote {}", path.display()));
    Ok(())
}

/// Writes files into a directory, which is created if it does not exist. What was created and is
/// still empty after an error is removed again.
pub fn in_folder<T>(path: &Path, write: impl FnOnce() -> Result<T>) -> Result<T> {
    in_folders(&[(path, path)], write)
}

/// As [`in_folder`], with several directories, each for the file or directory behind it.
pub fn in_folders<T>(folders: &[(&Path, &Path)], write: impl FnOnce() -> Result<T>) -> Result<T> {
    let is_missing = |folder: &&Path| folder.symlink_metadata().is_err();
    let missing = folders
        .iter()
        .flat_map(|(folder, _)| folder.ancestors().take_while(is_missing));
    let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    let remove = move || {
        for folder in &missing {
            let _ = fs::remove_dir(folder); // one that holds anything stays
        }
    };
    let written = interrupt::undoing(remove.clone(), || {
        for (folder, for_what) in folders {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", for_what.display()))?;
        }
        write()
    });
    if written.is_err() {
        remove();
    }
    written
}
