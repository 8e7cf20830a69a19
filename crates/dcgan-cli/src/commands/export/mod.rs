//! `dcgan export`: a trained network as files for other programs.

mod hub;
mod network;
mod page;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::{ArgGroup, Args};
use dcgan::checkpoint::{save_discriminator, save_generator, save_in_half};
use dcgan_export::hub::FILES;
use dcgan_export::onnx::{self, Pictures};
use dcgan_export::torch;
use dcgan_support::bytes::Bytes;

use self::network::{Exported, Network};
use self::page::PageArguments;
use crate::shared::checkpoint::CheckpointArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{compute, files, output};

const FORMATS: &str = "Formats";

const PAGE: &str = "A page that draws";

/// `dcgan export`
#[derive(Debug, Args)]
#[command(after_help = HELP, override_usage = "dcgan export [OPTIONS] <RUN> --<FORMAT> <FILE>...")]
#[command(group(ArgGroup::new("formats").required(true).multiple(true)))]
#[command(mut_arg("raw", |raw| raw
    .help("Export the weights of the newest checkpoint instead of their average (`train --ema`)")))]
pub struct Export {
    /// A run directory, a checkpoint or a weight file
    pub run: PathBuf,

    /// Write an ONNX model
    #[arg(long, value_name = "FILE", group = "formats", help_heading = FORMATS)]
    pub onnx: Option<PathBuf>,

    /// Let the ONNX model give bytes, as torch-fidelity takes them, instead of floats in [-1, 1]
    #[arg(long, requires = "onnx", conflicts_with = "discriminator", help_heading = FORMATS)]
    pub uint8: bool,

    /// Write a state dict of PyTorch (.pth, .pt)
    #[arg(long, value_name = "FILE", group = "formats", help_heading = FORMATS)]
    pub torch: Option<PathBuf>,

    /// Write a .safetensors file, under PyTorch's names
    #[arg(long, value_name = "FILE", group = "formats", help_heading = FORMATS)]
    pub safetensors: Option<PathBuf>,

    /// Halve the .safetensors file: the weights of layers in 16 bits
    #[arg(long, requires = "safetensors", help_heading = FORMATS)]
    pub half: bool,

    /// Write a folder for the Hugging Face hub: weights, config.json, samples and a model card
    #[arg(long, value_name = "DIR", group = "formats", conflicts_with = "discriminator",
          help_heading = FORMATS)]
    pub hub: Option<PathBuf>,

    #[command(flatten)]
    pub page: PageArguments,

    /// Export the discriminator instead of the generator
    #[arg(long, conflicts_with = "raw")]
    pub discriminator: bool,

    #[command(flatten)]
    pub checkpoint: CheckpointArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub replace: Replace,
}

const HELP: &str = "\
Several formats can be written at once. A run that is still in training is exported as of its newest
checkpoint.

Examples:
  dcgan export runs/demo --onnx faces.onnx
  dcgan export runs/demo --checkpoint best --onnx faces.onnx --uint8
  dcgan export runs/demo --discriminator --torch critic.pth
  dcgan export runs/demo --safetensors faces.safetensors --half
  dcgan export runs/demo --hub hub/
  dcgan export runs/demo --page faces.html
  dcgan export runs/demo --page faces.html --bits 8 --title \"Faces that nobody drew\"";

impl WritesFiles for Export {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, []).with_run(&self.run);
        let page = &self.page.page;
        let targets = [&self.onnx, &self.torch, &self.safetensors, page];
        let files = targets.into_iter().flatten().fold(files, Files::writing);
        match &self.hub {
            Some(folder) => {
                let files = files.writing_in(folder, |_| false);
                let inside = FILES.iter().map(|name| folder.join(name));
                inside.fold(files, Files::writing)
            }
            None => files,
        }
    }
}

/// Writes the network in each format that is asked for.
pub fn run(arguments: &Export) -> Result<()> {
    check_ending(&arguments.onnx, &["onnx"])?;
    check_ending(&arguments.torch, &["pth", "pt"])?;
    check_ending(&arguments.safetensors, &["safetensors"])?;
    check_ending(&arguments.page.page, &["html", "htm"])?;
    compute::limit_threads(None)?;
    let exported = Exported::load(arguments)?;
    if let Some(path) = &arguments.onnx {
        write_onnx(path, &exported, arguments.uint8)?;
        report(&exported, path, [path.clone()])?;
    }
    if let Some(path) = &arguments.torch {
        let written = torch::write(path, exported.network.layers(), &exported.header);
        files::written(path, written)?;
        report(&exported, path, [path.clone()])?;
    }
    if let Some(path) = &arguments.safetensors {
        write_safetensors(path, &exported, arguments.half)?;
        report(&exported, path, [path.clone()])?;
    }
    if let (Some(folder), Network::Generator(generator)) = (&arguments.hub, &exported.network) {
        hub::write(folder, generator, &exported, &arguments.run)?;
        report(&exported, folder, FILES.map(|name| folder.join(name)))?;
    }
    if let (Some(path), Network::Generator(generator)) = (&arguments.page.page, &exported.network) {
        let header = &exported.header;
        page::write(
            path,
            &arguments.run,
            generator.clone(),
            header,
            &arguments.page,
        )?;
        report(&exported, path, [path.clone()])?;
    }
    Ok(())
}

/// Checks that a file is named as its format is.
fn check_ending(path: &Option<PathBuf>, endings: &[&str]) -> Result<()> {
    let Some(path) = path else {
        return Ok(());
    };
    let ending = path.extension().unwrap_or_default();
    if endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    bail!(
        "{} must end in .{}, as programs know such files by their names",
        path.display(),
        endings.join(" or .")
    )
}

fn write_onnx(path: &Path, exported: &Exported, uint8: bool) -> Result<()> {
    let pictures = if uint8 {
        Pictures::Bytes
    } else {
        Pictures::Floats
    };
    let header = &exported.header;
    let model = match exported.network.clone() {
        Network::Generator(generator) => onnx::generator(generator, header, pictures),
        Network::Discriminator(discriminator) => onnx::discriminator(discriminator, header),
    };
    let model = model.map_err(|error| anyhow!("{error}; --torch and --safetensors can hold it"))?;
    files::written(path, model.write(path))
}

fn write_safetensors(path: &Path, exported: &Exported, half: bool) -> Result<()> {
    let header = &exported.header;
    match &exported.network {
        network if half => save_in_half(path, network.layers(), header)?,
        Network::Generator(generator) => save_generator(path, generator, header)?,
        Network::Discriminator(discriminator) => save_discriminator(path, discriminator, header)?,
    }
    Ok(())
}

/// Says what was written: one file, or those of a folder.
fn report(
    exported: &Exported,
    path: &Path,
    files: impl IntoIterator<Item = PathBuf>,
) -> Result<()> {
    let mut bytes = 0;
    for file in files {
        let found = file.metadata();
        bytes += found
            .with_context(|| format!("cannot read {}", file.display()))?
            .len();
    }
    output::line(&format!(
        "{exported} written to {}, {}",
        path.display(),
        Bytes(bytes)
    ));
    Ok(())
}
