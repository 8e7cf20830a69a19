//! The command line of what asks the model for attributes.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use dcgan::latent::SeedList;

use super::CacheArguments;
use super::compute::ComputeArguments;

/// `dcgan direction`
#[derive(Debug, Args)]
#[command(after_help = DIRECTION_HELP)]
pub struct Direction {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// An attribute (or a class) of DATA, such as Smiling
    pub attribute: String,

    /// Pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The direction, a .safetensors
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Pictures that are drawn and labelled
    #[arg(long, value_name = "N", default_value_t = 5000,
          value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    pub samples: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const DIRECTION_HELP: &str = "\
A classifier on the discriminator's features learns the attributes of DATA and labels drawn
pictures. The direction is the shortest one along which it says more of the attribute and mostly
the same of the others; what hardly ever comes without the attribute comes along. `dcgan edit`
moves pictures along it. What is printed was found on pictures drawn anew.

Examples:
  dcgan direction runs/celeba Smiling --data img_align_celeba.zip -o smiling.safetensors
  dcgan direction runs/demo Eyeglasses --data demo -o glasses.safetensors";

/// `dcgan edit`
#[derive(Debug, Args)]
#[command(after_help = EDIT_HELP)]
pub struct Edit {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// The pictures to change, a row for each
    #[arg(
        long = "seed",
        visible_alias = "seeds",
        value_name = "SEEDS",
        required_unless_present = "z"
    )]
    pub seeds: Option<SeedList>,

    /// Latent vectors to change, a safetensors file with a tensor z [N, z_dim]
    #[arg(long, value_name = "FILE")]
    pub z: Option<PathBuf>,

    /// What `dcgan direction` has written: a file, or its name without .safetensors, here or in RUN
    #[arg(long, value_name = "FILE|NAME")]
    pub direction: PathBuf,

    /// From where to where, in standard deviations of the latent vectors
    #[arg(
        long,
        value_name = "FROM..TO",
        default_value = "-3..3",
        allow_hyphen_values = true
    )]
    pub strength: Strength,

    /// Pictures in a row
    #[arg(long, value_name = "N", default_value_t = 7,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub steps: u64,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const EDIT_HELP: &str = "\
The picture in the middle of -3..3 is the one that was drawn. Beyond 4 or so nothing was ever
trained on, and pictures fall apart.

Examples:
  dcgan edit runs/celeba --seed 7 --direction smiling --strength -3..3 -o row.png
  dcgan edit runs/demo --seeds 1-5 --direction glasses.safetensors --strength 0..4 -o rows.png
  dcgan edit runs/demo --z me.safetensors --direction glasses -o me.png";

/// `--strength`: where a row begins and ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Of the first picture.
    pub from: f64,
    /// Of the last picture.
    pub to: f64,
}

impl FromStr for Strength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            let number = part.trim().parse::<f64>().ok();
            number.filter(|number| (-20.0..=20.0).contains(number))
        };
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        match (number(from), number(to)) {
            (Some(from), Some(to)) => Ok(Self { from, to }),
            _ => Err("a strength looks like -3..3 or 2, within -20 to 20".to_owned()),
        }
    }
}

/// `dcgan forget`
#[derive(Debug, Args)]
#[command(after_help = FORGET_HELP)]
pub struct Forget {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// What the generator shall forget: an attribute (or a class) of DATA, such as Eyeglasses
    #[arg(long, value_name = "NAME")]
    pub attribute: String,

    /// Pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// Which layer's maps, from 1 at z [default: the second highest with maps, as in the paper]
    #[arg(long, value_name = "N")]
    pub layer: Option<usize>,

    /// Drop only so many maps, those that speak for it most [default: all that speak for it]
    #[arg(long, value_name = "N")]
    pub maps: Option<usize>,

    /// Pictures that are drawn and labelled
    #[arg(long, value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u64).range(100..=100_000))]
    pub samples: u64,

    /// The pictures to show [default: the first ten that have the attribute]
    #[arg(long, value_name = "SEEDS")]
    pub seeds: Option<SeedList>,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const FORGET_HELP: &str = "\
The paper's section 6.3.1, where a generator forgot windows: a logistic regression tells, from the
activations of a layer's feature maps, pictures with the attribute from pictures without; the maps
with positive weights are dropped (0 everywhere), and pictures drawn without them. What is printed
was found on pictures drawn anew.

Examples:
  dcgan forget runs/celeba --attribute Smiling --data img_align_celeba.zip -o forgotten.png
  dcgan forget runs/demo --attribute Eyeglasses --data demo --layer 2 --maps 20 -o forgotten.png";
