//! The training: length, batch, loss, Adam, average of weights, seed.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{Augment, ConfigError, Loss, Precision};

/// When a training ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    /// After this many passes over the pictures.
    Epochs(u64),
    /// After this many training steps.
    Steps(u64),
}

impl Length {
    /// The largest number of epochs or steps: far beyond any training, and free of overflow.
    pub const MAX: u64 = 1_000_000_000_000;

    /// The number of steps in total.
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

/// The settings of the training, not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingOptions {
    /// When the training ends.
    pub length: Length,
    /// Pictures in a batch, over all ranks: 2 to 65,536.
    pub batch_size: usize,
    /// What both networks minimise.
    #[serde(default, skip_serializing_if = "Loss::is_default")]
    pub loss: Loss,
    /// Updates of the discriminator in a step, each with a batch of its own, before one of the
    /// generator: 1 to 100.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub d_steps: u32,
    /// Adam's learning rate, in (0, 1].
    pub learning_rate: f64,
    /// The generator's, if it has its own (two time scales: Heusel et al. 2017, arXiv 1706.08500).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate_g: Option<f64>,
    /// The discriminator's, if it has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate_d: Option<f64>,
    /// The part of the training, at its end, over which the learning rates fall linearly to zero,
    /// in [0, 1].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub learning_rate_decay: f64,
    /// Adam's β₁, in [0, 1).
    pub beta1: f64,
    /// Adam's β₂, in [0, 1).
    pub beta2: f64,
    /// How much of the target 1 for real pictures is taken away, in [0, 0.5]: one-sided label
    /// smoothing (Salimans et al. 2016, arXiv 1606.03498). For the loss `bce` alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub label_smoothing: f64,
    /// γ of the zero-centred gradient penalty, in (0, 10⁶]. On real pictures (R₁, Mescheder et al.
    /// 2018, arXiv 1801.04406), and with the loss `relativistic` on fakes too (R3GAN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_penalty: Option<f64>,
    /// The weight of the LeCam regularisation, in (0, 10⁶]: it pulls the logits of real pictures
    /// toward the moving average of those of fakes, and the reverse (Tseng et al. 2021, arXiv
    /// 2104.03310). Not for the loss `relativistic`, which has logits of pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lecam: Option<f64>,
    /// How pictures are augmented before the discriminator sees them.
    #[serde(default, skip_serializing_if = "Augment::is_default")]
    pub augment: Augment,
    /// The standard deviation of the noise on the pictures that the discriminator sees, at the
    /// first step, in [0, 1]; it falls linearly to zero at the last step.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub instance_noise: f64,
    /// Whether the generator's update reuses the fakes of the discriminator's update.
    pub reuse_noise: bool,
    /// The half-life, in pictures, of the average of the generator's weights: 1 to 10⁹. `None` to
    /// draw with the weights of the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ema: Option<u64>,
    /// Seed of the weights, the noise, the order of the pictures and the augmentation.
    pub seed: u64,
    /// Steps between reports (`display_step` before schema 3).
    #[serde(alias = "display_step")]
    pub report_every: u64,
    /// What convolutions are computed in.
    #[serde(default, skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
    /// Whether batch norm uses the statistics of the global batch instead of each rank's part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sync_batch_norm: bool,
    /// The checkpoint of another run whose weights the networks start with; `None` for random ones. The
    /// optimizers and the average start anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_from: Option<String>,
}

impl Default for TrainingOptions {
    /// The paper's values: Adam at 0.0002 with β = (0.5, 0.999), batches of 128.
    fn default() -> Self {
        Self {
            length: Length::Epochs(50),
            batch_size: 128,
            loss: Loss::Bce,
            d_steps: 1,
            learning_rate: 2e-4,
            learning_rate_g: None,
            learning_rate_d: None,
            learning_rate_decay: 0.0,
            beta1: 0.5,
            beta2: 0.999,
            label_smoothing: 0.0,
            gradient_penalty: None,
            lecam: None,
            augment: Augment::None,
            instance_noise: 0.0,
            reuse_noise: false,
            ema: None,
            seed: 0,
            report_every: 500,
            precision: Precision::F32,
            sync_batch_norm: false,
            start_from: None,
        }
    }
}

