//! A run as it lies in its folder, before its pictures are read again.

use burn::tensor::Device;

use super::{RunFolder, TrainError};
use crate::checkpoint::{FileError, WeightFile};
use crate::config::{Precision, RunConfig};
use crate::gan::Gan;

/// The newest checkpoint of a run that can be read; or its beginning, if it was
/// ended before the first one.
pub struct SavedRun {
    pub(super) folder: RunFolder,
    pub(super) gan: Gan,
    pub(super) device: Device,
    pub(super) step: u64,
    /// How often it has gone back from what was no number.
    pub(super) retries: u64,
    /// What told the pictures of the run; none if no checkpoint has kept it.
    pub(super) fingerprint: Option<String>,
    /// How it is configured. Its length and the place of its pictures may be
    /// changed before it goes on.
    pub config: RunConfig,
    /// Newer checkpoints that could not be read and were left alone.
    pub unreadable: Vec<FileError>,
    pictures: Option<u64>,
}

impl SavedRun {
    /// Reads the newest checkpoint that can be read.
    ///
    /// # Errors
    /// A folder whose checkpoints are all damaged, or whose configuration does
    /// not parse.
    pub fn open(folder: RunFolder, device: &Device) -> Result<Self, TrainError> {
        let config = folder.read_config()?;
        let mut unreadable = Vec::new();
        for (_, path) in folder.list_checkpoints()? {
            match WeightFile::open(&path).and_then(|file| file.checkpoint(device)) {
                Ok(checkpoint) => {
                    if config.model != checkpoint.run.model {
                        return Err(TrainError::OtherNetworks {
                            config: folder.config(),
                            checkpoint: path,
                        });
                    }
                    return Ok(Self {
                        folder,
                        gan: checkpoint.gan,
                        device: device.clone(),
                        step: checkpoint.header.step,
                        retries: checkpoint.header.retries,
                        fingerprint: Some(checkpoint.header.data.fingerprint),
                        config: checkpoint.run,
                        unreadable,
                        pictures: Some(checkpoint.header.data.pictures),
                    });
                }
                Err(error) => unreadable.push(error),
            }
        }
        match unreadable.into_iter().next() {
            None => Self::beginning(folder, config, device),
            Some(newest) => Err(TrainError::NoCheckpoint {
                path: folder.path().to_owned(),
                newest,
            }),
        }
    }

    /// A run that was ended before its first checkpoint: it begins again, as it did.
    fn beginning(
        folder: RunFolder,
        config: RunConfig,
        device: &Device,
    ) -> Result<Self, TrainError> {
        Ok(Self {
            gan: Gan::new(&config.model, &config.training, device)?,
            folder,
            device: device.clone(),
            step: 0,
            retries: 0,
            fingerprint: None,
            config,
            unreadable: Vec::new(),
            pictures: None,
        })
    }

    /// Goes on in `f32`, on a device that does not compute in what it was begun with.
    pub fn go_on_in_f32(&mut self) {
        let training = self.config.training.clone();
        self.config.training = training.with_precision(Precision::F32);
        self.gan = self.gan.clone().in_f32();
    }

    /// Steps made.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Whether there is anything left to do, as far as can be told without the
    /// pictures.
    ///
    /// # Errors
    /// A run that has made all its steps.
    pub fn check_incomplete(&self) -> Result<(), TrainError> {
        let Some(pictures) = self.pictures else {
            return Ok(());
        };
        let steps_per_epoch = (pictures / self.config.training.batch_size as u64).max(1);
        if self.step < self.config.training.length.total_steps(steps_per_epoch) {
            return Ok(());
        }
        Err(TrainError::Complete {
            path: self.folder.path().to_owned(),
            step: self.step,
        })
    }
}
