//! `--device`.

use anyhow::Result;
use dcgan::device::{self, Device};

use crate::cli::ComputeArguments;
use crate::output;

/// The device asked for.
pub fn open(arguments: &ComputeArguments) -> Result<Device> {
    let device = device::by_name(&arguments.device)?;
    if device::is_software(&device) {
        output::note(&format!(
            "{} is a software renderer, good for trying things out alone: --device cpu is many times faster",
            arguments.device
        ));
    }
    Ok(device)
}
