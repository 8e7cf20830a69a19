//! Files of directions in the latent space, as `dcgan direction` writes them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use dcgan::checkpoint::FileHeader;
use dcgan::latent::{LatentDirection, LatentFileError, LatentFileProblem};

use super::output;
use super::quoted::quoted;

/// The file itself, or the one of this name in the working directory or the run directory.
pub fn find(name: &Path, run: &Path) -> Result<PathBuf> {
    let mut with_extension = name.as_os_str().to_owned();
    with_extension.push(".safetensors");
    let with_extension = PathBuf::from(with_extension);
    let candidates = [
        name.to_owned(),
        with_extension.clone(),
        run.join(name),
        run.join(&with_extension),
    ];
    let found = candidates
        .into_iter()
        .find(|path| path.exists() && !path.is_dir());
    found.ok_or_else(|| {
        let file = if name.extension().is_some() {
            name
        } else {
            &with_extension
        };
        anyhow!(
            "there is no direction {name}, here or in {run}; `dcgan direction {run_quoted} --attribute NAME \
             -o {file}` creates it",
            name = name.display(),
            run = run.display(),
            run_quoted = quoted(run),
            file = quoted(file),
        )
    })
}

/// A direction means little to another generator, even if it has the right length.
pub fn note_other_generator(path: &Path, direction: &LatentDirection, header: &FileHeader) {
    let origin = &direction.origin;
    let same = origin.model == header.model
        && origin.step == header.step
        && origin.data_fingerprint == header.data.fingerprint;
    if !same {
        output::note(&format!(
            "{} was found for another generator at step {}, and this one is at step {}; {} may lie \
             in another direction",
            path.display(),
            origin.step,
            header.step,
            origin.attribute
        ));
    }
}

/// The directions in a run directory with their files, in the order of their names. A damaged one is
/// left out with a note.
pub fn of_run(run: &Path, z_dim: usize) -> Vec<(PathBuf, LatentDirection)> {
    let mut files: Vec<PathBuf> = fs::read_dir(run)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "safetensors")
        })
        .collect();
    files.sort();
    let read = |path: PathBuf| match LatentDirection::read(&path, z_dim) {
        Ok(direction) => Some((path, direction)),
        Err(error) => {
            if !is_something_else(&error) {
                output::note(&format!("left out: {error}"));
            }
            None
        }
    };
    files.into_iter().filter_map(read).collect()
}

/// Whether a file was read that holds no direction but, for example, weights.
fn is_something_else(error: &LatentFileError) -> bool {
    matches!(
        error,
        LatentFileError::Invalid {
            problem: LatentFileProblem::NoDirection | LatentFileProblem::TooLarge,
            ..
        }
    )
}
