//! Why there is no such device.

use thiserror::Error;

use super::DeviceKind;
use crate::config::Precision;

/// Why a device cannot be had.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// A name that is none.
    #[error(
        "there is no device '{0}': it is cpu, auto, cuda, rocm, metal or vulkan, and a number where there are several, such as cuda:1"
    )]
    Unknown(String),
    /// A kind that this build lacks.
    #[error("this dcgan was built without {kind}: `{command}` builds one that has it", kind = .0, command = .0.build_command())]
    NotBuilt(DeviceKind),
    /// A kind that this machine lacks.
    #[error("no {kind} device was found on this machine: {hint}; `dcgan devices` tells what there is", kind = .0, hint = .0.hint())]
    NotFound(DeviceKind),
    /// A number of a device that this machine lacks.
    #[error(
        "there is no {kind}:{index}: this machine has {kind}:0{to}; `dcgan devices` tells more",
        to = if *.count > 1 { format!(" to {kind}:{}", .count - 1) } else { " alone".to_owned() }
    )]
    NoSuchNumber {
        /// The kind.
        kind: DeviceKind,
        /// The number asked for.
        index: usize,
        /// How many there are, at least one.
        count: usize,
    },
    /// A device whose driver fails.
    #[error("{name} does not work: {reason}")]
    Fails {
        /// Its name.
        name: String,
        /// What its driver said.
        reason: String,
    },
    /// Numbers that the CPU's kernels do not compute in.
    #[error("--precision {0}: the CPU's kernels compute in f32; give a GPU by --device")]
    CpuPrecision(Precision),
    /// Numbers that a device does not compute in.
    #[error(
        "--precision {wanted}: this device does not compute in {wanted}, but in {}; `dcgan devices` tells more",
        .there.join(" and ")
    )]
    Precision {
        /// What was asked for.
        wanted: Precision,
        /// What there is.
        there: Vec<&'static str>,
    },
    /// A GPU that the CPU plays, in a build whose trials of kernels crash it.
    #[error(
        "{name} is a software renderer, and kernels that this build tries at first can crash it: give --device cpu, which is many times faster, or build without the feature autotune"
    )]
    Software {
        /// Its name.
        name: String,
    },
}
