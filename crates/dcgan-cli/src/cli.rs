//! The command line.

mod attributes;
mod bench;
mod data;
mod demo_data;
mod doctor;
mod features;
mod import;
mod info;
mod latent;
mod neighbours;
mod project;
mod sample;
mod visualize;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use dcgan::config::{self, Every, ModelConfig, Preset};
use dcgan::data::Format;

pub use self::attributes::{Direction, Edit, Forget, Strength};
pub use self::bench::{Bench, BenchOptions, BenchSample, BenchTrain, BenchWork};
pub use self::data::{Data, DataAction, DataCheck, DataPack};
pub use self::demo_data::DemoData;
pub use self::doctor::Doctor;
pub use self::features::{Classify, Features, RunAndData};
pub use self::import::Import;
pub use self::info::Info;
pub use self::latent::{Arithmetic, Interpolate};
pub use self::neighbours::Neighbours;
pub use self::project::Project;
pub use self::sample::{Sample, SampleFormat};
pub use self::visualize::Visualize;
use crate::output;

/// Train a DCGAN on any folder of pictures, and draw new ones with it.
#[derive(Debug, Parser)]
#[command(name = "dcgan", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dcgan train demo                      a first look, within minutes
  dcgan train photos/                   your own pictures
  dcgan data check photos/              what is in them, before training
  dcgan train --resume runs/photos      go on after a stop
  dcgan doctor runs/photos              how it goes, and what to try
  dcgan sample runs/photos -n 64 --out new/";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train on a folder or archive of pictures, a data set, or the built-in demo.
    Train(Box<Train>),
    /// Check a data set before training, or pack it into one file.
    Data(Data),
    /// Write the demo's drawn faces as files, with their attributes.
    DemoData(DemoData),
    /// Draw pictures with a trained generator.
    Sample(Sample),
    /// Draw the way from one seed's picture to the next.
    Interpolate(Interpolate),
    /// Add and take away what pictures have in common.
    Arithmetic(Arithmetic),
    /// Find the direction in which an attribute such as a smile lies.
    Direction(Direction),
    /// Draw pictures along a direction.
    Edit(Edit),
    /// Drop the feature maps that draw an attribute.
    Forget(Forget),
    /// Show drawn pictures beside the training pictures that are nearest to them.
    Neighbours(Neighbours),
    /// Tell what a run has been through, what is wrong with it and what to try.
    Doctor(Doctor),
    /// Find the latent vectors whose pictures are nearest to given ones.
    Project(Project),
    /// Show what in pictures the discriminator's features answer to.
    Visualize(Visualize),
    /// Write the discriminator's features of pictures as a NumPy array.
    Features(Features),
    /// Tell how well the discriminator's features classify pictures.
    Classify(Classify),
    /// Make a weight file of a network that PyTorch saved (.pth, .pt).
    Import(Import),
    /// Tell what a checkpoint, a weight file or a run folder is.
    Info(Info),
    /// Tell how fast training and sampling are on this machine.
    Bench(Bench),
}

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

    /// Where to compute: cpu
    #[arg(long, default_value = "cpu")]
    pub device: String,

    /// Threads to compute with [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

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
  dcgan train --resume runs/photos --epochs 100";

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
    #[arg(long, value_name = "N|TIME", value_parser = parse_every, help_heading = SAVING)]
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
    #[arg(long, value_parser = parse_preset, value_name = "PRESET")]
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

    /// Pictures in a batch [default: 128; 32 for demo with preset small]
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

    /// Let the generator's update reuse the discriminator's fakes
    #[arg(long)]
    pub reuse_noise: bool,

    /// Seed of weights, noise and order: the same seed is the same run [default: 0]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Steps from report to report [default: 500, less for short runs]
    #[arg(long, value_name = "N")]
    pub display_step: Option<u64>,

    /// What DATA is [default: found out by looking]
    #[arg(long, value_name = "FORMAT", value_parser = parse_format, help_heading = PICTURES,
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

