//! Where the networks are computed.

pub use burn::tensor::Device;

use crate::config::ConfigError;

/// The device of this name, with gradients.
///
/// # Errors
/// A name that this build has no device for.
pub fn by_name(name: &str) -> Result<Device, ConfigError> {
    match name {
        "cpu" => Ok(Device::flex().autodiff()),
        _ => Err(ConfigError(format!(
            "no device '{name}' in this build: there is cpu"
        ))),
    }
}

/// Does `work` on one of the threads that compute, and returns what it returns.
///
/// A training step hands out work a thousand times. From a thread of its own, each time would
/// put that thread to sleep and wake another one.
pub fn on_workers<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}
