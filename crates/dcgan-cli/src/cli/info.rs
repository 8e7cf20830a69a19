//! `dcgan info`

use std::path::PathBuf;

use clap::Args;

/// `dcgan info`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan info runs/demo
  dcgan info runs/demo/checkpoints/step-000500.safetensors")]
pub struct Info {
    /// A checkpoint, a weight file or a run folder
    pub file: PathBuf,
}