const SAVING: &str = "Saving";
const NETWORKS: &str = "Networks";
const PICTURES: &str = "Pictures";
const CACHE: &str = "Cache";

const FORMATS: &str = "\
What DATA is [default: found out by looking]
  folder   pictures at any depth; sub-folders are classes
  zip      an archive of pictures
  tar      the same as .tar, .tar.gz or .tar.zst
  celeba   CelebA's folder or img_align_celeba.zip, with its lists beside it
  lsun     an LMDB directory, such as bedroom_train_lmdb
  mnist    idx files of MNIST or Fashion-MNIST, gzipped or not
  cifar    CIFAR-10 or CIFAR-100, the binary version, packed or unpacked
  svhn     SVHN's cropped digits: train_32x32.mat and test_32x32.mat, or their folder
  parquet  shards of Hugging Face with a column of pictures
  numpy    .npy or .npz of uint8, [N,H,W], [N,H,W,C] or [N,C,H,W]
  packed   what `dcgan data pack` has written";

/// `--crop`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Crop {
    /// The middle square.
    Center,
    /// A square at a random place, anew in each epoch.
    Random,
    /// The whole picture, squeezed to a square.
    None,
}

impl From<Crop> for dcgan::data::Crop {
    fn from(crop: Crop) -> Self {
        match crop {
            Crop::Center => Self::Center,
            Crop::Random => Self::Random,
            Crop::None => Self::None,
        }
    }
}

/// `--split`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Split {
    /// What to train on.
    Train,
    /// What to choose settings by.
    Valid,
    /// What to judge by.
    Test,
    /// All of it.
    All,
}

impl From<Split> for dcgan::data::Split {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Valid => Self::Valid,
            Split::Test => Self::Test,
            Split::All => Self::All,
        }
    }
}

/// Where decoded pictures are kept for the next time.
#[derive(Debug, Default, Args)]
pub struct CacheArguments {
    /// Decode the pictures anew, and keep nothing on disk
    #[arg(long, help_heading = CACHE)]
    pub no_cache: bool,

    /// Folder for decoded pictures [default: $DCGAN_CACHE_DIR, or the system's for caches]
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache", help_heading = CACHE)]
    pub cache_dir: Option<PathBuf>,
}

/// Prints what was asked for (help, version), or what is wrong with the command
/// line, in one line.
pub fn refuse(error: &clap::Error) -> ExitCode {
    if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
        output::text(&error.to_string());
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::error(
            "no command: give train, data, demo-data, sample, interpolate, arithmetic, direction, edit, \
             forget, neighbours, project, visualize, features, classify, doctor, import, info or bench; \
             `dcgan --help` tells more",
        );
        return ExitCode::FAILURE;
    }
    let text = error.to_string();
    let message = text.split("\n\nUsage:").next().unwrap_or(&text);
    let message = message
        .trim_start_matches("error: ")
        .replace("For more information, try '--help'.", "");
    output::error(&format!("{}; --help tells what there is", message.trim()));
    ExitCode::FAILURE
}

fn parse_format(name: &str) -> Result<Format, String> {
    name.parse()
}

fn parse_preset(name: &str) -> Result<Preset, String> {
    name.parse::<Preset>().map_err(|error| error.to_string())
}

fn parse_every(text: &str) -> Result<Every, String> {
    text.parse::<Every>().map_err(|error| error.to_string())
}

fn parse_colour(text: &str) -> Result<[u8; 3], String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    match u32::from_str_radix(digits, 16) {
        // from_str_radix would take a sign too
        Ok(colour) if digits.len() == 6 && !digits.starts_with('+') => {
            let [_, red, green, blue] = colour.to_be_bytes();
            Ok([red, green, blue])
        }
        _ => Err("a colour is six hexadecimal digits, such as ffffff".to_owned()),
    }
}

impl Settings {
    /// The preset (`preset` if none is named) with the widths and sizes that are.
    pub fn model(&self, preset: Preset) -> ModelConfig {
        let mut model = ModelConfig::new(self.preset.unwrap_or(preset));
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
