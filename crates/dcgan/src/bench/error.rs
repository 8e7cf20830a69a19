//! What cannot be measured.

use thiserror::Error;

use crate::config::ConfigError;
use crate::memory::MemoryError;
use crate::model::ModelError;

/// Why there is nothing to measure.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The networks cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A number out of its range.
    #[error(transparent)]
    Range(#[from] ConfigError),
    /// More than there is memory for.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
