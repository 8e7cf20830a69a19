//! `dcgan import`

use std::path::PathBuf;

use clap::Args;
use dcgan::config::Preset;

use super::train::parse_preset;

/// `dcgan import`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan import netG.pth -o generator.safetensors
  dcgan import weights.pth --key netD -o discriminator.safetensors

What the network is, and how it is built, is told by the names and shapes of its tensors. The
file's pickle is never run: one that calls functions is refused.")]
pub struct Import {
    /// What torch.save(netG.state_dict(), "netG.pth") wrote
    pub file: PathBuf,

    /// The file to write [default: FILE with .safetensors at its end]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Which preset it must be [default: found out by looking]
    #[arg(long, value_parser = parse_preset, value_name = "PRESET")]
    pub preset: Option<Preset>,

    /// Which network, in a file with several, by its key in the dictionary
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
}
