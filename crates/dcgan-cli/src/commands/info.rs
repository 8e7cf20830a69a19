//! `dcgan info`: describes a weight file, or writes the metrics of a run as a table.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use dcgan::checkpoint::{FileHeader, FileKind, WeightFile};
use dcgan::train::{RunDirectory, read_metrics};
use dcgan_export::metrics_csv;
use dcgan_support::atomic_file;

use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output};
use crate::words::counted;

/// `dcgan info`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan info runs/demo
  dcgan info runs/demo --csv
  dcgan info runs/demo/generator.safetensors")]
pub struct Info {
    /// A checkpoint, a weight file or a run directory
    pub file: PathBuf,

    /// Write the metrics of the run as a table instead, one row for each step [default: RUN/metrics.csv]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub csv: Option<Option<PathBuf>>,

    #[command(flatten)]
    pub replace: Replace,
}

impl Info {
    /// The table to write.
    fn table(&self) -> Option<PathBuf> {
        let beside_metrics = || self.file.join("metrics.csv");
        Some(self.csv.clone()?.unwrap_or_else(beside_metrics))
    }
}

impl WritesFiles for Info {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, []).with_run(&self.file);
        self.table().into_iter().fold(files, Files::writing)
    }
}

/// Prints the header of the file and the shapes of its tensors.
pub fn run(arguments: &Info) -> Result<()> {
    if let Some(table) = arguments.table() {
        return write_table(&arguments.file, &table);
    }
    let path = dcgan::sample::generator_file(&arguments.file)?;
    let file = WeightFile::open(&path)?;
    let shapes = file.shapes();
    let header = file.header();
    print_header(&path.display().to_string(), header);
    if let Some(run) = &header.run {
        let training = &run.training;
        row(
            "training",
            &format!(
                "{}, batch size {}, loss {}, learning rate {} of G and {} of D, beta {} and {}, seed {}, {}",
                training.length,
                training.batch_size,
                training.loss,
                training.rate_of_generator(),
                training.rate_of_discriminator(),
                training.beta1,
                training.beta2,
                training.seed,
                training.precision
            ),
        );
        if let Some(half_life) = training.ema {
            row("average of G", &format!("half-life {half_life} pictures"));
        }
    }
    for (half, count) in parameter_counts(header.kind, &shapes) {
        row(half, &format!("{count} parameters"));
    }
    output::line("");
    for (name, shape) in shapes.iter().filter(|(name, _)| !name.starts_with("adam.")) {
        output::line(&format!("{name:<52} {shape:?}"));
    }
    Ok(())
}

/// Writes the metrics of a run as a table.
fn write_table(run: &Path, table: &Path) -> Result<()> {
    let lines = read_metrics(&RunDirectory::open_shared(run)?.metrics())?;
    let written = atomic_file::write(table, |writer| metrics_csv::write(writer, &lines));
    files::written(table, written)?;
    output::line(&format!(
        "{} in {}",
        counted(lines.len() as u64, "step"),
        table.display()
    ));
    Ok(())
}

fn print_header(path: &str, header: &FileHeader) {
    let model = &header.model;
    row("file", path);
    row("kind", &header.kind.to_string());
    row("preset", &model.preset.to_string());
    row(
        "pictures",
        &format!("{0}x{0}, {1}", model.image_size, colour(model.channels)),
    );
    let imported = header.data.pictures == 0; // nothing is known about its training or its other network
    if header.kind != FileKind::Discriminator || !imported {
        row(
            "latent",
            &format!(
                "{} coordinates of {}",
                model.z_dim,
                model.latent_distribution()
            ),
        );
    }
    let (ngf, ndf) = (format!("ngf {}", model.ngf), format!("ndf {}", model.ndf));
    match header.kind {
        FileKind::Generator if imported => row("width", &ngf),
        FileKind::Discriminator if imported => row("width", &ndf),
        _ => row("widths", &format!("{ngf}, {ndf}")),
    }
    if imported {
        return row("data", &header.data.source);
    }
    row("steps", &header.step.to_string());
    row(
        "data",
        &format!(
            "{} of {}",
            counted(header.data.pictures, "picture"),
            header.data.source
        ),
    );
}

/// The word for a number of channels.
pub(super) fn colour(channels: usize) -> &'static str {
    match channels {
        1 => "grey",
        _ => "colour",
    }
}

fn row(name: &str, value: &str) {
    output::line(&format!("{name:<14} {value}"));
}

/// The number of parameters of each network in the file.
fn parameter_counts(kind: FileKind, shapes: &[(String, Vec<usize>)]) -> Vec<(&'static str, usize)> {
    let count = |prefix: &str| -> usize {
        shapes
            .iter()
            .filter(|(name, _)| {
                name.starts_with(prefix) && (name.ends_with(".weight") || name.ends_with(".bias"))
            })
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum()
    };
    match kind {
        FileKind::Generator => vec![("generator", count(""))],
        FileKind::Discriminator => vec![("discriminator", count(""))],
        FileKind::Checkpoint => vec![
            ("generator", count("generator.")),
            ("discriminator", count("discriminator.")),
        ],
    }
}
