//! Where networks are computed: on the CPU with this project's kernels, on GPUs with Burn's.
//!
//! Gradients are recorded on every [`Device`] that this module returns.

mod bf16;
mod error;
mod kind;
mod listing;

use burn::backend::DispatchDevice;
pub use burn::tensor::Device;

use crate::config::{ModelConfig, Precision};

pub use self::bf16::{bf16_on_cpu, has_amx_bf16, is_bf16_emulated};
pub use self::error::DeviceError;
pub use self::kind::{DeviceKind, DeviceName};
pub use self::listing::{Hardware, ListedDevice, list};

/// The CPU.
pub fn cpu() -> Device {
    Device::flex().autodiff()
}

/// The device with this name: `cpu`, `cuda`, `vulkan:1`, `auto`, … (see [`DeviceName`]). It has
/// computed a small sum, so it works.
///
/// # Errors
/// If the name is not that of a device, or this build or machine lacks it, or it does not work.
pub fn by_name(name: &str) -> Result<Device, DeviceError> {
    for_local_rank(name, 0)
}

/// As [`by_name`], for one of several processes on this machine. A name without an index selects
/// the GPU whose index is `local_rank`, modulo the number of GPUs.
///
/// # Errors
/// As [`by_name`].
pub fn for_local_rank(name: &str, local_rank: usize) -> Result<Device, DeviceError> {
    let device = match name.parse()? {
        DeviceName::Auto => listing::best(local_rank),
        DeviceName::Kind(DeviceKind::Cpu) => cpu(),
        DeviceName::Kind(kind) => listing::for_local_rank(kind, local_rank)?,
        DeviceName::Indexed(kind, index) => listing::by_index(kind, index)?,
    };
    Ok(device.autodiff())
}

/// Checks that convolutions can be computed in `precision` on `device`.
///
/// # Errors
/// If they cannot.
pub fn check_precision(device: &Device, precision: Precision) -> Result<(), DeviceError> {
    if precision == Precision::F32 {
        return Ok(());
    }
    let supported = listing::precisions(device);
    if supported.contains(&precision) {
        return Ok(());
    }
    Err(match (is_cpu(device), precision) {
        (true, Precision::Bf16) => DeviceError::NoBf16,
        (true, _) => DeviceError::CpuPrecision(precision),
        (false, _) => DeviceError::Precision {
            wanted: precision,
            supported,
        },
    })
}

/// Checks that networks like these can be trained on `device`: on others than the CPU, gradients
/// through spectral norms are not as exact as those of other layers (docs/log.md).
///
/// # Errors
/// If they cannot.
pub fn check_layers(device: &Device, model: &ModelConfig) -> Result<(), DeviceError> {
    if model.spectral_norm && !is_cpu(device) {
        return Err(DeviceError::SpectralNorm);
    }
    Ok(())
}

/// Whether this is the CPU, which computes with this project's kernels, and at once.
pub fn is_cpu(device: &Device) -> bool {
    matches!(
        device.clone().inner().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}

/// Whether this is a GPU emulated by the CPU, such as Mesa's llvmpipe.
pub fn is_software(device: &Device) -> bool {
    listing::hardware(&device.clone().inner()) == Hardware::Software
}

/// Runs `work` in the thread pool that computes on the CPU; for other devices, on this thread.
///
/// A training step hands out work a thousand times. From outside the pool, each time would put
/// the calling thread to sleep and wake another one. On other devices each thread is a queue of
/// its own, and work belongs in the queue of the tensors that it uses.
pub fn in_thread_pool<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    if is_cpu(device) {
        in_cpu_thread_pool(work)
    } else {
        work()
    }
}

/// As [`in_thread_pool`], for work that the CPU does whatever the device is.
pub(crate) fn in_cpu_thread_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}

/// The device that tests use: the CPU, or the one that `DCGAN_TEST_DEVICE` names.
#[cfg(test)]
pub(crate) fn of_tests() -> Device {
    let name = std::env::var("DCGAN_TEST_DEVICE");
    by_name(name.as_deref().unwrap_or("cpu")).unwrap()
}
