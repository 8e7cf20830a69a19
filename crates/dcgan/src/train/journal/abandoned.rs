//! What a rollback sets aside: everything that is newer than the step that the run goes back to. A
//! run that is stopped after a rollback must not resume from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::metrics::{MetricsLine, write_lines};
use super::run_directory::RunDirectory;
use crate::checkpoint::WeightFile;
use crate::train::TrainError;

/// The folder `abandoned/N` of the `N`th rollback. It has the structure of the run directory.
pub(super) struct Abandoned<'a> {
    directory: &'a RunDirectory,
    folder: PathBuf,
}

impl<'a> Abandoned<'a> {
    pub fn new(directory: &'a RunDirectory, rollback: u64) -> Self {
        Self {
            directory,
            folder: directory
                .path()
                .join("abandoned")
                .join(rollback.to_string()),
        }
    }

    /// Moves checkpoints and grids after `step` here, and writes the `lines` of the metrics that
    /// were cut off.
    ///
    /// # Errors
    /// If a file cannot be moved or written.
    pub fn set_aside(&self, step: u64, lines: &[MetricsLine]) -> Result<(), TrainError> {
        for checkpoint in self.directory.list_checkpoints()? {
            if checkpoint.step > step {
                self.take(&checkpoint.path)?;
            }
        }
        for grid in self.newer_grids(step)? {
            self.take(&grid)?;
        }
        if lines.is_empty() {
            return Ok(());
        }
        let metrics = self.place_of(&self.directory.metrics())?;
        write_lines(&metrics, lines)
    }

    /// Moves the weights and the plot of the last report here.
    ///
    /// # Errors
    /// If one cannot be moved.
    pub fn set_aside_report(&self) -> Result<(), TrainError> {
        let directory = self.directory;
        let files = [
            directory.generator(),
            directory.discriminator(),
            directory.losses(),
        ];
        files.iter().try_for_each(|file| self.take(file))
    }

    /// Whether the last report, with its weights, is one after `step`.
    pub fn has_newer_report(&self, step: u64) -> bool {
        let header = WeightFile::peek(&self.directory.generator());
        header.is_some_and(|header| header.step > step)
    }

    fn newer_grids(&self, step: u64) -> Result<Vec<PathBuf>, TrainError> {
        let folder = self.directory.samples();
        let read = |source| TrainError::read(&folder, source);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(read)?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let is_newer = |path: &PathBuf| step_of_grid(path).is_some_and(|grid| grid > step);
        let paths: io::Result<Vec<_>> = paths.collect();
        Ok(paths.map_err(read)?.into_iter().filter(is_newer).collect())
    }

    /// Moves a file of the run here, if it exists.
    fn take(&self, path: &Path) -> Result<(), TrainError> {
        if !path.exists() {
            return Ok(());
        }
        let place = self.place_of(path)?;
        fs::rename(path, &place).map_err(|source| TrainError::write(&place, source))
    }

    /// Where a file of the run belongs here. Its folder exists afterwards.
    fn place_of(&self, path: &Path) -> Result<PathBuf, TrainError> {
        let name = path.strip_prefix(self.directory.path()).unwrap_or(path);
        let place = self.folder.join(name);
        let folder = place.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(|source| TrainError::write(folder, source))?;
        Ok(place)
    }
}

/// For example 500 for `step-000500.png` and for `step-000500-real.png`.
fn step_of_grid(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix("step-")?.strip_suffix(".png")?;
    digits.strip_suffix("-real").unwrap_or(digits).parse().ok()
}
