//! Why a benchmark cannot run.

use thiserror::Error;

use crate::config::ConfigError;
use crate::device::DeviceError;
use crate::memory::MemoryError;
use crate::model::ModelError;

/// Why a benchmark cannot run.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The networks cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The batch size or the number of steps is out of range.
    #[error(transparent)]
    Range(#[from] ConfigError),
    /// The device does not support the precision.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Memory does not suffice.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
