//! The networks: preset, sizes and widths.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ConfigError;

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
        let found = Self::ALL.into_iter().find(|preset| preset.name() == name);
        found.ok_or_else(|| ConfigError::UnknownName {
            what: "preset",
            name: name.to_owned(),
            known: &["tutorial", "pytorch", "paper", "small"],
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

/// The settings of both networks, not checked yet.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
///
/// let model = ModelOptions::new(Preset::Pytorch).with_image_size(128).with_ngf(32).build()?;
/// assert!(ModelOptions::new(Preset::Tutorial).with_image_size(128).build().is_err());
/// # Ok::<(), dcgan::config::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelOptions {
    /// Which pair of networks.
    pub preset: Preset,
    /// Side of the square pictures in pixels; [`Preset::image_sizes`] lists the valid ones.
    pub image_size: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Length of the latent vector `z`, 1 to 65,536.
    pub z_dim: usize,
    /// Width of the generator, 1 to 1,024: the channels of its last hidden layer.
    pub ngf: usize,
    /// Width of the discriminator, 1 to 1,024: the channels after its first layer (the tutorial's
    /// `hidden_dim`).
    pub ndf: usize,
}

impl ModelOptions {
    /// The preset as published: 64×64, RGB, its own widths.
    pub fn new(preset: Preset) -> Self {
        let (ngf, ndf) = match preset {
            Preset::Tutorial => (128, 32),
            Preset::Pytorch => (64, 64),
            Preset::Paper => (128, 128),
            Preset::Small => (24, 16),
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

    /// Sets the side of the pictures, in pixels.
    pub fn with_image_size(mut self, image_size: usize) -> Self {
        self.image_size = image_size;
        self
    }

    /// Sets the channels: 1 (grey) or 3 (RGB).
    pub fn with_channels(mut self, channels: usize) -> Self {
        self.channels = channels;
        self
    }

    /// Sets the length of the latent vector.
    pub fn with_z_dim(mut self, z_dim: usize) -> Self {
        self.z_dim = z_dim;
        self
    }

    /// Sets the width of the generator.
    pub fn with_ngf(mut self, ngf: usize) -> Self {
        self.ngf = ngf;
        self
    }

    /// Sets the width of the discriminator.
    pub fn with_ndf(mut self, ndf: usize) -> Self {
        self.ndf = ndf;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// If the preset has no such image size, if there are neither 1 nor 3 channels, or if a width
    /// is 0 or so large that it can only be a mistake.
    pub fn build(self) -> Result<ModelConfig, ConfigError> {
        let Self {
            preset,
            image_size,
            channels,
            z_dim,
            ngf,
            ndf,
        } = self;
        if !preset.image_sizes().contains(&image_size) {
            return Err(ConfigError::ImageSize { preset, image_size });
        }
        if ![1, 3].contains(&channels) {
            return Err(ConfigError::Channels(channels));
        }
        ConfigError::check_range("z_dim", z_dim as u64, 1, 65_536)?;
        ConfigError::check_range("ngf", ngf as u64, 1, 1024)?;
        ConfigError::check_range("ndf", ndf as u64, 1, 1024)?;
        // the generator's first layer, its largest if z is long
        if z_dim.saturating_mul(ngf) > 1 << 22 {
            return Err(ConfigError::TooLarge { z_dim, ngf });
        }
        Ok(ModelConfig(self))
    }
}

/// The settings that determine both networks. Always valid; made by [`ModelOptions::build`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ModelOptions", into = "ModelOptions")]
pub struct ModelConfig(ModelOptions);

impl ModelConfig {
    /// The preset as published: 64×64, RGB, its own widths.
    pub fn new(preset: Preset) -> Self {
        Self(ModelOptions::new(preset))
    }

    /// The distribution of `z`: uniform for `paper`, else normal.
    pub fn latent_distribution(&self) -> LatentDistribution {
        match self.preset {
            Preset::Paper => LatentDistribution::Uniform,
            Preset::Tutorial | Preset::Pytorch | Preset::Small => LatentDistribution::Normal,
        }
    }

    /// The settings, to be changed and built again.
    pub fn into_options(self) -> ModelOptions {
        self.0
    }
}

impl Deref for ModelConfig {
    type Target = ModelOptions;

    fn deref(&self) -> &ModelOptions {
        &self.0
    }
}

impl TryFrom<ModelOptions> for ModelConfig {
    type Error = ConfigError;

    fn try_from(options: ModelOptions) -> Result<Self, ConfigError> {
        options.build()
    }
}

impl From<ModelConfig> for ModelOptions {
    fn from(config: ModelConfig) -> Self {
        config.0
    }
}
