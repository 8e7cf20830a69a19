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

use super::{DeviceError, DeviceKind, cpu, is_cpu};

/// What a device is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hardware {
    /// The processor.
    Cpu,
    /// A GPU.
    Gpu,
    /// A GPU with memory of its own.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// A part of a GPU, as virtual machines have it.
    Virtual,
    /// A GPU that the processor plays.
    Software,
}

/// A device, as `dcgan devices` lists it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// What `--device` takes.
    pub name: String,
    /// What it is made of.
    pub hardware: Hardware,
    /// How its maker calls it.
    pub adapter: String,
    /// What `--precision` takes there.
    pub precisions: Vec<&'static str>,
    /// Why it does not work, if it does not.
    pub trouble: Option<String>,
}

/// All devices of this build on this machine, the CPU last.
pub fn list() -> Vec<Listed> {
    let kinds = DeviceKind::ALL.into_iter();
    let devices = kinds.flat_map(|kind| {
        found_quietly(kind)
            .into_iter()
            .enumerate()
            .map(move |d| (kind, d))
    });
    devices
        .map(|(kind, (index, device))| match kind {
            DeviceKind::Cpu => describe(kind.name().to_owned(), &device),
            _ => describe(format!("{kind}:{index}"), &device),
        })
        .collect()
}

fn describe(name: String, device: &Device) -> Listed {
    let mut listed = Listed {
        name,
        hardware: hardware(device),
        adapter: String::new(),
        precisions: Vec::new(),
        trouble: None,
    };
    match caught(|| (adapter(device), precisions(device))) {
        Ok((adapter, precisions)) => (listed.adapter, listed.precisions) = (adapter, precisions),
        Err(trouble) => listed.trouble = Some(trouble),
    }
    listed
}

/// The best device that works, for the process with this number.
pub(super) fn best(local_rank: usize) -> Device {
    let gpus = DeviceKind::ALL.into_iter().filter_map(|kind| {
        let real: Vec<_> = found_quietly(kind)
            .into_iter()
            .filter(|device| !matches!(hardware(device), Hardware::Software | Hardware::Cpu))
            .collect();
        let device = real.get(local_rank % real.len().max(1))?;
        tried(kind.name(), device.clone()).ok()
    });
    gpus.into_iter().next().unwrap_or_else(cpu)
}

/// The device of this kind with this number, if it works.
pub(super) fn numbered(kind: DeviceKind, index: usize) -> Result<Device, DeviceError> {
    let devices = some(kind)?;
    let count = devices.len();
    let device = devices.into_iter().nth(index);
    let device = device.ok_or(DeviceError::NoSuchNumber { kind, index, count })?;
    tried(&format!("{kind}:{index}"), device)
}

/// The device of this kind for the process with this number, if it works: no software renderer
/// where there is a GPU.
pub(super) fn of_rank(kind: DeviceKind, local_rank: usize) -> Result<Device, DeviceError> {
    let devices = some(kind)?; // software renderers come last
    let is_real = |device: &&Device| hardware(device) != Hardware::Software;
    let real = devices.iter().filter(is_real).count();
    let index = match real {
        0 => 0,
        _ => local_rank % real,
    };
    numbered(kind, index)
}

/// The devices of this kind; an error if there is none.
fn some(kind: DeviceKind) -> Result<Vec<Device>, DeviceError> {
    if !kind.is_built_in() {
        return Err(DeviceError::NotBuilt(kind));
    }
    match caught(|| found(kind)) {
        Ok(devices) if devices.is_empty() => Err(DeviceError::NotFound(kind)),
        Ok(devices) => Ok(devices),
        Err(reason) => Err(DeviceError::Fails {
            name: kind.name().to_owned(),
            reason,
        }),
    }
}

/// The devices of this kind, software renderers last.
fn found(kind: DeviceKind) -> Vec<Device> {
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
        #[allow(unreachable_patterns, reason = "a build may have all of them")]
        _ => Vec::new(),
    };
    devices.sort_by_key(|device| hardware(device) == Hardware::Software);
    devices
}

/// As [`found`]; none where their driver fails.
fn found_quietly(kind: DeviceKind) -> Vec<Device> {
    caught(|| found(kind)).unwrap_or_default()
}

/// The device, if it can add two numbers: a driver without a compiler shows only then.
fn tried(name: &str, device: Device) -> Result<Device, DeviceError> {
    let name = || name.to_owned();
    if cfg!(feature = "autotune") && hardware(&device) == Hardware::Software {
        return Err(DeviceError::Software { name: name() });
    }
    let sum = caught(|| Tensor::<1>::ones([2], &device).sum_dim(0).into_data());
    let sum = sum.map_err(|reason| DeviceError::Fails {
        name: name(),
        reason,
    })?;
    match sum.iter::<f32>().next() {
        Some(2.0) => Ok(device),
        wrong => Err(DeviceError::Fails {
            name: name(),
            reason: format!("1 + 1 is {wrong:?} there"),
        }),
    }
}

/// What a device is made of.
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

/// How its maker calls it.
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
    match sysinfo_cpu() {
        Some(name) if is_cpu(device) => name,
        _ => String::new(),
    }
}

/// How the processor's maker calls it.
fn sysinfo_cpu() -> Option<String> {
    let mut system = sysinfo::System::new();
    system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
    let brand = system.cpus().first()?.brand().trim().to_owned();
    (!brand.is_empty()).then_some(brand)
}

/// What networks can be computed in.
pub(super) fn precisions(device: &Device) -> Vec<&'static str> {
    let narrow = [("f16", FloatDType::F16), ("bf16", FloatDType::BF16)].into_iter();
    let supported = narrow.filter(|(_, dtype)| !is_cpu(device) && device.supports_dtype(*dtype));
    ["f32"]
        .into_iter()
        .chain(supported.map(|(name, _)| name))
        .collect()
}

/// What `work` returns, or what it panicked with: drivers' libraries do.
fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        let line = text.and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
        line.unwrap_or("its driver gives no reason")
            .trim()
            .to_owned()
    })
}
