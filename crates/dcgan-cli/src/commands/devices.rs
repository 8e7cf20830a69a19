//! `dcgan devices`: lists what this binary can compute on, on this machine.

use anyhow::Result;
use clap::Args;
use dcgan::device::{self, DeviceKind, Hardware, ListedDevice};
use serde::Serialize;

use crate::shared::output;
use crate::words;

/// `dcgan devices`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Devices {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  dcgan devices
  dcgan train photos/ --device cuda:1
  dcgan train photos/ --device auto     use the best device";

/// What `--json` prints.
#[derive(Serialize)]
struct Listing {
    devices: Vec<ListedDevice>,
    /// Kinds that this binary supports.
    built_in: Vec<&'static str>,
    /// Kinds that it does not support, and how to build it with them.
    lacking: Vec<Lacking>,
}

#[derive(Serialize)]
struct Lacking {
    kind: &'static str,
    build: String,
}

/// Prints the list.
pub fn run(arguments: &Devices) -> Result<()> {
    let (built_in, lacking): (Vec<_>, Vec<_>) = DeviceKind::ALL
        .into_iter()
        .partition(|kind| kind.is_built_in());
    let listing = Listing {
        devices: device::list(),
        built_in: built_in.into_iter().map(DeviceKind::name).collect(),
        lacking: lacking
            .into_iter()
            .map(|kind| Lacking {
                kind: kind.name(),
                build: words::device::build_command(kind),
            })
            .collect(),
    };
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&listing)?);
    } else {
        print(&listing);
    }
    Ok(())
}

fn print(listing: &Listing) {
    let row = |name: &str, hardware: &str, precisions: &str, adapter: &str| {
        let row = format!("{name:<10} {hardware:<18} {precisions:<14} {adapter}");
        output::line(row.trim_end());
    };
    row("device", "kind", "precisions", "adapter");
    for device in &listing.devices {
        let adapter = match &device.error {
            Some(error) => format!("does not work: {error}"),
            None if device.hardware == Hardware::Cpu => {
                format!("{} ({})", device.adapter, bf16_on_cpu())
            }
            None => device.adapter.clone(),
        };
        let precisions: Vec<_> = device.precisions.iter().map(|one| one.name()).collect();
        let precisions = precisions.join(" ");
        row(
            &device.name,
            hardware_name(device.hardware),
            &precisions,
            &adapter,
        );
    }
    for kind in &listing.built_in {
        let name = |device: &ListedDevice| device.name.split(':').next() == Some(kind);
        if !listing.devices.iter().any(name) {
            row(kind, "none found", "", "");
        }
    }
    for Lacking { kind, build } in &listing.lacking {
        row(
            kind,
            "not in this build",
            "",
            &format!("build with `{build}`"),
        );
    }
}

/// Whether the CPU computes in bf16.
fn bf16_on_cpu() -> &'static str {
    match device::bf16_on_cpu() {
        None => "no AVX512-BF16",
        Some(_) if device::is_bf16_emulated() => "no AVX512-BF16: bf16 is emulated, and slow",
        Some(bf16) if bf16.has_tiles() => "with AMX-BF16",
        Some(_) => "with AVX512-BF16",
    }
}

fn hardware_name(hardware: Hardware) -> &'static str {
    match hardware {
        Hardware::Cpu => "processor",
        Hardware::Gpu => "GPU",
        Hardware::Discrete => "discrete GPU",
        Hardware::Integrated => "integrated GPU",
        Hardware::Virtual => "virtual GPU",
        Hardware::Software => "software renderer",
    }
}
