//! The command line of what uses the discriminator's features.

use std::path::PathBuf;

use clap::Args;
use dcgan_data::Format;

use super::compute::ComputeArguments;
use super::pictures::{CacheArguments, FORMATS, Split, parse_format};

/// A run, and pictures for its discriminator to look at.
#[derive(Debug, Args)]
pub struct RunAndData {
    /// A run folder, a checkpoint, or a discriminator.safetensors
    pub run: PathBuf,

    /// Pictures: whatever `train` takes, or the word `demo`
    pub data: PathBuf,

    /// What DATA is [default: found out by looking]
    #[arg(long, value_name = "FORMAT", value_parser = parse_format, long_help = FORMATS)]
    pub format: Option<Format>,

    /// Which part of DATA, where it has parts: train, valid, test, all [default: train]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<Split>,

    /// Take two classes: the pictures that have this attribute, and those that have not
    #[arg(long, value_name = "NAME")]
    pub attribute: Option<String>,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

/// `dcgan features`
#[derive(Debug, Args)]
#[command(after_help = FEATURES_HELP)]
pub struct Features {
    #[command(flatten)]
    pub arguments: RunAndData,

    /// The array to write, a .npy
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}

const FEATURES_HELP: &str = "\
A picture's features are what all layers of the discriminator but the last answer, each map
max-pooled to 4x4, flattened and joined: the paper's section 5.1. The array is [pictures, features]
of float32, in the order of the data. If the data has classes (or --attribute names some), their
numbers are written beside it as int64, -1 for a picture without one: features.labels.npy beside
features.npy. Pictures are resized and cropped as the run's were.

Examples:
  dcgan features runs/photos photos/ -o features.npy
  dcgan features runs/photos cifar-10-binary.tar.gz --split test -o test.npy
  dcgan features runs/demo demo --attribute Smiling -o demo.npy";

/// `dcgan classify`
#[derive(Debug, Args)]
#[command(after_help = CLASSIFY_HELP)]
pub struct Classify {
    #[command(flatten)]
    pub arguments: RunAndData,

    /// Learn from so many pictures of each class alone [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub labels_per_class: Option<u32>,

    /// Pictures to judge by, of the same classes: the test part of them, where they have parts
    /// [default: DATA's test part, or if it has none the
    /// pictures that are not learned from: without --labels-per-class a fifth of each class]
    #[arg(long, value_name = "DATA")]
    pub test: Option<PathBuf>,

    /// Which pictures are learned from
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const CLASSIFY_HELP: &str = "\
The paper's section 5.1: the discriminator's features of all layers, max-pooled to 4x4, and on top
of them a linear support vector machine with squared hinge loss, one class against the rest. Each
feature is brought to mean 0 and equal variance first. C is chosen among nine by the accuracy on a
fifth of the labelled pictures that is held out; then all of them are learned from. The
discriminator itself learns nothing.

Printed are the accuracy, what always naming the most frequent class would have, and for each
class what its pictures were taken for. The same command gives the same numbers.

Examples:
  dcgan classify runs/photos cifar-10-binary.tar.gz
  dcgan classify runs/photos svhn/ --labels-per-class 100
  dcgan classify runs/photos flowers/train/ --test flowers/test/
  dcgan classify runs/demo demo --attribute Eyeglasses --json | jq .accuracy";
