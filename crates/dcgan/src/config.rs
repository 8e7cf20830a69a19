//! What there is to choose: the networks ([`ModelConfig`]), the training
//! ([`TrainingConfig`]), the pictures ([`DataConfig`]) and all of them together,
//! as a run folder's `config.toml` holds them ([`RunConfig`]).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::data::Crop;

/// A setting that cannot work, and what would.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// A named pair of networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The widespread CelebA tutorial: a wide generator, a discriminator without padding.
    Tutorial,
    /// The official PyTorch faces tutorial and `pytorch/examples`.
    Pytorch,
    /// Radford, Metz and Chintala 2016, Figure 1, as their released code has it.
    Paper,
    /// The networks of `pytorch`, narrow: for a first look within minutes.
    Small,
}

impl Preset {
    /// All presets, in the order in which help texts name them.
    pub const ALL: [Preset; 4] = [
        Preset::Tutorial,
        Preset::Pytorch,
        Preset::Paper,
        Preset::Small,
    ];

    /// The sides in pixels that this preset can be built for.
    pub fn image_sizes(self) -> &'static [usize] {
        match self {
            Preset::Tutorial | Preset::Small => &[64],
            Preset::Pytorch | Preset::Paper => &[32, 64, 128, 256],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Preset::Tutorial => "tutorial",
            Preset::Pytorch => "pytorch",
            Preset::Paper => "paper",
            Preset::Small => "small",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        Preset::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| {
                ConfigError(format!(
                    "no preset '{name}': there are tutorial, pytorch, paper and small"
                ))
            })
    }
}

/// The distribution that the latent vectors `z` are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatentDistribution {
    /// N(0, 1) in every coordinate.
    Normal,
    /// U(−1, 1) in every coordinate (the paper's choice).
    Uniform,
}

impl fmt::Display for LatentDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "N(0, 1)",
            Self::Uniform => "U(-1, 1)",
        })
    }
}

/// Everything that determines the two networks.
///
/// ```
/// use dcgan::config::{ModelConfig, Preset};
///
/// let model = ModelConfig::new(Preset::Pytorch).with_image_size(128).with_ngf(32);
/// assert!(model.validate().is_ok());
/// assert!(ModelConfig::new(Preset::Tutorial).with_image_size(128).validate().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Which pair of networks.
    pub preset: Preset,
    /// Side of the square pictures in pixels.
    pub image_size: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Length of the latent vector `z`.
    pub z_dim: usize,
    /// Width of the generator: channels of its widest picture-sided layer.
    pub ngf: usize,
    /// Width of the discriminator: channels after its first layer
    /// (the tutorial's `hidden_dim`).
    pub ndf: usize,
}

impl ModelConfig {
    /// The preset as published: 64×64, RGB, its own widths.
    pub fn new(preset: Preset) -> Self {
        let (ngf, ndf) = match preset {
            Preset::Tutorial => (128, 32),
            Preset::Pytorch => (64, 64),
            Preset::Paper => (128, 128),
            Preset::Small => (32, 16),
        };
        Self {
            preset,
            image_size: 64,
            channels: 3,
            z_dim: 100,
            ngf,
            ndf,
        }
    }

    /// With another side of the pictures, in pixels.
    pub fn with_image_size(mut self, image_size: usize) -> Self {
        self.image_size = image_size;
        self
    }

    /// With 1 (grey) or 3 (RGB) channels.
    pub fn with_channels(mut self, channels: usize) -> Self {
        self.channels = channels;
        self
    }

    /// With another length of the latent vector.
    pub fn with_z_dim(mut self, z_dim: usize) -> Self {
        self.z_dim = z_dim;
        self
    }

    /// With another width of the generator.
    pub fn with_ngf(mut self, ngf: usize) -> Self {
        self.ngf = ngf;
        self
    }

    /// With another width of the discriminator.
    pub fn with_ndf(mut self, ndf: usize) -> Self {
        self.ndf = ndf;
        self
    }

    /// The distribution of `z`: uniform for `paper`, else normal.
    pub fn latent_distribution(&self) -> LatentDistribution {
        match self.preset {
            Preset::Paper => LatentDistribution::Uniform,
            Preset::Tutorial | Preset::Pytorch | Preset::Small => LatentDistribution::Normal,
        }
    }

    /// Whether such networks can be built.
    ///
    /// # Errors
    /// A size that the preset does not have, channels other than 1 and 3, and
    /// widths of zero or so large that they can only be a mistake.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let sizes = self.preset.image_sizes();
        if !sizes.contains(&self.image_size) {
            return Err(ConfigError(wrong_size(self.preset, self.image_size)));
        }
        if ![1, 3].contains(&self.channels) {
            return Err(ConfigError(format!(
                "{} channels: pictures have 1 (grey) or 3 (RGB)",
                self.channels
            )));
        }
        in_range("z_dim", self.z_dim, 1, 65_536)?;
        in_range("ngf", self.ngf, 1, 1024)?;
        in_range("ndf", self.ndf, 1, 1024)
    }
}

fn wrong_size(preset: Preset, image_size: usize) -> String {
    match preset {
        Preset::Tutorial | Preset::Small => format!(
            "preset {preset} is for 64 pixels, not {image_size}: take --image-size 64, \
             or --preset pytorch or paper for 32, 64, 128 or 256"
        ),
        Preset::Pytorch | Preset::Paper => {
            format!("preset {preset} has no size {image_size}: take 32, 64, 128 or 256 pixels")
        }
    }
}

fn in_range(name: &str, value: usize, least: usize, most: usize) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError(format!(
        "{name} is {value}: it must be between {least} and {most}"
    )))
}

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
        if let Length::Epochs(0) | Length::Steps(0) = self.length {
            return Err(ConfigError(
                "training for 0 steps: give --epochs or --steps 1 or more".into(),
            ));
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

/// Where the pictures come from and what is done to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// A folder or an archive; none for the drawn faces of the demo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How many faces the demo draws; none for pictures from files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo_faces: Option<u32>,
    /// Which square of a picture is used.
    pub crop: Crop,
    /// Whether pictures are mirrored at random.
    pub flip: bool,
    /// What transparent pictures are laid over, as RGB.
    pub background: [u8; 3],
}

/// All that is needed to repeat a run: the content of `config.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The form of this file.
    pub schema: u32,
    /// The networks.
    pub model: ModelConfig,
    /// The training.
    pub training: TrainingConfig,
    /// The pictures.
    pub data: DataConfig,
}

impl RunConfig {
    /// The form that this version writes and reads.
    pub const SCHEMA: u32 = 1;

    /// Reads a `config.toml`.
    ///
    /// # Errors
    /// What TOML or a field has against the text, or another schema's number.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u32,
        }
        let Schema { schema } =
            toml::from_str(text).map_err(|error| ConfigError(one_line(&error)))?;
        if schema != Self::SCHEMA {
            return Err(ConfigError(format!(
                "schema {schema}, and this program reads schema {}",
                Self::SCHEMA
            )));
        }
        let config: Self = toml::from_str(text).map_err(|error| ConfigError(one_line(&error)))?;
        config.model.validate()?;
        config.training.validate()?;
        Ok(config)
    }

    /// The text of a `config.toml`.
    ///
    /// # Errors
    /// When a path has no UTF-8 form, which TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|error| ConfigError(one_line(&error)))
    }
}

fn one_line(error: &impl fmt::Display) -> String {
    let lines: Vec<String> = error
        .to_string()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect();
    lines.join(" ")
}
