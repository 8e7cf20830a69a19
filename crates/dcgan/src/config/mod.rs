//! What there is to choose: the networks ([`ModelConfig`]), the training
//! ([`TrainingConfig`]), the pictures ([`DataConfig`]), how it is saved ([`SavingConfig`]), and all of them together,
//! as a run folder's `config.toml` holds them ([`RunConfig`]).

mod model;
mod precision;
mod run;
mod saving;
mod training;

use thiserror::Error;

pub use model::{LatentDistribution, ModelConfig, Preset};
pub use precision::Precision;
pub use run::{DataConfig, RunConfig};
pub use saving::{Every, OnWriteError, SavingConfig};
pub use training::{Length, TrainingConfig};

/// A setting that cannot work, and what would.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Whether a setting lies in its range.
pub(crate) fn in_range(
    name: &str,
    value: usize,
    least: usize,
    most: usize,
) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError(format!(
        "{name} is {value}: it must be between {least} and {most}"
    )))
}
