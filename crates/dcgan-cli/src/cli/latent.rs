//! The command line of what plays with latent vectors.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dcgan::latent::{Expression, Interpolation, SeedList};

use super::CacheArguments;
use super::compute::ComputeArguments;

/// `dcgan interpolate`
#[derive(Debug, Args)]
#[command(after_help = INTERPOLATE_HELP)]
pub struct Interpolate {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// The pictures that the way goes through, such as 1,5,9 or 0-7
    #[arg(long, value_name = "SEEDS", required_unless_present = "z")]
    pub seeds: Option<SeedList>,

    /// Files of latent vectors that the way goes through before the seeds, as `dcgan project`
    /// writes them
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub z: Vec<PathBuf>,

    /// Pictures from one seed to the next
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub steps: u64,

    /// How the way goes
    #[arg(long, value_enum, default_value_t = Mode::Slerp)]
    pub mode: Mode,

    /// A .png (one row for each pair of seeds), .gif or .webp, or a folder for single pictures
    #[arg(short, long, value_name = "FILE|DIR")]
    pub out: PathBuf,

    /// Go back to the first seed, so that a moving picture has no jump
    #[arg(long = "loop")]
    pub closed: bool,

    /// Pictures in a second of a .gif or .webp
    #[arg(long, value_name = "N", default_value_t = 12,
          value_parser = clap::value_parser!(u64).range(1..=50))]
    pub fps: u64,

    /// Enlarge pictures by this number, without smoothing
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=32))]
    pub upscale: u32,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const INTERPOLATE_HELP: &str = "\
slerp goes along the sphere on which nearly all normal latent vectors lie, so every picture on
the way is as likely as one that was drawn. For networks with uniform latent vectors (paper) it
carries each coordinate to a normal one by its rank, goes along the sphere there, and comes
back. lerp is the straight line: its middle is nearer to 0 than drawn vectors are, and its
pictures are tamer.

Examples:
  dcgan interpolate runs/photos --seeds 1,5,9 -o walk.png
  dcgan interpolate runs/photos --seeds 1,5,9 --steps 24 --loop -o walk.gif
  dcgan interpolate runs/photos --seeds 0-3 --mode lerp -o frames/
  dcgan interpolate runs/photos --z me.safetensors,you.safetensors --seeds 7 -o walk.webp";

/// `--mode`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Mode {
    /// Along the sphere.
    Slerp,
    /// Along the straight line.
    Lerp,
}

impl From<Mode> for Interpolation {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Slerp => Self::Spherical,
            Mode::Lerp => Self::Linear,
        }
    }
}

/// `dcgan arithmetic`
#[derive(Debug, Args)]
#[command(after_help = ARITHMETIC_HELP, allow_negative_numbers = true)]
pub struct Arithmetic {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// Groups of seeds, or of words for what pictures look like, with + and − between spaces
    #[arg(value_name = "EXPRESSION")]
    pub expression: Expression,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// How far the neighbours of the result lie, in each coordinate
    #[arg(long, value_name = "SIZE", default_value_t = 0.25)]
    pub noise: f64,

    /// For words: pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA", help_heading = WORDS)]
    pub data: Option<PathBuf>,

    /// Pictures of each group
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = WORDS,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub exemplars: u64,

    /// Pictures that are drawn to choose from, seeds 0 and on
    #[arg(long, value_name = "N", default_value_t = 10_000, help_heading = WORDS,
          value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub candidates: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const WORDS: &str = "Groups in words";

const ARITHMETIC_HELP: &str = "\
Numbers are seeds: look at `dcgan sample RUN -n 64 --grid faces.png` (seeds 0 to 63, row by row)
and write down who shares a trait. The latent vectors of each group are averaged (the paper
averages three), the averages added with their signs. The figure shows the exemplars, the
averages, and the result among eight neighbours under uniform noise, as the paper's Figure 7.

Words are found by the model itself: a classifier on the discriminator's features learns the
attributes of DATA, labels many drawn pictures, and takes those it is most certain of. Words are
man, woman, smiling, neutral, young, old, blond, glasses, hat, beard and so on, with `no`, `not`
or `without` before them, or any attribute (class) of DATA by its own name.

Examples:
  dcgan arithmetic runs/photos \"3,7,12 - 20,21,25 + 40,41,44\" -o figure.png
  dcgan arithmetic runs/celeba \"smiling woman - neutral woman + neutral man\" \\
    --data img_align_celeba.zip -o smiling-man.png
  dcgan arithmetic runs/demo \"man with glasses - man without glasses + woman without glasses\" \\
    --data demo -o glasses.png";
