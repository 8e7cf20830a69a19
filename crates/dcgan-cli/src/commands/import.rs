//! `dcgan import`: a weight file of what PyTorch saved.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use dcgan::checkpoint::FileKind;
use dcgan::config::Preset;
use dcgan::pytorch;

use super::info::colour;
use crate::shared::output;

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
    #[arg(long, value_name = "PRESET")]
    pub preset: Option<Preset>,

    /// Which network, in a file with several, by its key in the dictionary
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
}

/// Reads the network and writes it anew.
pub fn run(arguments: &Import) -> Result<()> {
    let device = dcgan::device::cpu();
    let key = arguments.key.as_deref();
    let imported = pytorch::import(&arguments.file, arguments.preset, key, &device)?;
    let default = || arguments.file.with_extension("safetensors");
    let out = arguments.out.clone().unwrap_or_else(default);
    imported.save(&out)?;
    let header = &imported.header;
    let model = &header.model;
    let (latent, use_it) = match header.kind {
        FileKind::Discriminator => (format!("ndf {}", model.ndf), String::new()),
        FileKind::Generator | FileKind::Checkpoint => (
            format!("z {}, ngf {}", model.z_dim, model.ngf),
            format!(
                "; `dcgan sample {} -n 64 --grid faces.png` draws with it",
                out.display()
            ),
        ),
    };
    output::line(&format!(
        "{}: {} of preset {}, {size}x{size} pixels, {}, {latent}, {} parameters, now in {}{use_it}",
        arguments.file.display(),
        header.kind,
        model.preset,
        colour(model.channels),
        imported.network().parameter_count(),
        out.display(),
        size = model.image_size,
    ));
    Ok(())
}
