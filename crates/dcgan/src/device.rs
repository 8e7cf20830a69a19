//! Where the networks are computed.

use burn::tensor::Device;

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
