//! The options that all commands that draw share.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use dcgan::latent::{self, SeedList};
use dcgan::model::Generator;
use dcgan::sample::{Sampler, TruncationError};
use dcgan_render::picture_file::PictureFormat;

use super::target::{Product, Target};
use crate::shared::targets::{Files, Replace};

const DRAWING: &str = "Drawing";

/// Which pictures a generator draws.
#[derive(Debug, Args)]
pub struct SeedArguments {
    /// Seeds of the pictures, such as 0-63,100
    #[arg(long, value_name = "SEEDS", help_heading = DRAWING)]
    pub seeds: Option<SeedList>,

    /// Redraw latent coordinates beyond ±LIMIT: 0.7 gives less varied but better pictures
    #[arg(long, value_name = "LIMIT", value_parser = parse_truncation, help_heading = DRAWING)]
    pub truncation: Option<f64>,
}

impl SeedArguments {
    /// Draws with a generator, truncated as the arguments say.
    ///
    /// # Errors
    /// If its latent vectors cannot be truncated.
    pub fn sampler(&self, generator: Generator) -> Result<Sampler, TruncationError> {
        let sampler = Sampler::new(generator);
        match self.truncation {
            Some(limit) => sampler.with_truncation(limit),
            None => Ok(sampler),
        }
    }
}

/// How pictures look, and where they go. Each command says in its own help what `--out` is by
/// default and what `--columns` are.
#[derive(Debug, Args)]
pub struct DrawingArguments {
    /// Where to draw: a .png, .jpg or .webp file, an animation (.gif), a NumPy array of bytes
    /// (.npy), or a folder for single pictures, whose name ends in / or has no ending [default: a
    /// file in RUN]
    #[arg(short, long, value_name = "FILE|DIR/", help_heading = DRAWING)]
    pub out: Option<PathBuf>,

    /// Enlarge pictures N times, their pixels as squares [default: as they are; in figures with
    /// text to 128 pixels, in animations to 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32),
          help_heading = DRAWING)]
    pub upscale: Option<u32>,

    /// With --upscale, enlarge smoothly instead
    #[arg(long, requires = "upscale", help_heading = DRAWING)]
    pub smooth: bool,

    /// Write on each picture what it was drawn from, such as its seed
    #[arg(long, help_heading = DRAWING)]
    pub labels: bool,

    /// Pictures side by side
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000),
          help_heading = DRAWING)]
    pub columns: Option<u32>,

    /// Format of single pictures in a folder: png, jpg or webp [default: png]
    #[arg(long, value_enum, value_name = "FORMAT", alias = "format", hide_possible_values = true,
          help_heading = DRAWING)]
    pub picture_format: Option<SingleFormat>,

    /// Frames per second of an animation [default: 12]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50),
          help_heading = DRAWING)]
    pub fps: Option<u32>,

    /// Show the result with the system's viewer
    #[arg(long, help_heading = DRAWING)]
    pub open: bool,

    #[command(flatten)]
    pub replace: Replace,
}

/// `--picture-format`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum SingleFormat {
    /// PNG
    Png,
    /// JPEG of quality 95
    #[value(alias = "jpeg")]
    Jpg,
    /// Lossless WebP
    Webp,
    /// One array of all, as `--format npy` used to ask for
    #[value(hide = true)]
    Npy,
}

impl SingleFormat {
    /// The format of picture files; `None` for an array.
    pub fn picture_format(self) -> Option<PictureFormat> {
        match self {
            Self::Png => Some(PictureFormat::Png),
            Self::Jpg => Some(PictureFormat::Jpeg),
            Self::Webp => Some(PictureFormat::Webp),
            Self::Npy => None,
        }
    }
}

impl DrawingArguments {
    /// What a command reads and writes that draws from `run` into its `product`. `is_single` says
    /// which files of a folder would be replaced.
    pub fn files<'a>(
        &self,
        run: &'a Path,
        inputs: impl IntoIterator<Item = &'a Path>,
        product: &Product,
        is_single: impl Fn(&str) -> bool,
    ) -> Files<'a> {
        let files = Files::new(self.replace, inputs).with_run(run);
        match self.target(run, product) {
            Ok(Target::Folder(folder, _)) => files.writing_in(&folder, is_single),
            Ok(target) => files.writing(target.path()),
            Err(_) => files, // refused by the command
        }
    }
}

/// Parses the limit of `--truncation`.
fn parse_truncation(text: &str) -> Result<f64, String> {
    let (least, most) = latent::TRUNCATION.into_inner();
    let expected = || format!("expected a number from {least} to {most}, such as 0.7");
    let limit: f64 = text.parse().map_err(|_| expected())?;
    if latent::TRUNCATION.contains(&limit) {
        Ok(limit)
    } else {
        Err(expected())
    }
}
