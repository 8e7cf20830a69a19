//! The names of devices.

use std::fmt;
use std::str::FromStr;

use super::DeviceError;

/// What computes, and through which interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// NVIDIA's GPUs.
    Cuda,
    /// AMD's GPUs.
    Rocm,
    /// Apple's GPUs.
    Metal,
    /// GPUs of any maker.
    Vulkan,
    /// This machine's processor.
    Cpu,
}

impl DeviceKind {
    /// All kinds, in the order in which `auto` chooses.
    pub const ALL: [Self; 5] = [Self::Cuda, Self::Rocm, Self::Metal, Self::Vulkan, Self::Cpu];

    /// Its name on the command line, and of its cargo feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Metal => "metal",
            Self::Vulkan => "vulkan",
            Self::Cpu => "cpu",
        }
    }

    /// Whether this build can compute there.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Rocm => cfg!(feature = "rocm"),
            Self::Metal => cfg!(feature = "metal"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Cpu => true,
        }
    }

    /// The command that builds a program with this kind of device, and with those that this one
    /// has already.
    pub fn build_command(self) -> String {
        let gpus = Self::ALL.iter().filter(|&&kind| kind != Self::Cpu);
        let wanted = gpus.filter(|&&kind| kind == self || kind.is_built_in());
        let mut features: Vec<_> = wanted.map(|kind| kind.name()).collect();
        if self == Self::Vulkan {
            features.push("autotune"); // the others imply it
        }
        format!("cargo build --release --features {}", features.join(","))
    }

    /// What to look at where there is none on this machine.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Cuda => "it needs an NVIDIA GPU and its driver (libcuda, seen by nvidia-smi)",
            Self::Rocm => "it needs an AMD GPU and ROCm (libamdhip64, seen by rocminfo)",
            Self::Metal => "it needs macOS on a Mac with a GPU",
            Self::Vulkan => "it needs a GPU and its Vulkan driver (seen by vulkaninfo)",
            Self::Cpu => "there always is one",
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name as `--device` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceName {
    /// The best that build and machine have.
    Auto,
    /// One of this kind, or the one with this number, from 0.
    Of(DeviceKind, Option<usize>),
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown(name.to_owned());
        if name == "auto" {
            return Ok(Self::Auto);
        }
        let (kind, index) = match name.split_once(':') {
            Some((kind, index)) => (kind, Some(index.parse().map_err(|_| unknown())?)),
            None => (name, None),
        };
        let named = DeviceKind::ALL.into_iter().find(|one| one.name() == kind);
        match (named, index) {
            (None, _) | (Some(DeviceKind::Cpu), Some(_)) => Err(unknown()),
            (Some(kind), index) => Ok(Self::Of(kind, index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kinds_with_a_number_or_without() {
        let parse = |name: &str| name.parse::<DeviceName>();
        assert_eq!(parse("auto").unwrap(), DeviceName::Auto);
        for kind in DeviceKind::ALL {
            assert_eq!(parse(kind.name()).unwrap(), DeviceName::Of(kind, None));
        }
        let vulkan = DeviceName::Of(DeviceKind::Vulkan, Some(12));
        assert_eq!(parse("vulkan:12").unwrap(), vulkan);
        for wrong in [
            "", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "CUDA", "auto:1",
        ] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("'{wrong}'")), "{error}");
        }
    }

    #[test]
    fn the_build_command_keeps_what_is_there_and_adds_what_is_not() {
        let command = DeviceKind::Cuda.build_command();
        assert!(command.contains("cuda"), "{command}");
        assert_eq!(command.contains("vulkan"), cfg!(feature = "vulkan"));
        let command = DeviceKind::Vulkan.build_command();
        assert!(command.ends_with("vulkan,autotune"), "{command}");
    }
}
