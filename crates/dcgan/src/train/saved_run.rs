//! A run in its directory, before its pictures are read.

use burn::tensor::Device;

use super::schedule::Schedule;
use super::state::State;
use super::{RunDirectory, TrainError};
use crate::checkpoint::{Checkpoint, DataSummary, FileError, WeightFile};
use crate::config::{Change, Every, Precision, RunConfig};
use dcgan_data::Fingerprint;

/// The newest intact checkpoint of a run, or its initial state if it ended before the first one.
pub struct SavedRun {
    pub(super) directory: RunDirectory,
    pub(super) device: Device,
    pub(super) state: State,
    /// The configuration. Its length and the location of its pictures may be changed before the
    /// run is resumed.
    pub config: RunConfig,
    /// Newer checkpoints that cannot be read, or are of another run. They stay where they are.
    pub unreadable: Vec<FileError>,
    /// What was changed in `config.toml` since the checkpoint. The run continues with it.
    pub edits: Vec<Change>,
    /// Steps that were refused since the checkpoint, if the run was rolled back to it.
    pub(super) refused: Vec<u64>,
    /// What it was trained on; `None` before the first checkpoint.
    data: Option<DataSummary>,
}

impl SavedRun {
    /// Reads the newest intact checkpoint.
    ///
    /// # Errors
    /// If all checkpoints are damaged or were removed, or the configuration does not parse or differs from
    /// theirs in settings that a run keeps.
    pub fn open(directory: RunDirectory, device: &Device) -> Result<Self, TrainError> {
        let config = directory.read_config()?;
        let mut unreadable = Vec::new();
        let mut foreign = None;
        for saved in directory.list_checkpoints()? {
            match WeightFile::open(&saved.path).and_then(|file| file.checkpoint(device)) {
                Ok(checkpoint) => {
                    let changes = checkpoint.run.changes_to(&config)?;
                    if changes.iter().all(Change::is_free) {
                        return Ok(Self::at(checkpoint, config, changes, directory, device)
                            .ignoring(unreadable));
                    }
                    foreign.get_or_insert_with(|| (saved.path.clone(), changes.clone()));
                    let path = saved.path;
                    unreadable.push(FileError::OtherRun { path, changes });
                }
                Err(error) => unreadable.push(error),
            }
        }
        if let Some((checkpoint, changes)) = foreign {
            return Err(TrainError::OtherSettings {
                config: directory.config(),
                checkpoint,
                changes,
            });
        }
        if let Some(newest) = unreadable.into_iter().next() {
            return Err(TrainError::NoCheckpoint {
                path: directory.path().to_owned(),
                newest,
            });
        }
        check_none_was_saved(&directory, &config)?;
        Ok(Self {
            state: State::initial(&config, device)?,
            directory,
            device: device.clone(),
            config,
            unreadable: Vec::new(),
            edits: Vec::new(),
            refused: Vec::new(),
            data: None,
        })
    }

    /// The run at a checkpoint, with the `config` that differs from the checkpoint's by `edits`.
    fn at(
        checkpoint: Checkpoint,
        config: RunConfig,
        edits: Vec<Change>,
        directory: RunDirectory,
        device: &Device,
    ) -> Self {
        let Checkpoint { gan, run, header } = checkpoint;
        let other_precision = run.training.precision != config.training.precision;
        let saved = Self {
            directory,
            device: device.clone(),
            state: State {
                gan,
                step: header.step,
                retries: header.retries,
            },
            config,
            unreadable: Vec::new(),
            edits,
            refused: header.refused,
            data: Some(header.data),
        };
        if other_precision {
            saved.in_f32() // the only one that it may have been changed to
        } else {
            saved
        }
    }

    fn ignoring(self, unreadable: Vec<FileError>) -> Self {
        Self { unreadable, ..self }
    }

    /// The run computing in `f32`, for a device that does not support its precision.
    #[must_use]
    pub fn in_f32(mut self) -> Self {
        let training = self.config.training.clone();
        self.config.training = training.with_precision(Precision::F32);
        self.state.gan = self.state.gan.in_f32();
        self
    }

    /// Steps made.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Whether it was trained on other pictures than these.
    pub fn has_other_pictures(&self, data: &DataSummary) -> bool {
        let current = Fingerprint::from_text(&data.fingerprint);
        self.data.as_ref().is_some_and(|own| {
            Fingerprint::from_text(&own.fingerprint).matches(&current) == Some(false)
        })
    }

    /// Checks that steps are left, as far as that is known without the pictures.
    ///
    /// # Errors
    /// If all steps are made.
    pub fn check_incomplete(&self) -> Result<(), TrainError> {
        let Some(data) = &self.data else {
            return Ok(());
        };
        if self.state.step < Schedule::new(&self.config, data.pictures).total_steps() {
            return Ok(());
        }
        Err(TrainError::Complete {
            path: self.directory.path().to_owned(),
            step: self.state.step,
        })
    }
}

/// Checks that a run without checkpoints has not lost them: to begin it anew would overwrite what it has learned.
///
/// # Errors
/// If its generator has made more steps than there are before the first checkpoint.
pub(crate) fn check_none_was_saved(
    directory: &RunDirectory,
    config: &RunConfig,
) -> Result<(), TrainError> {
    let Some(header) = WeightFile::peek(&directory.generator()) else {
        return Ok(());
    };
    let first = match config.saving.checkpoint_every {
        Some(Every::Steps(steps)) => steps,
        Some(Every::Time(_)) | None => config.training.report_every,
    };
    if header.step <= first {
        return Ok(()); // the process may have been killed between these two files
    }
    Err(TrainError::CheckpointsGone {
        path: directory.path().to_owned(),
        step: header.step,
    })
}
