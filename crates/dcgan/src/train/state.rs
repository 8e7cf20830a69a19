//! The state of a training.

use std::path::Path;

use burn::tensor::Device;

use super::TrainError;
use crate::checkpoint::{Checkpoint, WeightFile};
use crate::config::RunConfig;
use crate::gan::Gan;
use crate::model::ModelError;

/// Everything that changes from step to step: what a checkpoint holds.
#[derive(Clone)]
pub(super) struct State {
    pub gan: Gan,
    /// Steps made.
    pub step: u64,
    /// How often the training was rolled back. Part of the noise's key.
    pub retries: u64,
}

impl State {
    /// Before the first step: with random weights, or with those of the checkpoint that the training starts
    /// from.
    ///
    /// # Errors
    /// If the networks cannot be built, or that checkpoint cannot be read or has other networks.
    pub fn initial(config: &RunConfig, device: &Device) -> Result<Self, TrainError> {
        match &config.training.start_from {
            None => Ok(Self::random(config, device)?),
            Some(path) => Self::started_from(Path::new(path), config, device),
        }
    }

    /// Random weights, which depend on the seed alone.
    pub fn random(config: &RunConfig, device: &Device) -> Result<Self, ModelError> {
        Ok(Self::first(Gan::new(
            &config.model,
            &config.training,
            device,
        )?))
    }

    fn started_from(path: &Path, config: &RunConfig, device: &Device) -> Result<Self, TrainError> {
        let Checkpoint { gan, run, .. } = WeightFile::open(path)?.checkpoint(device)?;
        let changes = run.network_changes_to(config)?;
        if !changes.is_empty() {
            return Err(TrainError::OtherNetworks {
                path: path.to_owned(),
                changes,
            });
        }
        let precision = config.training.precision;
        Ok(Self::first(Gan::from_networks(
            gan.generator.model.with_precision(precision),
            gan.discriminator.model.with_precision(precision),
            &config.training,
        )))
    }

    fn first(gan: Gan) -> Self {
        Self {
            gan,
            step: 0,
            retries: 0,
        }
    }

    /// Makes the weights NaN if one of these is this step of this attempt.
    #[cfg(test)]
    pub fn poison(&mut self, poison: &[(u64, u64)]) {
        if poison.contains(&(self.step, self.retries)) {
            for parameter in self.gan.generator.network_mut().parameters_mut() {
                parameter.set_values(vec![f32::NAN; parameter.len()]);
            }
        }
    }
}
