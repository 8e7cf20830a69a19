//! `dcgan demo-data`: the drawn faces as files.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dcgan_render::picture_file::PictureFormat;
use dcgan_support::atomic_file;
use indicatif::ProgressBar;

use super::pictures_out;
use crate::cli::DemoData;
use crate::output;

/// Faces from which the attribute file is written at the end, as in CelebA.
const ATTRIBUTES: &str = "list_attr_celeba.txt";

/// Writes the faces and their attribute file.
pub fn run(arguments: &DemoData) -> Result<()> {
    let folder = &arguments.folder;
    let attributes = folder.join(ATTRIBUTES);
    if attributes.exists() {
        bail!(
            "{} already holds a data set: name another folder",
            folder.display()
        );
    }
    pictures_out::make_folder(folder)?;
    write_faces(arguments)?;
    write_attributes(arguments, &attributes)
        .with_context(|| format!("cannot write {}", attributes.display()))?;
    output::line(&format!(
        "{} faces in {}, their attributes in {}",
        arguments.count,
        folder.display(),
        attributes.display()
    ));
    Ok(())
}

fn write_faces(arguments: &DemoData) -> Result<()> {
    let progress = ProgressBar::new(arguments.count.into());
    for index in 0..u64::from(arguments.count) {
        let path = arguments.folder.join(dcgan_faces::file_name(index));
        let face = dcgan_faces::face(arguments.seed, index).draw(arguments.image_size);
        pictures_out::write(&path, &face.into(), PictureFormat::Png)?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(())
}

fn write_attributes(arguments: &DemoData, path: &Path) -> Result<()> {
    let rows = (0..u64::from(arguments.count)).map(|index| {
        (
            dcgan_faces::file_name(index),
            dcgan_faces::face(arguments.seed, index).labels(),
        )
    });
    let mut text = Vec::new();
    dcgan_faces::write_attribute_file(&mut text, rows, arguments.count as usize)?;
    atomic_file::write(path, |writer| writer.write_all(&text))?;
    Ok(())
}
