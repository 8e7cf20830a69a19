//! What cannot be measured.

use thiserror::Error;

use crate::config::ConfigError;
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
    #[error(
        "a batch of {batch_size} needs about {needed_mib} MiB or more, and {available_mib} MiB are free: {advice}"
    )]
    Memory {
        /// Pictures in the batch.
        batch_size: usize,
        /// What they need at the least, in MiB.
        needed_mib: u64,
        /// What the system can give, in MiB.
        available_mib: u64,
        /// What would fit.
        advice: String,
    },
}
