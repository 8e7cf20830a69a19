//! Where the networks are computed: the CPU by our own kernels, GPUs by Burn's operators.

mod error;
mod kind;
mod listing;

use burn::backend::DispatchDevice;
pub use burn::tensor::Device;

use crate::config::Precision;

pub use self::error::DeviceError;
pub use self::kind::{DeviceKind, DeviceName};
pub use self::listing::{Hardware, Listed, list};

/// The device of this name (`cpu`, `cuda`, `vulkan:1`, `auto`, …), with gradients, once it has
/// shown that it works.
///
/// # Errors
/// A name that is none, and a device that this build or this machine has not, or that does not
/// work.
pub fn by_name(name: &str) -> Result<Device, DeviceError> {
    for_local_rank(name, 0)
}

/// As [`by_name`], for one of several processes on this machine: a name without a number is the
/// GPU whose number is the process's, from the first again where there are more processes.
///
/// # Errors
/// As [`by_name`].
pub fn for_local_rank(name: &str, local_rank: usize) -> Result<Device, DeviceError> {
    let device = match name.parse()? {
        DeviceName::Auto => listing::best(local_rank),
        DeviceName::Of(DeviceKind::Cpu, _) => cpu(),
        DeviceName::Of(kind, Some(index)) => listing::numbered(kind, index)?,
        DeviceName::Of(kind, None) => listing::of_rank(kind, local_rank)?,
    };
    Ok(device.autodiff())
}

/// Whether networks can be trained in these numbers there.
///
/// # Errors
/// If not.
pub fn check_precision(device: &Device, precision: Precision) -> Result<(), DeviceError> {
    if precision == Precision::F32 {
        return Ok(());
    }
    if is_cpu(device) {
        return Err(DeviceError::CpuPrecision(precision));
    }
    let there = listing::precisions(device);
    match there.contains(&precision.name()) {
        true => Ok(()),
        false => Err(DeviceError::Precision {
            wanted: precision,
            there,
        }),
    }
}

/// The CPU, with gradients.
pub fn cpu() -> Device {
    Device::flex().autodiff()
}

/// The device that tests compute on: the CPU, or the one that `DCGAN_TEST_DEVICE` names.
#[cfg(test)]
pub(crate) fn of_tests() -> Device {
    let name = std::env::var("DCGAN_TEST_DEVICE");
    by_name(name.as_deref().unwrap_or("cpu")).unwrap()
}

/// Whether this is the CPU, where our kernels compute and nothing is put off.
pub fn is_cpu(device: &Device) -> bool {
    matches!(
        device.clone().inner().as_dispatch(),
        DispatchDevice::Flex(_)
    )
}

/// Whether this is a GPU that the CPU plays, such as Mesa's llvmpipe.
pub fn is_software(device: &Device) -> bool {
    listing::hardware(&device.clone().inner()) == Hardware::Software
}

/// Does `work` on one of the threads that compute on the CPU, and returns what it returns;
/// where another device computes, it is done here.
///
/// A training step hands out work a thousand times. From a thread of its own, each time would
/// put that thread to sleep and wake another one. On other devices each thread is a queue of its
/// own, and work belongs into the one that its tensors come from.
pub fn in_thread_pool<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    match is_cpu(device) {
        true => in_cpu_thread_pool(work),
        false => work(),
    }
}

/// As [`in_thread_pool`], of what the CPU computes whatever the device is.
pub fn in_cpu_thread_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}
