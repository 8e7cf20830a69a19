//! `dcgan doctor`: the story of a run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use dcgan::doctor;
use dcgan_render::picture_file::{self, PictureFormat};

use crate::shared::output;
use crate::words::diagnosis::Story;

/// `dcgan doctor`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Doctor {
    /// A run folder; the run may be training
    pub run: PathBuf,

    /// The plot, a .png [default: doctor.png in the run folder]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Everything as JSON
    #[arg(long)]
    pub json: bool,
}

const HELP: &str = "\
What is looked for at each report of a training:
  discriminator wins   right about more than 99% of real and fake, and sure of it, for 200 steps
  collapse             the fakes are all alike, in two reports one after the other
  partial collapse     more than half of them have a twin, or they vary by less than 30%
  frozen               the same latent vectors give the same pictures as 20 or more steps before
  oscillation          the generator's loss swings far above and far below, thrice in 200 steps
  diverged             losses above 50
  NaN or infinite      steps were refused, and the run went back to a checkpoint
  copies               fakes are half as far from training pictures as these from each other
  too little data      fewer than 1,000 training pictures
A generator that has not drawn different pictures yet has 1,000 steps for it. What is measured
lies in metrics.jsonl.

Examples:
  dcgan doctor runs/photos
  dcgan doctor runs/photos --json -o how-it-went.png";

/// Tells what a run has been through, and draws it.
pub fn run(arguments: &Doctor) -> Result<()> {
    let diagnosis = doctor::diagnose(&arguments.run)?;
    if arguments.json {
        output::line(&serde_json::to_string_pretty(&diagnosis)?);
    } else {
        output::text(&Story(&diagnosis).to_string());
    }
    if diagnosis.step == 0 && arguments.out.is_none() {
        return Ok(()); // there is nothing to draw
    }
    let plot = doctor::plot(&diagnosis).into();
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
