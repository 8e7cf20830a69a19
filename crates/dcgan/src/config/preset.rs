//! Presets: published pairs of networks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ConfigError, DNorm, TrainingOptions, Upsample};

/// A named pair of networks.
///
/// To add one: a variant here, its `Properties`, its layers in `model/generator/mod.rs`
/// and `model/discriminator/mod.rs`, the tensor names that `pytorch/detect.rs` knows, and how the
/// program trains it if that is not the paper's way (`dcgan-cli`, `commands/train/defaults.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The popular CelebA tutorial: a wide generator, a discriminator without padding.
    Tutorial,
    /// The official PyTorch faces tutorial and `pytorch/examples`.
    Pytorch,
    /// Radford, Metz and Chintala 2016, Figure 1, with the details of their released code.
    Paper,
    /// The networks of `pytorch`, but narrow: first results within minutes.
    Small,
    /// The networks for good pictures within half an hour on a laptop: nearest-neighbour
    /// upsampling with 3×3 convolutions up to full size.
    Laptop,
}

/// What distinguishes a preset besides its layers.
struct Properties {
    /// Its name on the command line and in files.
    name: &'static str,
    /// Sides of the pictures in pixels.
    image_sizes: &'static [usize],
    /// Default width of the generator.
    ngf: usize,
    /// Default width of the discriminator.
    ndf: usize,
    latent: LatentDistribution,
    /// How its generator doubles the side of its maps.
    upsample: Upsample,
    /// What normalises its discriminator's hidden layers.
    d_norm: DNorm,
    /// Whether its discriminator's first layer gets a bias.
    d_bias: bool,
    /// Steps at a learning rate of 0.0002 after which pictures usually show something.
    usual_steps: u64,
}

impl Preset {
    /// All presets, in the order in which help texts name them.
    pub const ALL: [Preset; 5] = [
        Preset::Tutorial,
        Preset::Pytorch,
        Preset::Paper,
        Preset::Small,
        Preset::Laptop,
    ];

    fn properties(self) -> Properties {
        match self {
            Preset::Tutorial => Properties {
                name: "tutorial",
                image_sizes: &[64],
                ngf: 128,
                ndf: 32,
                latent: LatentDistribution::Normal,
                upsample: Upsample::Transposed,
                d_norm: DNorm::Batch,
                d_bias: false,
                usual_steps: 1000,
            },
            Preset::Pytorch => Properties {
                name: "pytorch",
                image_sizes: &[32, 64, 128, 256],
                ngf: 64,
                ndf: 64,
                latent: LatentDistribution::Normal,
                upsample: Upsample::Transposed,
                d_norm: DNorm::Batch,
                d_bias: false,
                usual_steps: 1000,
            },
            Preset::Paper => Properties {
                name: "paper",
                image_sizes: &[32, 64, 128, 256],
                ngf: 128,
                ndf: 128,
                latent: LatentDistribution::Uniform,
                upsample: Upsample::Transposed,
                d_norm: DNorm::Batch,
                d_bias: false,
                usual_steps: 1000,
            },
            Preset::Small => Properties {
                name: "small",
                image_sizes: &[64],
                ngf: 24,
                ndf: 16,
                latent: LatentDistribution::Normal,
                upsample: Upsample::Transposed,
                d_norm: DNorm::Batch,
                d_bias: false,
                usual_steps: 1500,
            },
            Preset::Laptop => Properties {
                name: "laptop",
                image_sizes: &[32, 64, 128, 256],
                ngf: 24,
                ndf: 32,
                latent: LatentDistribution::Normal,
                upsample: Upsample::Nearest,
                d_norm: DNorm::Batch,
                d_bias: true,
                usual_steps: 1000,
            },
        }
    }

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// The sides of the pictures, in pixels, that its networks can be built for.
    pub fn image_sizes(self) -> &'static [usize] {
        self.properties().image_sizes
    }

    /// The distribution of its latent vectors.
    pub fn latent_distribution(self) -> LatentDistribution {
        self.properties().latent
    }

    pub(super) fn default_ngf(self) -> usize {
        self.properties().ngf
    }

    pub(super) fn default_ndf(self) -> usize {
        self.properties().ndf
    }

    pub(super) fn default_upsample(self) -> Upsample {
        self.properties().upsample
    }

    /// The steps after which pictures usually show something at this learning rate of the generator; see
    /// [`RunConfig::usual_steps`](super::RunConfig::usual_steps).
    pub fn usual_steps(self, learning_rate: f64) -> u64 {
        let rate = learning_rate / TrainingOptions::default().learning_rate;
        (self.properties().usual_steps as f64 / rate.clamp(0.25, 4.0)).ceil() as u64
    }

    pub(super) fn default_d_norm(self) -> DNorm {
        self.properties().d_norm
    }

    pub(super) fn default_d_bias(self) -> bool {
        self.properties().d_bias
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
        ConfigError::find_name("preset", name, &Self::ALL, Self::name)
    }
}

/// The distribution that latent vectors are drawn from, independently for each coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatentDistribution {
    /// N(0, 1).
    Normal,
    /// U(−1, 1), the paper's choice.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_through_text_and_files() {
        for preset in Preset::ALL {
            assert_eq!(preset.to_string().parse(), Ok(preset));
            let json = serde_json::to_string(&preset).unwrap();
            assert_eq!(json, format!("\"{preset}\""));
        }
        let error = "big".parse::<Preset>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no preset 'big': there are tutorial, pytorch, paper, small, laptop"
        );
    }
}
