//! `dcgan bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcgan::config::{ConfigError, ModelConfig, ModelOptions, Preset};

use super::compute::ComputeArguments;
use super::train::parse_preset;

/// `dcgan bench`
#[derive(Debug, Args)]
#[command(after_help = BENCH_EXAMPLES, arg_required_else_help = false)]
pub struct Bench {
    /// What to time.
    #[command(subcommand)]
    pub work: BenchWork,
}

const BENCH_EXAMPLES: &str = "\
Examples:
  dcgan bench train --profile
  dcgan bench sample --preset small --batch 1 --steps 100";

/// What can be timed.
#[derive(Debug, Subcommand)]
pub enum BenchWork {
    /// Training steps on random pictures in memory, from first weights.
    Train(BenchTrain),
    /// The way from latent vectors in memory to pictures in memory.
    Sample(BenchSample),
}

/// `dcgan bench train`
#[derive(Debug, Args)]
#[command(after_help = EFFECTIVE, allow_negative_numbers = true)]
pub struct BenchTrain {
    #[command(flatten)]
    pub networks: BenchNetworks,

    /// Pictures in a batch
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub batch: usize,

    #[command(flatten)]
    pub how: BenchOptions,
}

/// `dcgan bench sample`
#[derive(Debug, Args)]
#[command(after_help = EFFECTIVE, allow_negative_numbers = true)]
pub struct BenchSample {
    #[command(flatten)]
    pub networks: BenchNetworks,

    /// Draw with a trained generator: a run folder, a checkpoint, or a generator.safetensors
    #[arg(long, value_name = "RUN", conflicts_with_all = ["preset", "image_size", "channels"])]
    pub run: Option<PathBuf>,

    /// Pictures in a batch
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub batch: usize,

    #[command(flatten)]
    pub how: BenchOptions,
}

const EFFECTIVE: &str = "\
GFLOP/s are effective ones: they count the multiplications and additions of convolutions \
as these are defined. A method that needs fewer (Winograd's) can do more of them in a \
second than the processor could.";

/// Which networks are timed.
#[derive(Debug, Args)]
pub struct BenchNetworks {
    /// Which pair of networks: tutorial, pytorch, paper or small
    #[arg(long, value_parser = parse_preset, value_name = "PRESET", default_value = "tutorial")]
    pub preset: Preset,

    /// Side of the pictures in pixels: 64; for pytorch and paper also 32, 128, 256
    #[arg(long, value_name = "PIXELS", default_value_t = 64)]
    pub image_size: usize,

    /// 1 (grey) or 3 (colour)
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub channels: usize,
}

impl BenchNetworks {
    /// The preset with its own widths.
    ///
    /// # Errors
    /// If the preset has no such networks.
    pub fn model(&self) -> Result<ModelConfig, ConfigError> {
        ModelOptions::new(self.preset)
            .with_image_size(self.image_size)
            .with_channels(self.channels)
            .build()
    }
}

/// How long is measured, and what is told.
#[derive(Debug, Args)]
pub struct BenchOptions {
    /// Steps to time, after three that are not counted
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub steps: usize,

    #[command(flatten)]
    pub compute: ComputeArguments,

    /// Tell where the time goes, by operation and by kind of work
    #[arg(long)]
    pub profile: bool,

    /// Print one JSON object instead of a text
    #[arg(long)]
    pub json: bool,
}
