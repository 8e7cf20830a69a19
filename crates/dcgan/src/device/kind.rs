//! The names of devices.

use std::fmt;
use std::str::FromStr;

use super::DeviceError;

/// A kind of hardware and the interface it is used through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Rocm,
    /// Apple GPUs.
    Metal,
    /// GPUs of any vendor.
    Vulkan,
    /// The processor.
    Cpu,
}

impl DeviceKind {
    /// All kinds, in the order of preference of [`DeviceName::Auto`].
    pub const ALL: [Self; 5] = [Self::Cuda, Self::Rocm, Self::Metal, Self::Vulkan, Self::Cpu];

    /// Its name, which is also the name of the Cargo feature that adds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Metal => "metal",
            Self::Vulkan => "vulkan",
            Self::Cpu => "cpu",
        }
    }

    /// Whether this build supports it.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Rocm => cfg!(feature = "rocm"),
            Self::Metal => cfg!(feature = "metal"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Cpu => true,
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a device: `auto`, `cpu`, `cuda`, `vulkan:1`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceName {
    /// The best device that this build supports and this machine has.
    Auto,
    /// A device of this kind.
    Kind(DeviceKind),
    /// The device of this kind with this index, from 0.
    Indexed(DeviceKind, usize),
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, DeviceError> {
        if name == "auto" {
            return Ok(Self::Auto);
        }
        let unknown = || DeviceError::UnknownName(name.to_owned());
        let (kind, index) = match name.split_once(':') {
            Some((kind, index)) => (kind, Some(index)),
            None => (name, None),
        };
        let found = DeviceKind::ALL.into_iter().find(|one| one.name() == kind);
        match (found.ok_or_else(unknown)?, index) {
            (kind, None) => Ok(Self::Kind(kind)),
            (DeviceKind::Cpu, Some(_)) => Err(unknown()),
            (kind, Some(index)) => {
                let index = index.parse().map_err(|_| unknown())?;
                Ok(Self::Indexed(kind, index))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_kind_with_or_without_an_index() {
        let parse = |name: &str| name.parse::<DeviceName>();
        assert_eq!(parse("auto").unwrap(), DeviceName::Auto);
        for kind in DeviceKind::ALL {
            assert_eq!(parse(kind.name()).unwrap(), DeviceName::Kind(kind));
        }
        let vulkan = DeviceName::Indexed(DeviceKind::Vulkan, 12);
        assert_eq!(parse("vulkan:12").unwrap(), vulkan);
        for wrong in [
            "", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "CUDA", "auto:1",
        ] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("'{wrong}'")), "{error}");
        }
    }
}
