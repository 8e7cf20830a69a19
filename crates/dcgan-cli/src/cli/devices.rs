//! The command line of `dcgan devices`.

use clap::Args;

/// `dcgan devices`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Devices {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  dcgan devices
  dcgan train photos/ --device cuda:1
  dcgan train photos/ --device auto     the best of the list";
