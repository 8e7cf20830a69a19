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
mod precision;
mod ranks;
mod resumable;
mod resume;
mod start;
mod tensorboard;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use dcgan::ranks::Ranks;
use dcgan::train::{
    Outcome, Progress, RunDirectory, TrainError, Trainer, best, distances, read_metrics,
};
use dcgan_data::Dataset;
use dcgan_support::trace;
use indicatif::HumanDuration;

use self::arguments::Settings;
pub use self::arguments::Train;
pub use self::command::{command_of, options_of};
use self::display::Display;
use self::plan::Plan;
use self::tensorboard::TensorBoard;
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

/// Reads the pictures of a training that is not begun, as it would see them.
///
/// # Errors
/// If the settings or the pictures cannot be used.
pub fn read_pictures(arguments: &Train) -> Result<Arc<Dataset>> {
    let plan = Plan::try_from(arguments)?;
    Ok(load::load(&plan.request(), &arguments.cache)?.0)
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
    let Some(mut training) = Training::begin(ranks, arguments)? else {
        return trace::stop().context("the --trace file could not be written");
    };
    let began = Instant::now();
    let mut display = Display::new(&training.trainer, &training.directory);
    let outcome = interrupt::stopping_when_asked(|| {
        training.run(&interrupt::requested, &mut |progress| {
            display.show(progress);
        })
    });
    let Training {
        trainer, directory, ..
    } = training;
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
                how_it_ended(&directory, &trainer),
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

/// A training that is about to begin, or to go on.
pub struct Training {
    /// What trains.
    pub trainer: Trainer,
    /// Where the run is.
    pub directory: RunDirectory,
    board: Option<TensorBoard>,
}

impl Training {
    /// Starts or resumes the run that the arguments ask for. `None` if there is nothing left to train.
    ///
    /// # Errors
    /// If the settings, the pictures or the directory cannot be used.
    pub fn begin(ranks: &Ranks, arguments: &Train) -> Result<Option<Self>> {
        let (trainer, directory) = match &arguments.resume {
            Some(run) => match resume::resume(run, ranks, arguments)? {
                Some(resumed) => resumed,
                None => return Ok(None),
            },
            None => start::start(ranks, arguments)?,
        };
        words::set_run(directory.path());
        let board = tensorboard::open(arguments.tensorboard, &trainer, &directory)?;
        Ok(Some(Self {
            trainer,
            directory,
            board,
        }))
    }

    /// Trains to the last step, or until `should_stop` returns true.
    ///
    /// # Errors
    /// As [`Trainer::run`].
    pub fn run(
        &mut self,
        should_stop: &dyn Fn() -> bool,
        after_step: &mut dyn FnMut(&Progress),
    ) -> Result<Outcome, TrainError> {
        let board = &mut self.board;
        self.trainer.run(should_stop, &mut |progress| {
            after_step(progress);
            *board = board.take().and_then(|board| board.follow(progress));
        })
    }
}

/// Whether the pictures can be expected to show something, and if so the best step, if one is known.
fn how_it_ended(directory: &RunDirectory, trainer: &Trainer) -> String {
    let usual = trainer.config().usual_steps();
    if trainer.step() < usual {
        return format!(
            " It is early: pictures are usually still noise or blurs until about step {usual}."
        );
    }
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
