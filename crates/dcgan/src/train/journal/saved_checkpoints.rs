//! The checkpoints in a run directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::run_directory::RunDirectory;
use crate::checkpoint::{FileHeader, WeightFile};
use crate::train::TrainError;

/// A checkpoint in a run directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCheckpoint {
    /// Its step, according to its name.
    pub step: u64,
    /// How often the run had been rolled back, according to its header. If that cannot be read, it
    /// counts as one of the newest.
    pub retries: u64,
    /// The file.
    pub path: PathBuf,
}

impl RunDirectory {
    /// All checkpoints, the newest first: those of the newest attempt after a rollback come before
    /// any of an earlier attempt.
    ///
    /// # Errors
    /// If their directory cannot be read.
    pub fn list_checkpoints(&self) -> Result<Vec<SavedCheckpoint>, TrainError> {
        let folder = self.checkpoints();
        let read = |source| TrainError::read(&folder, source);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if let Some(step) = step_of(&path) {
                found.push((step, WeightFile::peek(&path), path));
            }
        }
        let retries = |header: &FileHeader| header.retries;
        let headers = found.iter().filter_map(|(_, header, _)| header.as_ref());
        let newest = headers.map(retries).max().unwrap_or(0);
        let checkpoint = |(step, header, path): (u64, Option<FileHeader>, PathBuf)| {
            let retries = header.as_ref().map_or(newest, retries);
            SavedCheckpoint {
                step,
                retries,
                path,
            }
        };
        let mut found: Vec<_> = found.into_iter().map(checkpoint).collect();
        found.sort_by_key(|saved| std::cmp::Reverse((saved.retries, saved.step)));
        Ok(found)
    }

    /// Removes the checkpoints up to `step`, except the `keep` newest and those of the steps
    /// `needed`. Later ones exist only if they could not be read, and stay.
    ///
    /// # Errors
    /// If one cannot be removed.
    pub(super) fn remove_old_checkpoints(
        &self,
        step: u64,
        keep: usize,
        needed: &[u64],
    ) -> Result<(), TrainError> {
        let old = self
            .list_checkpoints()?
            .into_iter()
            .filter(|checkpoint| checkpoint.step <= step)
            .skip(keep)
            .filter(|checkpoint| !needed.contains(&checkpoint.step));
        for SavedCheckpoint { path, .. } in old {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(TrainError::write(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// For example 500 for `step-000500.safetensors`.
fn step_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
    digits.parse().ok()
}
