//! The command line of `dcgan project`.

use std::path::PathBuf;

use clap::Args;

use super::compute::ComputeArguments;

/// `dcgan project`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
pub struct Project {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// Pictures of any size
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,

    /// The folder for what is found
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,

    /// Latent vectors to start from, side by side
    #[arg(long, value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=256))]
    pub starts: u32,

    /// Steps of Adam from each
    #[arg(long, value_name = "N", default_value_t = 300,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: u32,

    /// Weight of the distance in the discriminator's layers beside that of the pixels; 0 does
    /// without a discriminator
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.1)]
    pub feature_weight: f64,

    /// Which starts
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
Searches the latent vector whose picture is nearest: Adam on z through the generator, from several
starts side by side, over the squared distance of the pixels and of the discriminator's answers in
all layers. The picture is resized and cropped as the run's were. For face.jpg the folder gets
  face.png           the picture, the nearest found, what other starts have found, and how far
                     their pixels lie from the picture's (root mean square, of 255 levels)
  face-found.png     the nearest alone
  face.safetensors   its latent vector, for `dcgan interpolate --z`
What a generator has not learned it cannot draw: of a photograph that is like none of its training
pictures it finds something of the same colours.

Examples:
  dcgan project runs/photos face.jpg -o found/
  dcgan project runs/photos a.jpg b.jpg --starts 16 --steps 600 -o found/
  dcgan interpolate runs/photos --z found/a.safetensors,found/b.safetensors -o walk.png";
