//! The options of all commands that compute with networks.

use clap::Args;

/// `--device` and `--threads`
#[derive(Debug, Args)]
pub struct ComputeArguments {
    /// Where to compute: cpu, cuda, rocm, metal or vulkan, with a number where there are several
    /// (cuda:1), or auto; `dcgan devices` lists what there is
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: String,

    /// Threads to compute with [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}
