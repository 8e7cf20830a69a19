//! The settings of the networks: preset, sizes and widths.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{ConfigError, DNorm, LatentDistribution, Preset, Upsample};

/// The largest `z_dim × ngf`. It bounds the generator's first layer, the largest one if z is long,
/// to 2²⁹ weights.
const MAX_FIRST_LAYER: usize = 1 << 22;

/// The settings of both networks, not yet checked.
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
    /// How the generator doubles the side of its maps; `None` as the preset does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upsample: Option<Upsample>,
    /// What normalises the discriminator's hidden layers; `None` as in the preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d_norm: Option<DNorm>,
    /// Whether the discriminator's weights are divided by their spectral norms (Miyato et al.
    /// 2018, arXiv 1802.05957).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spectral_norm: bool,
    /// Whether the discriminator's first layer has a bias; preset `tutorial` has one in every layer anyway.
    /// Without one, batch norm makes the logits of a batch independent of its contrast: if all its pictures
    /// are multiplied by one number, they do not change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub d_bias: bool,
}

impl ModelOptions {
    /// The preset as published: 64×64, RGB, its own widths.
    pub fn new(preset: Preset) -> Self {
        Self {
            preset,
            image_size: 64,
            channels: 3,
            z_dim: 100,
            ngf: preset.default_ngf(),
            ndf: preset.default_ndf(),
            upsample: None,
            d_norm: None,
            spectral_norm: false,
            d_bias: preset.default_d_bias(),
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

    /// Sets how the generator doubles the side of its maps.
    pub fn with_upsample(mut self, upsample: Upsample) -> Self {
        self.upsample = Some(upsample);
        self
    }

    /// Sets what normalises the discriminator's hidden layers.
    pub fn with_d_norm(mut self, d_norm: DNorm) -> Self {
        self.d_norm = Some(d_norm);
        self
    }

    /// Divides the discriminator's weights by their spectral norms.
    pub fn with_spectral_norm(mut self) -> Self {
        self.spectral_norm = true;
        self
    }

    /// Sets whether the discriminator's first layer has a bias.
    pub fn with_d_bias(mut self, d_bias: bool) -> Self {
        self.d_bias = d_bias;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// If the preset has no such image size, if there are neither 1 nor 3 channels, if a width
    /// is 0 or so large that it can only be a mistake, or if `d_bias` is set for preset `tutorial`, whose
    /// layers all have a bias.
    pub fn build(self) -> Result<ModelConfig, ConfigError> {
        let Self {
            preset,
            image_size,
            channels,
            z_dim,
            ngf,
            ndf,
            d_bias,
            ..
        } = self;
        if !preset.image_sizes().contains(&image_size) {
            return Err(ConfigError::ImageSize { preset, image_size });
        }
        if ![1, 3].contains(&channels) {
            return Err(ConfigError::Channels(channels));
        }
        if d_bias && preset == Preset::Tutorial {
            return Err(ConfigError::HasBias(preset));
        }
        ConfigError::check_range("z_dim", z_dim as u64, 1, 65_536)?;
        ConfigError::check_range("ngf", ngf as u64, 1, 1024)?;
        ConfigError::check_range("ndf", ndf as u64, 1, 1024)?;
        if z_dim.saturating_mul(ngf) > MAX_FIRST_LAYER {
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

    /// The distribution of `z`.
    pub fn latent_distribution(&self) -> LatentDistribution {
        self.preset.latent_distribution()
    }

    /// How the generator doubles the side of its maps.
    pub fn upsample(&self) -> Upsample {
        self.upsample.unwrap_or(self.preset.default_upsample())
    }

    /// What normalises the discriminator's hidden layers.
    pub fn d_norm(&self) -> DNorm {
        self.d_norm.unwrap_or(self.preset.default_d_norm())
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
