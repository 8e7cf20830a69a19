//! `--dry-run`: what a run would be, without it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use dcgan::bench;
use dcgan::device::{check_layers, check_precision};
use dcgan::ranks::Ranks;
use dcgan::train::{RunDirectory, TrainError};
use indicatif::HumanDuration;

use super::arguments::Train;
use super::fit::Fitted;
use super::plan::Plan;
use super::{load, memory, precision};
use crate::shared::output;
use crate::words::counted;

/// Timed steps, after some that are not.
const TIMED_STEPS: usize = 3;

/// Reads the pictures, and prints the settings, memory and time of the run. Nothing is written, except
/// a cache of the pictures.
pub fn show(ranks: &Ranks, arguments: &Train) -> Result<()> {
    if !ranks.is_alone() {
        bail!("--dry-run plans for one process: omit mpirun");
    }
    let plan = Plan::try_from(arguments)?;
    let device = arguments.compute.open_device()?;
    check_precision(&device, plan.config.training.precision)?;
    check_layers(&device, &plan.config.model)?;
    precision::check(&plan.config)?;
    let (dataset, summary) = load::load(&plan.request(), &arguments.cache)?;
    if dataset.len() < 2 {
        return Err(TrainError::TooFewPictures(summary.source).into());
    }
    let Fitted { mut config, notes } = plan.fit(&dataset)?;
    config.data.levels = dataset.options().levels;
    let memory = if arguments.ignore_memory {
        None
    } else {
        memory::check(&mut config, dataset.len(), ranks, &device)?
    };
    notes.iter().for_each(|note| output::note(note));
    output::lines(config.to_toml()?.lines());
    output::line("");
    let skipped = match dataset.skipped().len() {
        0 => String::new(),
        count => format!(" ({count} cannot be read)"),
    };
    output::line(&format!("{}{skipped}", counted(dataset.len(), "picture")));
    if let Some(memory) = memory {
        output::line(&memory::line(&memory));
    }
    let training = &config.training;
    let timed = bench::Plan {
        batch_size: training.batch_size,
        steps: TIMED_STEPS,
        precision: training.precision,
        profile: false,
    };
    let seconds = bench::train(&config.model, &timed, &device)?.median_seconds;
    let batches = (dataset.len() / training.batch_size) as u64;
    let steps_per_epoch = (batches / u64::from(training.d_steps)).max(1);
    let steps = training.length.total_steps(steps_per_epoch);
    let total = Duration::try_from_secs_f64(seconds * steps as f64).unwrap_or(Duration::MAX);
    output::line(&format!(
        "time: {} of {seconds:.2} s, {} in all, with reports and evaluations somewhat more",
        counted(steps, "step"),
        HumanDuration(total)
    ));
    if training.gradient_penalty.is_some() || training.d_steps > 1 {
        output::line(
            "that is the time of steps without a gradient penalty and with one update of the discriminator; \
             these take longer",
        );
    }
    let is_free = |path: &PathBuf| RunDirectory::open_shared(path).is_err();
    match plan.directories().find(is_free) {
        Some(out) => output::line(&format!(
            "the run would be in {}; nothing was written",
            out.display()
        )),
        None => output::line(&format!(
            "{} holds a run already: give another --out",
            plan.out.display()
        )),
    }
    Ok(())
}
