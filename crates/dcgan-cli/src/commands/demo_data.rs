//! `dcgan demo-data`: writes the drawn faces as files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan_faces::AttributeRow;
use dcgan_render::picture_file;
use dcgan_support::atomic_file;

use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output, progress};
use crate::words::counted;

/// `dcgan demo-data`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan demo-data
  dcgan demo-data -o large/ -n 500 --image-size 256 --seed 1")]
pub struct DemoData {
    /// As --out
    #[arg(hide = true, value_name = "DIR", conflicts_with = "out")]
    pub positional_folder: Option<PathBuf>,

    /// The directory to create [default: faces]
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Number of faces
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,

    /// Width and height in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(16..=1024))]
    pub image_size: u32,

    /// Seed of the faces
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub replace: Replace,
}

impl DemoData {
    fn folder(&self) -> &Path {
        let given = self.out.as_deref().or(self.positional_folder.as_deref());
        given.unwrap_or(Path::new("faces"))
    }
}

impl WritesFiles for DemoData {
    fn files(&self) -> Files<'_> {
        Files::new(self.replace, []).writing_in(self.folder(), |name| {
            let number = name.strip_suffix(".png").and_then(|name| name.parse().ok());
            number.is_some_and(|number: u64| {
                (1..=u64::from(self.count)).contains(&number)
                    && dcgan_faces::file_name(number - 1) == name
            })
        })
    }
}

/// The attribute file, named and laid out as in CelebA. It is written last, so it marks a complete
/// data set.
const ATTRIBUTES: &str = "list_attr_celeba.txt";

/// Writes the faces and their attribute file.
pub fn run(arguments: &DemoData) -> Result<()> {
    let folder = arguments.folder();
    let attributes = folder.join(ATTRIBUTES);
    if attributes.exists() {
        bail!(
            "{} already holds a data set: choose another directory",
            folder.display()
        );
    }
    files::in_folder(folder, || {
        write_faces(arguments)?;
        write_attributes(arguments, &attributes)
            .with_context(|| format!("cannot write {}", attributes.display()))
    })?;
    output::line(&format!(
        "{} in {}, their attributes in {}",
        counted(arguments.count, "face"),
        folder.display(),
        attributes.display()
    ));
    Ok(())
}

fn write_faces(arguments: &DemoData) -> Result<()> {
    let progress = progress::bar("drawing faces", arguments.count as usize);
    for index in 0..u64::from(arguments.count) {
        let path = arguments.folder().join(dcgan_faces::file_name(index));
        let face = dcgan_faces::face(arguments.seed, index).draw(arguments.image_size);
        files::written(&path, picture_file::write_data(&path, &face.into()))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(())
}

fn write_attributes(arguments: &DemoData, path: &Path) -> Result<()> {
    let rows = (0..u64::from(arguments.count)).map(|index| AttributeRow {
        file_name: dcgan_faces::file_name(index),
        labels: dcgan_faces::face(arguments.seed, index).labels(),
    });
    let mut text = Vec::new();
    dcgan_faces::write_attribute_file(&mut text, rows, arguments.count as usize)?;
    atomic_file::write(path, |writer| writer.write_all(&text))?;
    Ok(())
}
