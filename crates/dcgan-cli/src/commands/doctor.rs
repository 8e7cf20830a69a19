//! `dcgan doctor`: what went wrong in a run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use dcgan::doctor;
use dcgan_render::picture_file::{self, PictureFormat};

use crate::shared::drawing::open;
use crate::shared::output;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::words::diagnosis::story;

/// `dcgan doctor`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Doctor {
    /// A run directory; the run may still be training
    pub run: PathBuf,

    /// The plot, a .png, .jpg or .webp [default: RUN/doctor.png]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Show the plot with the system's viewer
    #[arg(long)]
    pub open: bool,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Doctor {
    fn files(&self) -> Files<'_> {
        let files = Files::new(self.replace, []).with_run(&self.run);
        match &self.out {
            Some(path) => files.writing(path),
            None => files, // the plot in the run is left out if another file is in its place
        }
    }
}

const HELP: &str = "\
Each report of a run is checked for these conditions:
  discriminator wins   it is right on more than 99% of real and fake, and sure of it, for
                       200 steps
  collapse             all fakes look alike, in two reports in a row
  partial collapse     more than half of the fakes have a twin, or they are less than 30% as
                       varied as real pictures
  no contrast          the fakes have less than a fifth of the contrast of real pictures, as
                       plain squares and noise do
  few colours          in a quarter of the picture, the fakes have less than 65% of the colours of
                       real pictures, in two reports in a row
  frozen               the same latent vectors give the same pictures as 20 or more steps ago
  oscillation          the generator's loss swings far up and down three times in 200 steps
  diverged             a loss is above 50
  NaN or infinite      a step was refused, and the run went back to a checkpoint
  copies               fakes are half as far from training pictures as these are from each other
  too little data      there are fewer than 1,000 training pictures
Collapse is not reported in the first 1,000 steps unless the fakes were varied before, no contrast
not in the first 1,000 at all, and few colours not in the first 2,000. The measurements are in
metrics.jsonl.

Examples:
  dcgan doctor runs/photos
  dcgan doctor runs/photos --json -o how-it-went.png";

/// Prints the diagnosis of a run and plots it.
pub fn run(arguments: &Doctor) -> Result<()> {
    let diagnosis = doctor::diagnose(&arguments.run)?;
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&diagnosis)?);
    } else {
        output::lines(story(&diagnosis));
    }
    if diagnosis.step == 0 && arguments.out.is_none() {
        return Ok(()); // nothing to plot
    }
    let format = match &arguments.out {
        None => PictureFormat::Png,
        Some(out) => PictureFormat::from_path(out).with_context(|| {
            format!("--out {}: the plot is a .png, .jpg or .webp", out.display())
        })?,
    };
    let plot = doctor::plot(&diagnosis).into();
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => arguments.run.join("doctor.png"),
    };
    let default = Files::new(arguments.replace, []).writing(&path);
    if arguments.out.is_none()
        && let Err(error) = default.check()
    {
        output::note(&format!("no plot: {error}"));
        return Ok(());
    }
    let written = picture_file::write(&path, &plot, format);
    match (written, &arguments.out) {
        (Ok(()), _) => {
            if !arguments.json {
                output::line(&format!("Plot: {}", path.display()));
            }
            if arguments.open {
                open(&path);
            }
        }
        // the diagnosis is printed, and nobody asked for a file
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
