//! Devices that cannot be used.

use dcgan::device::{DeviceError, DeviceKind};

pub fn hint(error: &DeviceError) -> Option<String> {
    let hint = match error {
        DeviceError::NotBuilt(kind) => {
            return Some(format!("`{}` adds it", build_command(*kind)));
        }
        DeviceError::NotFound(kind) => {
            let needs = requirements(*kind);
            return Some(format!(
                "{needs}; `dcgan devices` lists the devices of this machine"
            ));
        }
        DeviceError::UnknownName(_) | DeviceError::NoSuchIndex { .. } => {
            "`dcgan devices` lists the devices of this machine"
        }
        DeviceError::CpuPrecision(_) | DeviceError::NoBf16 => {
            "omit --precision to compute in f32, or choose a GPU with --device"
        }
        DeviceError::Precision { .. } => {
            "choose one of these with --precision; `dcgan devices` lists those of every device"
        }
        DeviceError::SpectralNorm => "omit --spectral-norm, or choose --device cpu",
        DeviceError::SoftwareRenderer(_) => {
            "take --device cpu, which is many times faster, or build without the feature autotune"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The command that builds this program with support for `kind`, and for everything that this
/// build supports already.
pub fn build_command(kind: DeviceKind) -> String {
    let mut features: Vec<_> = DeviceKind::ALL
        .into_iter()
        .filter(|&gpu| gpu != DeviceKind::Cpu && (gpu == kind || gpu.is_built_in()))
        .map(DeviceKind::name)
        .collect();
    if kind == DeviceKind::Vulkan {
        features.push("autotune"); // the others imply it
    }
    format!("cargo build --release --features {}", features.join(","))
}

fn requirements(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cuda => "it needs an NVIDIA GPU and its driver (libcuda; try nvidia-smi)",
        DeviceKind::Rocm => "it needs an AMD GPU and ROCm (libamdhip64; try rocminfo)",
        DeviceKind::Metal => "it needs macOS on a Mac with a GPU",
        DeviceKind::Vulkan => "it needs a GPU and its Vulkan driver (try vulkaninfo)",
        DeviceKind::Cpu => "every machine has one",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_command_keeps_the_features_of_this_build_and_adds_one() {
        let command = build_command(DeviceKind::Cuda);
        assert!(command.contains("cuda"), "{command}");
        assert_eq!(command.contains("vulkan"), cfg!(feature = "vulkan"));
        let command = build_command(DeviceKind::Vulkan);
        assert!(command.ends_with("vulkan,autotune"), "{command}");
    }
}
