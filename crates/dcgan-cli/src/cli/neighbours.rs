//! The command line of `dcgan neighbours`.

use std::path::PathBuf;

use clap::Args;
use dcgan::latent::SeedList;

use super::CacheArguments;
use super::compute::ComputeArguments;

/// `dcgan neighbours`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Neighbours {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// The pictures that it was trained on: whatever `train` takes, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The drawn pictures
    #[arg(long, value_name = "SEEDS", default_value = "0-7")]
    pub seeds: SeedList,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
Each row of the figure has a drawn picture, the three training pictures that are nearest in
their pixels, and the three that are nearest in the discriminator's features (all of its layers,
max-pooled to 4x4). The number printed for each is the median distance to the nearest, divided by
the median distance of training pictures to their own nearest: about 1 for new pictures, near 0
for copies.

Example:
  dcgan neighbours runs/photos --data photos/ -o neighbours.png";
