//! The training: length, batch, Adam, seed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Precision, in_range};

/// When a training ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    /// After so many passes over the pictures.
    Epochs(u64),
    /// After so many training steps.
    Steps(u64),
}

impl Length {
    /// The most epochs or steps: far beyond any training, and safe to count with.
    pub const MOST: u64 = 1_000_000_000_000;

    /// The number of the last step, given how many steps an epoch has.
    pub fn total_steps(self, steps_per_epoch: u64) -> u64 {
        match self {
            Length::Epochs(epochs) => epochs.saturating_mul(steps_per_epoch),
            Length::Steps(steps) => steps,
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epochs(epochs) => write!(f, "{epochs} epochs"),
            Self::Steps(steps) => write!(f, "{steps} steps"),
        }
    }
}

/// How the networks are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// When it ends.
    pub length: Length,
    /// Pictures in a batch.
    pub batch_size: usize,
    /// Adam's learning rate, for both networks.
    pub learning_rate: f64,
    /// Adam's β₁.
    pub beta1: f64,
    /// Adam's β₂.
    pub beta2: f64,
    /// Whether the generator's update reuses the fakes of the discriminator's.
    pub reuse_noise: bool,
    /// Seed of the weights, the noise, the order and the augmentation.
    pub seed: u64,
    /// Steps from report to report.
    pub display_step: u64,
    /// The numbers that convolutions are computed in.
    #[serde(default, skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
}

impl Default for TrainingConfig {
    /// The paper's values: Adam at 0.0002 with β = (0.5, 0.999), batches of 128.
    fn default() -> Self {
        Self {
            length: Length::Epochs(50),
            batch_size: 128,
            learning_rate: 2e-4,
            beta1: 0.5,
            beta2: 0.999,
            reuse_noise: false,
            seed: 0,
            display_step: 500,
            precision: Precision::F32,
        }
    }
}

impl TrainingConfig {
    /// Whether these numbers can train a network.
    ///
    /// # Errors
    /// A count of zero, a batch of fewer than two pictures (batch norm needs a
    /// variance), or a rate or β outside of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("batch size", self.batch_size, 2, 65_536)?;
        match self.length {
            Length::Epochs(1..=Length::MOST) | Length::Steps(1..=Length::MOST) => {}
            other => {
                return Err(ConfigError(format!(
                    "training for {other}: give --epochs or --steps from 1 to {}",
                    Length::MOST
                )));
            }
        }
        if self.display_step == 0 {
            return Err(ConfigError(
                "display step is 0: reports come every 1 or more steps".into(),
            ));
        }
        let rate = self.learning_rate;
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(ConfigError(format!(
                "learning rate is {rate}: it must be above 0 and at most 1 (the paper has 0.0002)"
            )));
        }
        for (name, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            if !(0.0..1.0).contains(&beta) {
                return Err(ConfigError(format!(
                    "{name} is {beta}: it must be at least 0 and below 1"
                )));
            }
        }
        Ok(())
    }
}
