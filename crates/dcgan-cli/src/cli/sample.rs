//! The command line of `dcgan sample`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dcgan::latent::SeedList;
use dcgan_render::picture_file::PictureFormat;

use super::compute::ComputeArguments;

/// `dcgan sample`
#[derive(Debug, Args)]
#[command(after_help = SAMPLE_EXAMPLES, allow_negative_numbers = true)]
pub struct Sample {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// How many pictures
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub count: u64,

    /// These seeds, such as 0-63,100, in place of --count and --seed
    #[arg(long, value_name = "SEEDS", conflicts_with_all = ["count", "seed"])]
    pub seeds: Option<SeedList>,

    /// The folder for single pictures
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// The form of single pictures; npy is one array of bytes, [N, height, width, channels]
    #[arg(long, value_enum, default_value_t = SampleFormat::Png)]
    pub format: SampleFormat,

    /// One file (.png, .jpg or .webp) with all pictures side by side
    #[arg(long, value_name = "FILE")]
    pub grid: Option<PathBuf>,

    /// Seed of the first picture; picture i has this seed + i
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    /// Draw coordinates of latent vectors beyond ± this again: 0.7 gives tamer and better pictures
    #[arg(long, value_name = "LIMIT")]
    pub truncation: Option<f64>,

    /// Enlarge pictures by this number, without smoothing
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=32))]
    pub upscale: u32,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

/// `--format` of `sample`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum SampleFormat {
    /// PNG, without loss.
    Png,
    /// JPEG of quality 95.
    Jpg,
    /// WebP, without loss.
    Webp,
    /// One NumPy array.
    Npy,
}

impl SampleFormat {
    /// The form of single pictures, if there are to be any.
    pub fn of_pictures(self) -> Option<PictureFormat> {
        match self {
            Self::Png => Some(PictureFormat::Png),
            Self::Jpg => Some(PictureFormat::Jpeg),
            Self::Webp => Some(PictureFormat::Webp),
            Self::Npy => None,
        }
    }
}

const SAMPLE_EXAMPLES: &str = "\
Examples:
  dcgan sample runs/demo -n 64 --grid faces.png
  dcgan sample runs/demo/checkpoints/step-000500.safetensors -n 1000 --seed 7 --out faces/
  dcgan sample runs/demo --seeds 3,7,12 --truncation 0.7 --upscale 4 --out best/
  dcgan sample runs/demo -n 50000 --format npy --out arrays/";
