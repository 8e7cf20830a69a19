//! The devices of this build on this machine.

use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(any(feature = "vulkan", feature = "metal"))]
use burn::backend::{CubeDevice, DispatchDevice, WgpuDeviceKind};
#[cfg(any(
    feature = "cuda",
    feature = "rocm",
    feature = "metal",
    feature = "vulkan"
))]
use burn::tensor::DeviceType;
use burn::tensor::{Device, FloatDType, Tensor};
use serde::Serialize;

use super::{DeviceError, DeviceKind, bf16_on_cpu, cpu, is_cpu};
use crate::config::Precision;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hardware {
    /// The processor.
    Cpu,
    /// A GPU; its driver does not say which kind.
    Gpu,
    /// A GPU with its own memory.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// A GPU, or a part of one, given to a virtual machine.
    Virtual,
    /// A GPU emulated by the processor.
    Software,
}

/// A device of this machine that this build supports.
#[derive(Debug, Clone, Serialize)]
pub struct ListedDevice {
    /// Its name for [`by_name`](super::by_name).
    pub name: String,
    /// What it is.
    pub hardware: Hardware,
    /// The vendor's name for it; empty if unknown.
    pub adapter: String,
    /// What convolutions can be computed in.
    pub precisions: Vec<Precision>,
    /// Why it does not work, if it does not.
    #[serde(rename = "trouble")]
    pub error: Option<String>,
}

/// All devices of this machine that this build supports, the CPU last.
pub fn list() -> Vec<ListedDevice> {
    let mut listed = Vec::new();
    for kind in DeviceKind::ALL {
        for (index, device) in enumerate_or_empty(kind).iter().enumerate() {
            let name = match kind {
                DeviceKind::Cpu => kind.name().to_owned(),
                _ => format!("{kind}:{index}"),
            };
            listed.push(describe(name, device));
        }
    }
    listed
}

fn describe(name: String, device: &Device) -> ListedDevice {
    let hardware = hardware(device);
    match catch_panic(|| (adapter(device), precisions(device))) {
        Ok((adapter, precisions)) => ListedDevice {
            name,
            hardware,
            adapter,
            precisions,
            error: None,
        },
        Err(error) => ListedDevice {
            name,
            hardware,
            adapter: String::new(),
            precisions: Vec::new(),
            error: Some(error),
        },
    }
}

/// The best working device for the process with this local rank.
pub(super) fn best(local_rank: usize) -> Device {
    let gpus = DeviceKind::ALL.into_iter().filter_map(|kind| {
        let real: Vec<_> = enumerate_or_empty(kind)
            .into_iter()
            .filter(|device| !matches!(hardware(device), Hardware::Software | Hardware::Cpu))
            .collect();
        let device = real.get(local_rank % real.len().max(1))?;
        test(kind.name(), device.clone()).ok()
    });
    gpus.into_iter().next().unwrap_or_else(cpu)
}

/// The device with this kind and index, if it works.
pub(super) fn by_index(kind: DeviceKind, index: usize) -> Result<Device, DeviceError> {
    let devices = enumerate(kind)?;
    let count = devices.len();
    let device = devices.into_iter().nth(index);
    let device = device.ok_or(DeviceError::NoSuchIndex { kind, index, count })?;
    test(&format!("{kind}:{index}"), device)
}

/// The device of this kind for the process with this local rank, if it works. A software renderer
/// is chosen only if there is no GPU.
pub(super) fn for_local_rank(kind: DeviceKind, local_rank: usize) -> Result<Device, DeviceError> {
    let gpus = enumerate(kind)?
        .iter()
        .filter(|device| hardware(device) != Hardware::Software)
        .count();
    by_index(kind, local_rank % gpus.max(1)) // software renderers come last
}

/// The devices of this kind, at least one, software renderers last.
fn enumerate(kind: DeviceKind) -> Result<Vec<Device>, DeviceError> {
    if !kind.is_built_in() {
        return Err(DeviceError::NotBuilt(kind));
    }
    match catch_panic(|| enumerate_unchecked(kind)) {
        Ok(devices) if devices.is_empty() => Err(DeviceError::NotFound(kind)),
        Ok(devices) => Ok(devices),
        Err(reason) => Err(DeviceError::Broken {
            name: kind.name().to_owned(),
            reason,
        }),
    }
}

