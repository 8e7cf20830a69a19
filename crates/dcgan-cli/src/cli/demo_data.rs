//! `dcgan demo-data`

use std::path::PathBuf;

use clap::Args;

/// `dcgan demo-data`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan demo-data faces/
  dcgan demo-data large/ -n 500 --image-size 256 --seed 1")]
pub struct DemoData {
    /// The folder to make
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// How many faces
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,

    /// Side of the pictures in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(16..=1024))]
    pub image_size: u32,

    /// Which faces: the same seed draws the same ones
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}
