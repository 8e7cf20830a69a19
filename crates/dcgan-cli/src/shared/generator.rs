//! Loads generators.

use std::path::Path;

use anyhow::Result;
use dcgan::device::Device;
use dcgan::sample::{LoadedGenerator, load_generator};

use super::output;

/// Loads the generator of a run directory, a checkpoint or a generator file. Prints a note if it has
/// collapsed.
///
/// # Errors
/// As [`load_generator`].
pub fn load(path: &Path, device: &Device) -> Result<LoadedGenerator> {
    let loaded = load_generator(path, device)?;
    if let Some(drawn) = loaded.collapsed {
        let path = path.display();
        output::note(&format!(
            "{drawn}: the generator of {path} has collapsed; an earlier checkpoint may not have"
        ));
    }
    Ok(loaded)
}
