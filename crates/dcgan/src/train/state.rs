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
