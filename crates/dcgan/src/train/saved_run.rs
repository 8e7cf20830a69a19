//! A run in its directory, before its pictures are read.

use burn::tensor::Device;

use super::schedule::Schedule;
use super::state::State;
use super::{RunDirectory, TrainError};
use crate::checkpoint::{DataSummary, FileError, WeightFile};
use crate::config::{Precision, RunConfig};
use dcgan_data::Fingerprint;

/// The newest intact checkpoint of a run, or its initial state if it ended before the first one.
pub struct SavedRun {
    pub(super) directory: RunDirectory,
    pub(super) device: Device,
    pub(super) state: State,
    /// The configuration. Its length and the location of its pictures may be changed before the
    /// run is resumed.
    pub config: RunConfig,
    /// Newer checkpoints that cannot be read. They stay where they are.
    pub unreadable: Vec<FileError>,
    /// Steps that were refused since the checkpoint, if the run was rolled back to it.
    pub(super) refused: Vec<u64>,
    /// What it was trained on; `None` before the first checkpoint.
    data: Option<DataSummary>,
}

impl SavedRun {
    /// Reads the newest intact checkpoint.
    ///
    /// # Errors
    /// If all checkpoints are damaged, or the configuration does not parse or belongs to other
    /// networks.
    pub fn open(directory: RunDirectory, device: &Device) -> Result<Self, TrainError> {
        let config = directory.read_config()?;
        let mut unreadable = Vec::new();
        for saved in directory.list_checkpoints()? {
            match WeightFile::open(&saved.path).and_then(|file| file.checkpoint(device)) {
                Ok(checkpoint) => {
                    if config.model != checkpoint.run.model {
                        return Err(TrainError::OtherNetworks {
                            config: directory.config(),
                            checkpoint: saved.path,
                        });
                    }
                    return Ok(Self {
                        directory,
                        device: device.clone(),
                        state: State {
                            gan: checkpoint.gan,
                            step: checkpoint.header.step,
                            retries: checkpoint.header.retries,
                        },
                        config: checkpoint.run,
                        unreadable,
                        refused: checkpoint.header.refused,
                        data: Some(checkpoint.header.data),
                    });
                }
                Err(error) => unreadable.push(error),
            }
        }
        if let Some(newest) = unreadable.into_iter().next() {
            return Err(TrainError::NoCheckpoint {
                path: directory.path().to_owned(),
                newest,
            });
        }
        Ok(Self {
            state: State::initial(&config, device)?,
            directory,
            device: device.clone(),
            config,
            unreadable: Vec::new(),
            refused: Vec::new(),
            data: None,
        })
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