impl TrainingOptions {
    /// The generator's learning rate.
    pub fn rate_of_generator(&self) -> f64 {
        self.learning_rate_g.unwrap_or(self.learning_rate)
    }

    /// The discriminator's learning rate.
    pub fn rate_of_discriminator(&self) -> f64 {
        self.learning_rate_d.unwrap_or(self.learning_rate)
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// If a count is 0, a batch has fewer than two pictures (batch norm needs a variance), or the
    /// learning rate or a β is out of range.
    pub fn build(self) -> Result<TrainingConfig, ConfigError> {
        ConfigError::check_range("batch size", self.batch_size as u64, 2, 65_536)?;
        match self.length {
            Length::Epochs(1..=Length::MAX) | Length::Steps(1..=Length::MAX) => {}
            invalid => return Err(ConfigError::Length(invalid)),
        }
        ConfigError::check_range("updates of D in a step", self.d_steps.into(), 1, 100)?;
        if let Some(half_life) = self.ema {
            ConfigError::check_range("half-life of the average", half_life, 1, 1_000_000_000)?;
        }
        ConfigError::check_range("report interval", self.report_every, 1, u64::MAX)?;
        let rates = [
            self.learning_rate,
            self.rate_of_generator(),
            self.rate_of_discriminator(),
        ];
        if let Some(rate) = rates
            .into_iter()
            .find(|rate| !(*rate > 0.0 && *rate <= 1.0))
        {
            return Err(ConfigError::LearningRate(rate));
        }
        for (name, value) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(ConfigError::Beta { name, value });
            }
        }
        let parts = [
            ("learning rate decay", self.learning_rate_decay, 1.0),
            ("label smoothing", self.label_smoothing, 0.5),
            ("instance noise", self.instance_noise, 1.0),
        ];
        for (name, value, max) in parts {
            if !(0.0..=max).contains(&value) {
                return Err(ConfigError::Part { name, value, max });
            }
        }
        let weights = [
            ("gradient penalty", self.gradient_penalty),
            ("LeCam's weight", self.lecam),
        ];
        for (name, value) in weights {
            if let Some(value) = value
                && !(value > 0.0 && value <= 1e6)
            {
                return Err(ConfigError::Weight { name, value });
            }
        }
        if self.lecam.is_some() && self.loss == Loss::Relativistic {
            return Err(ConfigError::LecamOfPairs);
        }
        if self.label_smoothing > 0.0 && self.loss != Loss::Bce {
            return Err(ConfigError::SmoothingWithoutLabels(self.loss));
        }
        Ok(TrainingConfig(self))
    }
}

fn one() -> u32 {
    1
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

/// Whether a part is zero, which `config.toml` leaves out.
fn is_zero(part: &f64) -> bool {
    *part == 0.0
}

/// How the networks are trained. Always valid; made by [`TrainingOptions::build`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "TrainingOptions", into = "TrainingOptions")]
pub struct TrainingConfig(TrainingOptions);

impl TrainingConfig {
    /// The same training with convolutions in `precision`.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.0.precision = precision;
        self
    }

    /// The settings, to be changed and built again.
    pub fn into_options(self) -> TrainingOptions {
        self.0
    }
}

impl Deref for TrainingConfig {
    type Target = TrainingOptions;

    fn deref(&self) -> &TrainingOptions {
        &self.0
    }
}

impl TryFrom<TrainingOptions> for TrainingConfig {
    type Error = ConfigError;

    fn try_from(options: TrainingOptions) -> Result<Self, ConfigError> {
        options.build()
    }
}

impl From<TrainingConfig> for TrainingOptions {
    fn from(config: TrainingConfig) -> Self {
        config.0
    }
}
