//! `dcgan import`: a weight file of what PyTorch saved.

use anyhow::Result;
use dcgan::checkpoint::FileKind;
use dcgan::pytorch;

use super::info::colour;
use crate::cli::Import;
use crate::output;

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
