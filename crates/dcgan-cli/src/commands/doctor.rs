//! `dcgan doctor`: the story of a run.

use anyhow::{Context, Result};
use dcgan::doctor;
use dcgan_render::picture_file::{self, PictureFormat};

use crate::cli::Doctor;
use crate::output;

/// Tells what a run has been through, and draws it.
pub fn run(arguments: &Doctor) -> Result<()> {
    let diagnosis = doctor::diagnose(&arguments.run)?;
    match arguments.json {
        true => output::line(&serde_json::to_string_pretty(&diagnosis)?),
        false => output::text(&diagnosis.to_string()),
    }
    if diagnosis.step == 0 && arguments.out.is_none() {
        return Ok(()); // there is nothing to draw
    }
    let plot = doctor::plot(&diagnosis)?.into();
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => arguments.run.join("doctor.png"),
    };
    let written = picture_file::write(&path, &plot, PictureFormat::Png);
    match (written, &arguments.out) {
        (Ok(()), _) if arguments.json => {}
        (Ok(()), _) => output::line(&format!("Plot: {}", path.display())),
        // the story has been told, and nobody has asked for a file
        (Err(error), None) => output::note(&format!(
            "no plot: cannot write {}: {error}",
            path.display()
        )),
        (Err(error), Some(_)) => {
            return Err(error).with_context(|| format!("cannot write {}", path.display()));
        }
    }
    Ok(())
}
