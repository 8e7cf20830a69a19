//! The state of a training.

use burn::tensor::Device;

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
    /// Before the first step.
    pub fn initial(config: &RunConfig, device: &Device) -> Result<Self, ModelError> {
        Ok(Self {
            gan: Gan::new(&config.model, &config.training, device)?,
            step: 0,
            retries: 0,
        })
    }
}
