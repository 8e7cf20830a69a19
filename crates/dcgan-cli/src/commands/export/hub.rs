//! `--hub`: a folder for the Hugging Face hub.

use std::path::Path;

use anyhow::Result;
use dcgan::Generator;
use dcgan::train::{RunDirectory, read_metrics};
use dcgan_export::hub::{self, HubModel};

use super::network::Exported;
use crate::commands::train::command_of;
use crate::shared::{files, output};

/// Writes the folder of a generator. `run` is what it was exported from.
pub fn write(folder: &Path, generator: &Generator, exported: &Exported, run: &Path) -> Result<()> {
    let published = exported.run.as_ref().map(hub::published);
    let step = exported.header.step;
    let evaluation = RunDirectory::open_shared(run).ok().and_then(|run| {
        let lines = read_metrics(&run.metrics()).unwrap_or_default(); // weights need no metrics
        let mut made = lines.iter().rev().filter(|line| line.step <= step);
        made.find_map(|line| Some((line.step, line.evaluation?)))
    });
    let model = HubModel {
        name: name_of(run),
        generator: generator.clone(),
        header: exported.header.clone(),
        is_averaged: exported.is_averaged,
        command: published.as_ref().map(command_of),
        run: published,
        evaluation,
    };
    files::in_folder(folder, || Ok(hub::write(folder, &model)?))?;
    for name in hub::FILES {
        output::detail(&format!("wrote {}", folder.join(name).display()));
    }
    Ok(())
}

/// The name of a run or a weight file.
fn name_of(run: &Path) -> String {
    let full = run.canonicalize();
    let path = full.as_deref().unwrap_or(run);
    let name = if path.is_dir() {
        path.file_name()
    } else {
        path.file_stem()
    };
    name.unwrap_or_default().to_string_lossy().into_owned()
}
