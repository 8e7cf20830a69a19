//! `dcgan train`: starts a run, or resumes one.

mod arguments;
mod command;
mod defaults;
mod display;
mod dry_run;
mod fit;
mod load;
mod memory;
mod plan;
mod ranks;
mod resumable;
mod resume;
mod start;
mod tensorboard;

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use dcgan::ranks::Ranks;
use dcgan::train::{Outcome, RunDirectory, best, distances, read_metrics};
use dcgan_support::trace;
use indicatif::HumanDuration;

use self::arguments::Settings;
pub use self::arguments::Train;
pub use self::command::command_of;
use self::display::Display;
use crate::shared::compute::limit_threads;
use crate::shared::quoted::quoted;
use crate::shared::targets::WritesFiles;
use crate::shared::{interrupt, output};
use crate::words;

pub use self::ranks::{abort_all as abort_ranks, wait_for_abort};

/// The settings that a run keeps when it is resumed, as the arguments of a command.
pub fn settings() -> clap::Command {
    Settings::augment_args(clap::Command::new("settings"))
}

/// Trains, alone or with other processes.
pub fn run(arguments: &Train) -> Result<()> {
    let ranks = ranks::connect(arguments.rank_timeout)?;
    let threads = arguments.compute.threads;
    limit_threads(threads.or_else(|| ranks::threads_per_rank(&ranks)))?;
    if ranks.is_root() {
        train(&ranks, arguments)?;
    } else {
        ranks::follow(&ranks, arguments)?;
    }
    ranks.finish();
    Ok(())
}

/// Trains on rank 0, which writes and reports.
fn train(ranks: &Ranks, arguments: &Train) -> Result<()> {
    arguments.files().prepared(|| prepared(ranks, arguments))
}

fn prepared(ranks: &Ranks, arguments: &Train) -> Result<()> {
    if arguments.dry_run {
        return dry_run::show(ranks, arguments);
    }
    if let Some(path) = &arguments.trace {
        trace::start(path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (mut trainer, directory) = match &arguments.resume {
        Some(run) => match resume::resume(run, ranks, arguments)? {
            Some(resumed) => resumed,
            None => return trace::stop().context("the --trace file could not be written"),
        },
        None => start::start(ranks, arguments)?,
    };
    words::set_run(directory.path());
    let began = Instant::now();
    let mut board = tensorboard::open(arguments.tensorboard, &trainer, &directory)?;
    let mut display = Display::new(&trainer, &directory);
    let outcome = interrupt::stopping_when_asked(|| {
        trainer.run(&interrupt::requested, &mut |progress| {
            display.show(progress);
            board = board.take().and_then(|board| board.follow(progress));
        })
    });
    display.finish();
    let traced = trace::stop();
    let run = quoted(directory.path());
    match outcome? {
        Outcome::Complete => {
            let time = HumanDuration(began.elapsed());
            let samples = directory.fake_grid(trainer.step());
            output::line(&format!(
                "Done: {} in {time}.{} Samples: {}",
                words::counted(trainer.step(), "step"),
                best_step(&directory),
                samples.display()
            ));
            output::line(&format!("Draw pictures:   dcgan sample {run}"));
            output::line(&format!("Judge the run:   dcgan doctor {run}"));
        }
        Outcome::Stopped => output::line(&format!(
            "Stopped at step {}. Everything is saved; resume with `dcgan train --resume {run}`.",
            trainer.step()
        )),
    }
    traced.context("the run is saved, but the --trace file could not be written")
}

/// The best step, if one is known.
fn best_step(directory: &RunDirectory) -> String {
    let lines = read_metrics(&directory.metrics()).unwrap_or_default(); // only a remark
    let Some(best) = best(&lines) else {
        return String::new();
    };
    match distances(&lines, best.measure).next_back() {
        Some(last) if best.is_clearly_better_than(last.distance) => {
            format!(" Best at step {}: --checkpoint best draws it.", best.step)
        }
        Some(last) if best.step < last.step => {
            format!(
                " The last step is about as good as the best, {}.",
                best.step
            )
        }
        _ => " The last step is the best.".to_owned(),
    }
}
