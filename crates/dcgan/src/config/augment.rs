//! How pictures are augmented before the discriminator sees them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738), the same for real pictures and
/// fakes, so that the discriminator cannot learn the real ones by heart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Augment {
    /// Pictures as they are.
    #[default]
    None,
    /// Colours and translation, half as strong as in `Full`.
    Light,
    /// Colours, translation and cutout, as published.
    Full,
    /// As `Full`, each with a probability that rises while the discriminator overfits and falls while
    /// it does not (Karras et al. 2020, arXiv 2006.06676).
    Auto,
}

impl Augment {
    /// All kinds, in the order in which help texts name them.
    pub const ALL: [Self; 4] = [Self::None, Self::Light, Self::Full, Self::Auto];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Light => "light",
            Self::Full => "full",
            Self::Auto => "auto",
        }
    }

    /// Whether this is the default, which `config.toml` leaves out.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Augment {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        ConfigError::find_name("augmentation", name, &Self::ALL, Self::name)
    }
}