/// As [`enumerate`], but empty if there is none or the driver fails.
fn enumerate_or_empty(kind: DeviceKind) -> Vec<Device> {
    enumerate(kind).unwrap_or_default()
}

/// As [`enumerate`]; panics where the driver does.
fn enumerate_unchecked(kind: DeviceKind) -> Vec<Device> {
    let mut devices: Vec<Device> = match kind {
        #[cfg(feature = "cuda")]
        DeviceKind::Cuda => Device::enumerate(DeviceType::Cuda).to_vec(),
        #[cfg(feature = "rocm")]
        DeviceKind::Rocm => Device::enumerate(DeviceType::Rocm).to_vec(),
        #[cfg(feature = "metal")]
        DeviceKind::Metal => Device::enumerate(DeviceType::Metal).to_vec(),
        #[cfg(feature = "vulkan")]
        DeviceKind::Vulkan => Device::enumerate(DeviceType::Vulkan).to_vec(),
        DeviceKind::Cpu => vec![cpu()],
        #[allow(unreachable_patterns, reason = "a build can support all kinds")]
        _ => Vec::new(),
    };
    devices.sort_by_key(|device| hardware(device) == Hardware::Software);
    devices
}

/// Checks that a device can add two numbers: a driver without a compiler fails only then.
fn test(name: &str, device: Device) -> Result<Device, DeviceError> {
    if cfg!(feature = "autotune") && hardware(&device) == Hardware::Software {
        return Err(DeviceError::SoftwareRenderer(name.to_owned()));
    }
    let broken = |reason| DeviceError::Broken {
        name: name.to_owned(),
        reason,
    };
    let sum = catch_panic(|| Tensor::<1>::ones([2], &device).sum_dim(0).into_data());
    match sum.map_err(broken)?.iter::<f32>().next() {
        Some(2.0) => Ok(device),
        wrong => Err(broken(format!("it computes 1 + 1 as {wrong:?}"))),
    }
}

pub(super) fn hardware(device: &Device) -> Hardware {
    if is_cpu(device) {
        return Hardware::Cpu;
    }
    #[cfg(any(feature = "vulkan", feature = "metal"))]
    if let DispatchDevice::Cube(CubeDevice::Wgpu(adapter)) = device.as_dispatch() {
        return match adapter.kind {
            WgpuDeviceKind::DiscreteGpu(_) => Hardware::Discrete,
            WgpuDeviceKind::IntegratedGpu(_) => Hardware::Integrated,
            WgpuDeviceKind::VirtualGpu(_) => Hardware::Virtual,
            WgpuDeviceKind::Cpu => Hardware::Software,
            _ => Hardware::Gpu,
        };
    }
    Hardware::Gpu
}

/// The vendor's name for a device; empty if unknown.
fn adapter(device: &Device) -> String {
    #[cfg(any(
        feature = "cuda",
        feature = "rocm",
        feature = "metal",
        feature = "vulkan"
    ))]
    if let Some(identity) = device.identity() {
        return identity.name;
    }
    if is_cpu(device) {
        processor_name().unwrap_or_default()
    } else {
        String::new()
    }
}

fn processor_name() -> Option<String> {
    let mut system = sysinfo::System::new();
    system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
    let brand = system.cpus().first()?.brand().trim().to_owned();
    (!brand.is_empty()).then_some(brand)
}

/// What convolutions can be computed in.
pub(super) fn precisions(device: &Device) -> Vec<Precision> {
    let mut supported = vec![Precision::F32];
    for (precision, dtype) in [
        (Precision::F16, FloatDType::F16),
        (Precision::Bf16, FloatDType::BF16),
    ] {
        let is_supported = match (is_cpu(device), precision) {
            (true, Precision::Bf16) => bf16_on_cpu().is_some(),
            (true, _) => false,
            (false, _) => device.supports_dtype(dtype),
        };
        if is_supported {
            supported.push(precision);
        }
    }
    supported
}

/// The result of `work`, or the first line of its panic: GPU drivers and their bindings panic.
fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        let line = text.and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
        line.unwrap_or("the driver gives no reason")
            .trim()
            .to_owned()
    })
}
