//! The command line of `dcgan train`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use dcgan::config::{self, Every, ModelOptions, Precision, Preset};
use dcgan_data::Format;

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, Crop, FORMATS, PICTURES, Split, parse_colour};

const SAVING: &str = "Saving";
const NETWORKS: &str = "Networks";

/// `dcgan train`
#[derive(Debug, Args)]
#[command(after_help = TRAIN_EXAMPLES, allow_negative_numbers = true)]
pub struct Train {
    /// A folder (searched at any depth), an archive, one of the usual data sets as
    /// downloaded, a pack, or the word `demo`
    #[arg(required_unless_present = "resume")]
    pub data: Option<PathBuf>,

    /// Go on with this run, from its newest checkpoint
    #[arg(long, value_name = "RUN", conflicts_with = "out")]
    pub resume: Option<PathBuf>,

    /// The run's folder, made anew [default: runs/ and the name of DATA]
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub length: LengthArguments,

    #[command(flatten)]
    pub settings: Settings,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub saving: SavingArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    /// Write a trace of host activity to FILE, for ui.perfetto.dev or Chrome's about:tracing
    #[arg(long, value_name = "FILE", alias = "profile")]
    pub trace: Option<PathBuf>,

    /// Under mpirun, how long a process waits for the others before all end, such as 30s or 5m;
    /// ten times as long while pictures are read and files are written
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "2m")]
    pub rank_timeout: Duration,

    /// Train even if more memory is needed than there seems to be
    #[arg(long)]
    pub ignore_memory: bool,
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  dcgan train demo
  dcgan train img_align_celeba.zip --epochs 5
  dcgan train photos/ --preset pytorch --image-size 128 --flip
  dcgan train photos/ --checkpoint-every 10m --keep 5
  dcgan train --resume runs/photos --epochs 100
  mpirun -n 4 dcgan train photos/ --sync-batch-norm";

/// How long to train.
#[derive(Debug, Args)]
pub struct LengthArguments {
    /// Passes over the pictures [default: 50; 35 for demo with preset small]
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u64>,

    /// Training steps, in place of --epochs
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
}

/// How a run is saved; it may change when the run is resumed.
#[derive(Debug, Args)]
pub struct SavingArguments {
    /// Steps from checkpoint to checkpoint, or a time such as 30s, 10m or 2h [default: one
    /// with each report]
    #[arg(long, value_name = "N|TIME", help_heading = SAVING)]
    pub checkpoint_every: Option<Every>,

    /// The newest checkpoints to keep, beside the best (the nearest to the real pictures)
    /// [default: 3]
    #[arg(long, value_name = "N", help_heading = SAVING)]
    pub keep: Option<usize>,

    /// When a file cannot be written (disk full, read-only or gone): stop, or continue and try
    /// again at the next report [default: stop]
    #[arg(long, value_name = "WHAT", value_enum, help_heading = SAVING)]
    pub on_write_error: Option<OnWriteError>,
}

/// `--on-write-error`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum OnWriteError {
    /// End the training.
    Stop,
    /// Train on.
    Continue,
}

impl From<OnWriteError> for config::OnWriteError {
    fn from(choice: OnWriteError) -> Self {
        match choice {
            OnWriteError::Stop => Self::Stop,
            OnWriteError::Continue => Self::Continue,
        }
    }
}

/// What a run keeps from its beginning to its end.
#[derive(Debug, Default, PartialEq, Args)]
pub struct Settings {
    /// Which pair of networks [default: tutorial; small for demo]
    #[arg(long, value_name = "PRESET")]
    pub preset: Option<Preset>,

    /// Side of the pictures in pixels: 64; for pytorch and paper also 32, 128, 256
    #[arg(long, value_name = "PIXELS", help_heading = NETWORKS)]
    pub image_size: Option<usize>,

    /// 1 (grey) or 3 (colour) [default: what the pictures have]
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub channels: Option<usize>,

    /// Length of the latent vector
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub z_dim: Option<usize>,

    /// Width of the generator
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub ngf: Option<usize>,

    /// Width of the discriminator (the tutorial's hidden_dim)
    #[arg(long, value_name = "N", help_heading = NETWORKS)]
    pub ndf: Option<usize>,

    /// Pictures in a batch, of all processes together [default: 128; 32 for demo with preset
    /// small]
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,

    /// Adam's learning rate [default: 0.0002; 0.0004 for demo with preset small]
    #[arg(long, value_name = "RATE")]
    pub learning_rate: Option<f64>,

    /// Adam's first beta [default: 0.5]
    #[arg(long, value_name = "BETA")]
    pub beta1: Option<f64>,

    /// Adam's second beta [default: 0.999]
    #[arg(long, value_name = "BETA")]
    pub beta2: Option<f64>,

    /// What convolutions are computed in: f32, f16 or bf16; of these a GPU has some, and the CPU
    /// f32 alone [default: f32]
    #[arg(long, value_name = "PRECISION")]
    pub precision: Option<Precision>,

    /// Let the generator's update reuse the discriminator's fakes
    #[arg(long)]
    pub reuse_noise: bool,

    /// Seed of weights, noise and order: the same seed is the same run [default: 0]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Steps from one report to the next [default: 500, fewer for short runs]
    #[arg(long, value_name = "N", alias = "display-step")]
    pub report_every: Option<u64>,

    /// Under mpirun, normalise with the statistics of the whole batch, and not with those of each
    /// process's part of it; on the CPU 1, 2 and 4 processes then train the same networks to the
    /// bit, if the batch is a multiple of 4 and all have this option
    #[arg(long)]
    pub sync_batch_norm: bool,

    /// What DATA is [default: found out by looking]
    #[arg(long, value_name = "FORMAT", help_heading = PICTURES,
          long_help = FORMATS)]
    pub format: Option<Format>,

    /// Which part of DATA, where it has parts: train, valid, test, all [default: train]
    #[arg(long, value_name = "SPLIT", help_heading = PICTURES)]
    pub split: Option<Split>,

    /// How a picture becomes square: center, random (anew each epoch), none (squeezed)
    #[arg(long, value_name = "CROP", help_heading = PICTURES)]
    pub crop: Option<Crop>,

    /// Mirror pictures at random
    #[arg(long, help_heading = PICTURES)]
    pub flip: bool,

    /// What transparent pictures are laid over, as RRGGBB [default: ffffff]
    #[arg(long, value_name = "COLOUR", value_parser = parse_colour, help_heading = PICTURES)]
    pub background: Option<[u8; 3]>,

    /// Faces that `demo` draws [default: 2000]
    #[arg(short = 'n', long, value_name = "N", help_heading = PICTURES)]
    pub demo_faces: Option<u32>,
}

impl Settings {
    /// The preset (`preset` if none is named) with the widths and sizes that are.
    pub fn model(&self, preset: Preset) -> ModelOptions {
        let mut model = ModelOptions::new(self.preset.unwrap_or(preset));
        let settings = [
            (&mut model.image_size, self.image_size),
            (&mut model.channels, self.channels),
            (&mut model.z_dim, self.z_dim),
            (&mut model.ngf, self.ngf),
            (&mut model.ndf, self.ndf),
        ];
        for (field, setting) in settings {
            *field = setting.unwrap_or(*field);
        }
        model
    }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    match text.parse::<Every>() {
        Ok(Every::Time(time)) => Ok(time),
        _ => Err(format!(
            "'{text}' is no time: give one such as 30s, 5m or 1h"
        )),
    }
}
