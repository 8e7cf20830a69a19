use thiserror::Error;

use super::DeviceKind;
use crate::config::Precision;

/// Why a device cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Not the name of a device.
    #[error(
        "no device is named '{0}': the names are auto, cpu, cuda, rocm, metal and vulkan, or one of several GPUs, such as cuda:1"
    )]
    UnknownName(String),
    /// This build has no support for this kind of device.
    #[error("this build does not support {0}")]
    NotBuilt(DeviceKind),
    /// This machine has no device of this kind.
    #[error("no {0} device was found on this machine")]
    NotFound(DeviceKind),
    /// This machine has fewer devices of this kind.
    #[error("there is no {kind}:{index}: this machine has {}", numbered(*.kind, *.count))]
    NoSuchIndex {
        /// The kind.
        kind: DeviceKind,
        /// The index asked for.
        index: usize,
        /// The number of devices of this kind, at least one.
        count: usize,
    },
    /// The driver fails.
    #[error("{name} does not work: {reason}")]
    Broken {
        /// The device's name.
        name: String,
        /// What the driver reported.
        reason: String,
    },
    /// The CPU's kernels do not compute in this.
    #[error("the CPU computes in f32 or bf16, not in {0}")]
    CpuPrecision(Precision),
    /// This processor has no instruction for products in bf16.
    #[error("this processor lacks AVX512-BF16, the instructions for products in bf16")]
    NoBf16,
    /// The device does not support this floating-point type.
    #[error("this device computes in {}, not in {wanted}", list(.supported))]
    Precision {
        /// The precision asked for.
        wanted: Precision,
        /// The device's precisions.
        supported: Vec<Precision>,
    },
    /// Spectral norms are computed on the CPU alone.
    #[error("spectral norms are only computed on the CPU so far")]
    SpectralNorm,
    /// A software renderer, in a build whose autotuning can crash it.
    #[error("{0} is a software renderer, which the autotuned kernels of this build can crash")]
    SoftwareRenderer(String),
}

/// `cuda:0 only`, or `cuda:0 to cuda:3`.
fn numbered(kind: DeviceKind, count: usize) -> String {
    if count > 1 {
        format!("{kind}:0 to {kind}:{}", count - 1)
    } else {
        format!("{kind}:0 only")
    }
}

fn list(precisions: &[Precision]) -> String {
    let names: Vec<&str> = precisions.iter().map(|one| one.name()).collect();
    names.join(" and ")
}
