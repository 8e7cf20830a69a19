//! Where the networks are computed.

use burn::backend::DispatchDevice;
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

/// Whether this is the CPU, where our kernels compute and nothing is put off.
pub fn is_cpu(device: &Device) -> bool {
    matches!(
        device.clone().inner().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}

/// Does `work` on one of the threads that compute on the CPU, and returns what it returns;
/// where another device computes, it is done here.
///
/// A training step hands out work a thousand times. From a thread of its own, each time would
/// put that thread to sleep and wake another one. On other devices each thread is a queue of its
/// own, and work belongs into the one that its tensors come from.
pub fn on_workers<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    match is_cpu(device) {
        true => on_cpu_workers(work),
        false => work(),
    }
}

/// As [`on_workers`], of what the CPU computes whatever the device is.
pub fn on_cpu_workers<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}
