//! The losses of both networks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// What both networks minimise.
///
/// To add one: a variant and its name here, and its formulas in `loss.rs`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Binary cross-entropy, the paper's (Goodfellow et al. 2014, with the non-saturating loss).
    #[default]
    Bce,
    /// The hinge loss (Lim and Ye 2017, arXiv 1705.02894): pictures that are classified with a
    /// margin of 1 no longer count.
    Hinge,
    /// The relativistic pairing loss (Jolicoeur-Martineau 2018; R3GAN, arXiv 2501.05441): each real
    /// picture should have a larger logit than the fake at its place in the batch.
    Relativistic,
}

impl Loss {
    /// All losses.
    pub const ALL: [Self; 3] = [Self::Bce, Self::Hinge, Self::Relativistic];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bce => "bce",
            Self::Hinge => "hinge",
            Self::Relativistic => "relativistic",
        }
    }

    /// Whether this is the default, which `config.toml` leaves out.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Loss {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        ConfigError::find_name("loss", name, &Self::ALL, Self::name)
    }
}
