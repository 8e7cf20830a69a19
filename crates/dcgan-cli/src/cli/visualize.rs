//! The command line of `dcgan visualize`.

use std::path::PathBuf;

use clap::Args;

use super::CacheArguments;
use super::compute::ComputeArguments;

/// `dcgan visualize`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Visualize {
    /// A run folder, a checkpoint, or a discriminator.safetensors
    pub run: PathBuf,

    /// Pictures to look at: whatever `train` takes, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Features that are shown
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub features: u32,

    /// Pictures that are shown of each
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u32).range(1..=16))]
    pub pictures: u32,

    /// Seed of the discriminator that was not trained
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
The paper's Figure 5. A feature is a map of the discriminator's last convolution before its answer.
Shown are those whose strongest answers stand out most from their usual ones: above the pictures
that they answer to most, below what in them they answer to, by guided backpropagation
(Springenberg et al. 2014), and how strong the answer is. Grey has no part in it. On the left are features of a
discriminator of the same shape that was not trained, on the right those of the run.

Examples:
  dcgan visualize runs/photos --data photos/ -o features.png
  dcgan visualize runs/demo --data demo --features 3 --pictures 8 -o features.png";
