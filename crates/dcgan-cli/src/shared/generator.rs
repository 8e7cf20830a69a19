//! Loads generators.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dcgan::device::Device;
use dcgan::sample::{LoadedGenerator, load_generator, load_raw_generator};
use dcgan::train::RunDirectory;

use super::{early, origin, output};

/// `--raw`
#[derive(Debug, Args)]
pub struct WeightsArguments {
    /// Draw with the weights of the newest checkpoint instead of their average (`train --ema`)
    #[arg(long)]
    pub raw: bool,
}

impl WeightsArguments {
    /// Without `--raw`.
    pub const AVERAGED: Self = Self { raw: false };

    /// Loads the generator of a run directory, a checkpoint or a generator file. Prints a note if it
    /// has collapsed.
    ///
    /// # Errors
    /// As [`load_generator`] or, with `--raw`, [`load_raw_generator`].
    pub fn load(&self, path: &Path, device: &Device) -> Result<LoadedGenerator> {
        let loaded = if self.raw {
            load_raw_generator(&newest_checkpoint(path)?, device)?
        } else {
            load_generator(path, device)?
        };
        origin::set(path, loaded.header.step);
        early::note(path, &loaded.header);
        output::detail(&format!(
            "generator of step {} in {}, preset {}{}",
            loaded.header.step,
            path.display(),
            loaded.header.model.preset,
            if self.raw { ", without averaging" } else { "" }
        ));
        if let Some(drawn) = loaded.collapsed {
            let path = path.display();
            output::note(&format!(
                "{drawn}: the generator of {path} has collapsed; an earlier checkpoint may not have"
            ));
        }
        Ok(loaded)
    }
}

/// The newest checkpoint of a run directory; a path that is no directory is returned as it is.
fn newest_checkpoint(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let saved = RunDirectory::open_shared(path)?.list_checkpoints()?;
    match saved.into_iter().max_by_key(|checkpoint| checkpoint.step) {
        Some(newest) => Ok(newest.path),
        None => bail!(
            "{} has no checkpoint, and only those have the weights without averaging: omit --raw",
            path.display()
        ),
    }
}
