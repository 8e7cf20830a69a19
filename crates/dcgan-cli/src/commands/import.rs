//! `dcgan import`: converts a PyTorch weight file.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dcgan::checkpoint::FileKind;
use dcgan::config::Preset;
use dcgan::evaluation::InceptionFile;
use dcgan::pytorch::{self, ImportError, ImportOptions};
use dcgan_evaluate::inception::CLASSES;

use super::info::colour;
use crate::shared::named;
use crate::shared::output;
use crate::shared::quoted::quoted;
use crate::shared::targets::{Files, Replace, WritesFiles};

/// `dcgan import`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dcgan import netG.pth -o generator.safetensors
  dcgan import weights.pth --key netD -o discriminator.safetensors
  dcgan import pt_inception-2015-12-05-6726825d.pth -o inception-2015-12-05.safetensors

The kind, preset and sizes of the network are detected from the names and shapes of its tensors.
Inception, which `dcgan evaluate` needs for some figures, is recognised too.
The file's pickle is never run: one that calls functions is refused.")]
pub struct Import {
    /// The file that torch.save(netG.state_dict(), "netG.pth") wrote
    pub file: PathBuf,

    /// The file to write [default: FILE with the ending .safetensors]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// The preset that it must have [default: detected]
    #[arg(long, value_name = "PRESET", value_parser = named::presets())]
    pub preset: Option<Preset>,

    /// The network's key in the dictionary, if the file holds several
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,

    #[command(flatten)]
    pub replace: Replace,
}

impl Import {
    /// Whether the file would be converted into itself.
    fn is_converted(&self) -> bool {
        self.out.is_none()
            && self
                .file
                .extension()
                .is_some_and(|ending| ending == "safetensors")
    }

    fn target(&self) -> PathBuf {
        match &self.out {
            Some(out) => out.clone(),
            None => self.file.with_extension("safetensors"),
        }
    }
}

impl WritesFiles for Import {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, [&*self.file]);
        if self.is_converted() {
            files // refused by the command
        } else {
            files.writing(self.target())
        }
    }
}

/// Reads the network and writes it as safetensors.
pub fn run(arguments: &Import) -> Result<()> {
    if arguments.is_converted() {
        bail!(
            "{} is a safetensors file, and only files of PyTorch are converted: dcgan reads its own as they are",
            arguments.file.display()
        );
    }
    let options = ImportOptions {
        preset: arguments.preset,
        key: arguments.key.clone(),
    };
    let out = arguments.target();
    let imported = match pytorch::import(&arguments.file, &options, &dcgan::device::cpu()) {
        Err(ImportError::Inception { .. }) if options == ImportOptions::default() => {
            return import_inception(&arguments.file, &out);
        }
        imported => imported?,
    };
    imported.save(&out)?;
    let header = &imported.header;
    let model = &header.model;
    let widths = match header.kind {
        FileKind::Discriminator => format!("ndf {}", model.ndf),
        FileKind::Generator | FileKind::Checkpoint => {
            format!("z {}, ngf {}", model.z_dim, model.ngf)
        }
    };
    output::line(&format!(
        "{}: {} of preset {}, {size}x{size} pixels, {}, {widths}, {} parameters, saved as {}",
        arguments.file.display(),
        header.kind,
        model.preset,
        colour(model.channels),
        imported.network().parameter_count(),
        out.display(),
        size = model.image_size,
    ));
    if header.kind == FileKind::Generator {
        output::line(&format!(
            "Draw with it: `dcgan sample {} -o faces.png`",
            quoted(&out)
        ));
    }
    Ok(())
}

/// Writes Inception's weights as safetensors, for `dcgan evaluate --inception`.
fn import_inception(file: &Path, out: &Path) -> Result<()> {
    let inception = InceptionFile::convert(file, out)?;
    let source = inception.source_sha256.as_deref().unwrap_or_default();
    let known = if inception.is_known() {
        "the published weights of 2015-12-05"
    } else {
        "not the published weights"
    };
    output::line(&format!(
        "{}: Inception, sha256 {source} ({known}), saved as {}",
        file.display(),
        out.display()
    ));
    output::line(&format!(
        "Judge with it: `dcgan evaluate RUN --inception {}{}`",
        quoted(out),
        if inception.network.bias().len() == CLASSES {
            ""
        } else {
            " --any-inception"
        }
    ));
    Ok(())
}
