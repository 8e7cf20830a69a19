//! `dcgan data check`: a report on a data set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan_data::{
    BatchOptions, BatchPosition, Batches, CacheUse, Check, DataError, Dataset, PictureOptions,
    Skipped, packed_options,
};
use dcgan_render::image_grid::{PictureShape, grid, picture_from_values};
use dcgan_render::picture_file::{self, PictureFormat};
use serde::Serialize;

use super::{DataArguments, text};
use crate::shared::compute::limit_threads;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, named, output};
use crate::words;

/// `dcgan data check`
#[derive(Debug, Args)]
#[command(after_help = "\
The exit status is 1 only if training could not start.

Examples:
  dcgan data check photos/ --flip
  dcgan data check bedroom_train_lmdb --preview bedrooms.png
  dcgan data check img_align_celeba.zip --split all --json | jq .attributes")]
pub struct DataCheck {
    #[command(flatten)]
    pub arguments: DataArguments,

    /// Mirror pictures at random, as training would
    #[arg(long)]
    pub flip: bool,

    /// 1 (grey) or 3 (colour) [default: as the pictures]
    #[arg(long, value_name = "N|grey|colour", value_parser = named::channels)]
    pub channels: Option<usize>,

    /// Write a PNG of what the networks will see to FILE [default: DATA's name with -preview.png]
    #[arg(long, value_name = "FILE")]
    pub preview: Option<PathBuf>,

    /// Write no preview
    #[arg(long, conflicts_with = "preview")]
    pub no_preview: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for DataCheck {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, [&*self.arguments.data]);
        match &self.preview {
            Some(path) => files.writing(path),
            None => files, // the preview is left out if another file is in its place
        }
    }
}

/// Pictures in the preview, 8 in a row.
const PREVIEW: usize = 64;

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    data: String,
    can_train: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<String>,
    #[serde(flatten)]
    check: Option<&'a Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<Vec<String>>,
    /// The bad pictures of data that cannot be trained on; otherwise `check` lists them.
    #[serde(rename = "unreadable", skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a [Skipped]>,
}

/// Checks a data set, and fails if training could not start.
pub fn run(arguments: &DataCheck) -> Result<()> {
    limit_threads(arguments.arguments.threads)?;
    let data = &arguments.arguments.data;
    let (dataset, cache) = match load(arguments) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(arguments, error),
    };
    let dataset = Arc::new(dataset);
    let check = Check::new(&dataset, &|| false)?;
    let preview = draw(arguments, &dataset)?;
    if arguments.json {
        print(&Report {
            data: data.display().to_string(),
            can_train: check.pictures > 1,
            error: None,
            preview: preview.as_ref().map(|path| path.display().to_string()),
            check: Some(&check),
            advice: Some(words::data::advices(data, &check.advice)),
            skipped: None,
        });
    } else {
        dataset::report_cache(&cache);
        output::lines(text::describe(data, &check));
        if let Some(path) = preview {
            output::line(&format!("What the networks will see: {}", path.display()));
        }
    }
    if check.pictures < 2 {
        bail!(
            "{} has one usable picture, and a batch needs two: add pictures",
            data.display()
        );
    }
    Ok(())
}

fn load(arguments: &DataCheck) -> Result<(Dataset, CacheUse), DataError> {
    let packed = packed_options(&arguments.arguments.data)?;
    let default = PictureOptions::default();
    let default = match packed {
        Some(packed) => PictureOptions {
            image_size: packed.image_size,
            crop: packed.crop,
            background: packed.background,
            levels: packed.levels,
            ..default
        },
        None => default,
    };
    let options = PictureOptions {
        flip: arguments.flip,
        channels: arguments.channels,
        ..arguments.arguments.options(default)
    };
    dataset::load(&arguments.arguments.source(), &options, &arguments.cache)
}

/// Reports data that cannot be trained on, with every bad picture instead of the first few.
fn refuse(arguments: &DataCheck, error: DataError) -> Result<()> {
    let skipped = match &error {
        DataError::MostlyBad { skipped, .. } => skipped.clone(),
        _ => Vec::new(),
    };
    let error = error.into();
    if arguments.json {
        print(&Report {
            data: arguments.arguments.data.display().to_string(),
            can_train: false,
            error: Some(words::line(&error)),
            preview: None,
            check: None,
            advice: None,
            skipped: Some(&skipped),
        });
    } else {
        output::lines(text::list("unreadable", &skipped));
    }
    Err(error)
}

fn print(report: &Report<'_>) {
    match serde_json::to_string_pretty(report) {
        Ok(text) => output::json(&text),
        Err(error) => output::note(&format!("the report cannot be written as JSON: {error}")),
    }
}

/// Draws the first batch of training. Returns the file, if any was written.
fn draw(arguments: &DataCheck, dataset: &Arc<Dataset>) -> Result<Option<PathBuf>> {
    if arguments.no_preview {
        return Ok(None);
    }
    let path = match &arguments.preview {
        Some(path) => path.clone(),
        None => {
            let path = preview_name(&arguments.arguments.data);
            if let Err(error) = arguments.files().writing(&path).check() {
                output::note(&format!("no preview: {error}"));
                return Ok(None);
            }
            path
        }
    };
    let count = dataset.len().min(PREVIEW);
    let options = BatchOptions::new(0, count);
    let batch = Batches::start(Arc::clone(dataset), options, BatchPosition::default())?
        .next()
        .transpose()?;
    let Some(batch) = batch else {
        return Ok(None);
    };
    let [_, height, width, channels] = batch.shape;
    let shape = PictureShape {
        height,
        width,
        channels,
    };
    let pictures: Vec<_> = batch
        .pixels
        .chunks_exact(shape.values())
        .map(|values| picture_from_values(values, shape))
        .collect();
    picture_file::write(&path, &grid(&pictures, 8).into(), PictureFormat::Png).with_context(
        || {
            let name = path.display();
            format!("cannot write the preview {name}: name another file with --preview, or none with --no-preview")
        },
    )?;
    Ok(Some(path))
}

/// `photos-preview.png` for `../photos/` and for `photos.zip`.
fn preview_name(data: &Path) -> PathBuf {
    let mut name = dataset::name(data).into_os_string();
    name.push("-preview.png");
    PathBuf::from(name)
}
