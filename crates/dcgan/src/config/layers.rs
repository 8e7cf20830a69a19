//! How the generator enlarges its maps, and what normalises the discriminator's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How a generator doubles the side of its maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Upsample {
    /// Transposed convolutions of stride 2, as in the paper.
    Transposed,
    /// Each pixel twice in each direction, then a 3×3 convolution (Odena et al. 2016,
    /// "Deconvolution and Checkerboard Artifacts").
    Nearest,
    /// Linear interpolation, with zeros beyond the border, then a 3×3 convolution.
    Bilinear,
}

impl Upsample {
    /// All ways, in the order in which help texts name them.
    pub const ALL: [Self; 3] = [Self::Transposed, Self::Nearest, Self::Bilinear];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transposed => "transposed",
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
        }
    }
}

impl fmt::Display for Upsample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Upsample {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        ConfigError::find_name("upsampling", name, &Self::ALL, Self::name)
    }
}

/// What normalises the hidden layers of a discriminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DNorm {
    /// Batch norm, as in the paper.
    Batch,
    /// Nothing: the layers have biases instead.
    None,
}

impl DNorm {
    /// All kinds, in the order in which help texts name them.
    pub const ALL: [Self; 2] = [Self::Batch, Self::None];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::None => "none",
        }
    }
}

impl fmt::Display for DNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DNorm {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        ConfigError::find_name("norm", name, &Self::ALL, Self::name)
    }
}
