//! The networks: preset, sizes and widths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ConfigError, in_range};

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
        in_range("ndf", self.ndf, 1, 1024)?;
        // the first layer of the generator, which is its largest when z is long
        if self.z_dim.saturating_mul(self.ngf) > 1 << 22 {
            return Err(ConfigError(format!(
                "z_dim {} with ngf {} makes networks beyond any memory: take smaller ones",
                self.z_dim, self.ngf
            )));
        }
        Ok(())
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
