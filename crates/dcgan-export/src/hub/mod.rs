//! A folder for the Hugging Face hub (<https://huggingface.co>): weights, configuration, samples and a
//! model card.

mod card;
mod python;

use std::io;
use std::path::{Path, PathBuf};

use dcgan::checkpoint::{DataSummary, FileError, FileHeader, save_generator};
use dcgan::config::{DataOrigin, RunConfig};
use dcgan::evaluation::Evaluation;
use dcgan::{Generator, Sampler};
use dcgan_render::image_grid::grid;
use dcgan_render::picture_file::{self, PictureFormat};
use dcgan_support::atomic_file;
use dcgan_support::path_error::PathError;
use dcgan_support::picture_mark::Origin;
use serde_json::json;

/// The weights, under the name by which the hub's tools find them.
pub const WEIGHTS: &str = "model.safetensors";

/// How the network is built and was trained.
pub const CONFIG: &str = "config.json";

/// The model card.
pub const CARD: &str = "README.md";

/// A grid of pictures.
pub const SAMPLES: &str = "samples.png";

/// All files of the folder.
pub const FILES: [&str; 4] = [WEIGHTS, CONFIG, CARD, SAMPLES];

/// Pictures in the grid, of seeds from 0.
const SAMPLE_COUNT: u64 = 64;

/// Pictures in a row of the grid.
const SAMPLE_COLUMNS: usize = 8;

/// What is published.
pub struct HubModel {
    /// The heading of the card.
    pub name: String,
    /// The generator, with statistics for sampling.
    pub generator: Generator,
    /// The header of its file.
    pub header: FileHeader,
    /// Whether its weights are the average of those of the training.
    pub is_averaged: bool,
    /// The settings of its training, if they are known.
    pub run: Option<RunConfig>,
    /// The last evaluation up to its step, and that evaluation's step.
    pub evaluation: Option<(u64, Evaluation)>,
    /// The command that repeats its training, which [`published`] settings lead to.
    pub command: Option<String>,
}

/// Settings as they may be published: without the folders in which the data and other files are.
pub fn published(run: &RunConfig) -> RunConfig {
    let mut run = run.clone();
    if let DataOrigin::Files { path, .. } = &mut run.data.origin {
        *path = name_of(path);
    }
    run.evaluation.inception = run.evaluation.inception.as_deref().map(name_of);
    run
}

fn name_of(path: &Path) -> PathBuf {
    path.file_name()
        .map_or_else(|| path.to_owned(), PathBuf::from)
}

/// Writes the files into an existing folder.
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, model: &HubModel) -> Result<(), FileError> {
    let run = model.run.as_ref().map(published);
    let header = FileHeader {
        data: DataSummary {
            source: name_of(Path::new(&model.header.data.source))
                .display()
                .to_string(),
            ..model.header.data.clone()
        },
        ..model.header.clone()
    };
    save_generator(&folder.join(WEIGHTS), &model.generator, &header)?;

    let write = |name: &str, text: String| {
        let path = folder.join(name);
        let written = atomic_file::write(&path, |writer| writer.write_all(text.as_bytes()));
        written.map_err(|source| PathError::write(&path, source))
    };
    write(CONFIG, config(model, &header, run.as_ref()))?;
    write(CARD, card::text(model, run.as_ref()))?;

    let path = folder.join(SAMPLES);
    write_samples(&path, model).map_err(|source| PathError::write(&path, source))?;
    Ok(())
}

/// The text of `config.json`.
fn config(model: &HubModel, header: &FileHeader, run: Option<&RunConfig>) -> String {
    let network = model.generator.config();
    let config = json!({
        "model_type": "dcgan",
        "preset": network.preset,
        "image_size": network.image_size,
        "channels": network.channels,
        "z_dim": network.z_dim,
        "z_distribution": network.latent_distribution().to_string(),
        "ngf": network.ngf,
        "upsample": network.upsample(),
        "step": header.step,
        "is_averaged": model.is_averaged,
        "pictures": header.data.pictures,
        "training": run.map(|run| &run.training),
    });
    format!("{config:#}\n")
}

fn write_samples(path: &Path, model: &HubModel) -> io::Result<()> {
    let pictures = Sampler::new(model.generator.clone()).pictures(0..SAMPLE_COUNT);
    let grid = grid(&pictures, SAMPLE_COLUMNS).into();
    let origin = Origin {
        run: Some(model.name.clone()),
        step: (model.header.step > 0).then_some(model.header.step),
        seeds: Some(format!("0-{}", SAMPLE_COUNT - 1)),
    };
    picture_file::write_drawn(path, &grid, PictureFormat::Png, &origin)
}
