//! Pictures as files.

use std::io::Cursor;
use std::time::Duration;

use dcgan_render::picture_file;
use dcgan_support::picture_mark::{Origin, describe, mark};
use image::imageops::FilterType;
use image::{DynamicImage, GenericImage, ImageFormat, RgbImage};

use crate::failure::Failure;

/// Pictures of one size side by side, without gaps, in rows of `columns`.
///
/// # Errors
/// If their sizes differ.
pub fn sheet(pictures: &[DynamicImage], columns: usize) -> Result<DynamicImage, Failure> {
    let (width, height) = pictures
        .first()
        .map_or((1, 1), |picture| (picture.width(), picture.height()));
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns).max(1);
    let mut sheet = RgbImage::new(width * columns as u32, height * rows as u32);
    for (place, picture) in pictures.iter().enumerate() {
        let (column, row) = ((place % columns) as u32, (place / columns) as u32);
        sheet
            .copy_from(&picture.to_rgb8(), column * width, row * height)
            .map_err(Failure::internal)?;
    }
    Ok(sheet.into())
}

/// A PNG, with the mark of the program and perhaps where it comes from.
///
/// # Errors
/// If it cannot be encoded.
pub fn encode(picture: &DynamicImage, origin: &Origin) -> Result<Vec<u8>, Failure> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(Failure::internal)?;
    Ok(describe(mark(bytes.into_inner()), origin))
}

/// An endless animation of pictures, `upscale` times as large.
///
/// # Errors
/// If it cannot be written.
pub fn gif(pictures: &[DynamicImage], upscale: u32, frame: Duration) -> Result<Vec<u8>, Failure> {
    let large: Vec<DynamicImage> = pictures
        .iter()
        .map(|picture| {
            let (width, height) = (picture.width() * upscale, picture.height() * upscale);
            picture.resize_exact(width, height, FilterType::Nearest)
        })
        .collect();
    let folder = tempfile::tempdir().map_err(Failure::internal)?;
    let path = folder.path().join("walk.gif");
    picture_file::write_gif(&path, &large, frame).map_err(Failure::internal)?;
    std::fs::read(&path).map_err(Failure::internal)
}
