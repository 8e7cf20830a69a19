//! What rank 0 writes.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};
use image::DynamicImage;

use super::abandoned::Abandoned;
use super::drawing::{Drawing, read_grid, write_plot};
use super::metrics::{MetricsLine, MetricsLog, best};
use super::repairs::{self, Repairs};
use super::report::{Report, means};
use super::run_directory::RunDirectory;
use super::times::Times;
use crate::checkpoint::{DataSummary, FileHeader, FileKind, save_checkpoint};
use crate::config::{Every, OnWriteError, RunConfig};
use crate::evaluation::Evaluation;
use crate::train::critic::{Comparison, detect};
use crate::train::schedule::{Due, Schedule};
use crate::train::state::State;
use crate::train::{Condition, StepMetrics, TrainError};
use dcgan_support::trace::span;
use dcgan_support::{atomic_file, printable};

/// The files of a run.
pub(in crate::train) struct RootJournal {
    directory: RunDirectory,
    config: Arc<RunConfig>,
    data: DataSummary,
    metrics: MetricsLog,
    times: Times,
    repairs: Repairs,
    /// Steps refused since the last line of the metrics.
    refused: Vec<u64>,
    last_checkpoint: Instant,
    last_evaluation: Instant,
    /// Why the newest files could not be written, in a run that continues anyway.
    write_error: Option<TrainError>,
}

impl RootJournal {
    /// Writes `config.toml` and cuts the metrics back to `step`. `refused` are the steps after it
    /// that were refused.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn open(
        directory: RunDirectory,
        config: Arc<RunConfig>,
        data: DataSummary,
        step: u64,
        refused: Vec<u64>,
    ) -> Result<Self, TrainError> {
        let (metrics, repairs) = repairs::open(&directory, &config, step)?;
        let _ = fs::remove_file(directory.failure()); // of an earlier attempt
        Ok(Self {
            times: Times::open(&directory.times(), step),
            directory,
            config,
            data,
            metrics,
            repairs,
            refused,
            last_checkpoint: Instant::now(),
            last_evaluation: Instant::now(),
            write_error: None,
        })
    }

    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    pub fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// What was found changed in the directory.
    pub fn repairs(&self) -> &Repairs {
        &self.repairs
    }

    /// Why the newest files could not be written, in a run that continues anyway.
    pub fn write_error(&self) -> Option<&TrainError> {
        self.write_error.as_ref()
    }

    /// As [`write_error`](Self::write_error), which is `None` afterwards.
    pub fn take_write_error(&mut self) -> Option<TrainError> {
        self.write_error.take()
    }

    /// Starts the clock, before the first step.
    pub fn start_clock(&mut self) {
        self.times.start();
    }

    /// Leaves this time out of that of the training.
    pub fn exclude(&mut self, time: Duration) {
        self.times.exclude(time);
    }

    /// Whether the time between two checkpoints has passed, and that between two evaluations.
    pub fn what_is_overdue(&self) -> (bool, bool) {
        let is_overdue = |every, last: Instant| match every {
            Some(Every::Time(time)) => last.elapsed() >= time,
            Some(Every::Steps(_)) | None => false,
        };
        (
            is_overdue(self.config.saving.checkpoint_every, self.last_checkpoint),
            is_overdue(self.config.evaluation.every, self.last_evaluation),
        )
    }

    /// What the last scheduled report found wrong.
    pub fn conditions(&self) -> &[Condition] {
        let mut lines = self.metrics.lines().iter().rev();
        let report = lines.find(|line| line.health.is_some());
        report.map_or(&[], |line| &line.conditions)
    }

    /// The fakes of the report of `step`; `None` if their grid is missing or has another size.
    pub fn stored_fakes(&self, step: u64) -> Option<Vec<DynamicImage>> {
        if step == 0 {
            return None;
        }
        read_grid(&self.directory.fake_grid(step), &self.config.model)
    }

    /// Whether the fakes of a step are nearer to the real pictures than those of all others.
    pub fn is_best(&self, step: u64) -> bool {
        best(self.metrics.lines()).is_some_and(|best| best.step == step)
    }

    /// Adds what a step measured, how its fakes compare if it has a scheduled report, and the
    /// figures of an evaluation.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(
        &mut self,
        step: u64,
        epoch: u64,
        metrics: StepMetrics,
        comparison: Option<Comparison>,
        evaluation: Option<Evaluation>,
    ) -> Result<(), TrainError> {
        if evaluation.is_some() {
            self.last_evaluation = Instant::now();
        }
        let mut line = MetricsLine {
            step,
            epoch,
            metrics,
            distance: comparison.map(|comparison| comparison.distance),
            health: comparison.map(|comparison| comparison.health),
            evaluation,
            conditions: Vec::new(),
            refused: std::mem::take(&mut self.refused),
        };
        line.conditions = detect(self.metrics.lines(), &line, self.data.pictures);
        let written = self.metrics.push(line);
        self.tolerate(written)
    }

    /// Writes what is due. `real` is the last batch.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(
        &mut self,
        state: &State,
        schedule: &Schedule,
        due: Due,
        drawing: Option<&Drawing>,
        real: Tensor<4>,
    ) -> Result<(), TrainError> {
        let written = self.write(state, schedule, due, drawing, real);
        if written.is_ok() {
            self.write_error = None; // these files replace those that could not be written
        }
        self.tolerate(written)
    }

    fn write(
        &mut self,
        state: &State,
        schedule: &Schedule,
        due: Due,
        drawing: Option<&Drawing>,
        real: Tensor<4>,
    ) -> Result<(), TrainError> {
        self.check_directory(state.step)?;
        self.metrics.sync()?;
        self.times.write(state.step)?;
        let header = self.header(state);
        if let Some(drawing) = drawing {
            let discriminator = &state.gan.discriminator.model;
            let lines = self.metrics.lines();
            drawing.write(&self.directory, discriminator, real, &header, lines)?;
        }
        if due.checkpoint {
            let path = self.directory.checkpoint(state.step);
            span("checkpoint", || save_checkpoint(&path, &state.gan, &header))?;
            self.remove_old_checkpoints(state.step, schedule)?;
            self.last_checkpoint = Instant::now();
        }
        Ok(())
    }

    /// Saves the state before the first step, so that the run never needs what it started from again.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save_start(&self, state: &State) -> Result<(), TrainError> {
        let path = self.directory.checkpoint(state.step);
        Ok(save_checkpoint(&path, &state.gan, &self.header(state))?)
    }

    /// The header of a checkpoint of `state`.
    fn header(&self, state: &State) -> FileHeader {
        FileHeader {
            schema: FileHeader::SCHEMA,
            kind: FileKind::Checkpoint,
            model: self.config.model.clone(),
            step: state.step,
            retries: state.retries,
            refused: self.refused.clone(),
            data: self.data.clone(),
            run: Some(RunConfig::clone(&self.config)),
        }
    }

    /// Keeps the newest checkpoints, the best one, the one that a rollback would lead to, and the
    /// one that would be the best then.
    fn remove_old_checkpoints(&self, step: u64, schedule: &Schedule) -> Result<(), TrainError> {
        let lines = self.metrics.lines();
        let saved = self.directory.list_checkpoints()?;
        let mut steps = saved.iter().map(|checkpoint| checkpoint.step);
        let target = steps.find(|&saved| saved <= step && schedule.allows_rollback_to(saved));
        let until = lines.partition_point(|line| line.step <= target.unwrap_or(0));
        let best = [best(lines), best(&lines[..until])].into_iter().flatten();
        let mut needed: Vec<u64> = best.map(|best| best.step).collect();
        needed.extend(target);
        let keep = self.config.saving.keep;
        self.directory.remove_old_checkpoints(step, keep, &needed)
    }

    /// Checks that the directory is still there and that no other process trains in it. Creates
    /// it again in a run that continues after write errors.
    fn check_directory(&mut self, step: u64) -> Result<(), TrainError> {
        if self.directory.config().exists() {
            let is_replaced = self.metrics.is_replaced();
            return self.directory.keep_lock(is_replaced);
        }
        match self.config.saving.on_write_error {
            OnWriteError::Continue => self.directory.recreate(&self.config),
            OnWriteError::Stop => Err(TrainError::DirectoryMissing {
                path: self.directory.path().to_owned(),
                step,
            }),
        }
    }

    /// Keeps a write error for later in a run that continues after them.
    fn tolerate(&mut self, written: Result<(), TrainError>) -> Result<(), TrainError> {
        match (written, self.config.saving.on_write_error) {
            (Err(error), OnWriteError::Continue) if error.is_write_error() => {
                self.write_error = Some(error);
                Ok(())
            }
            (written, _) => written,
        }
    }

    /// The report of `step`, the newest, with the means over the steps since the last scheduled
    /// report.
    pub fn report(&self, step: u64, epoch: u64) -> Report {
        let lines = self.metrics.lines();
        let earlier = lines.iter().take_while(|line| line.step < step);
        let previous = earlier.filter(|line| line.is_report()).last();
        let newest = lines.last();
        Report {
            step,
            epoch,
            means: means(lines, previous.map_or(0, |line| line.step)),
            health: newest.and_then(|line| line.health),
            distance: newest.and_then(|line| line.distance),
            conditions: newest.map_or_else(Vec::new, |line| line.conditions.clone()),
            fake_grid: self.directory.fake_grid(step),
            real_grid: self.directory.real_grid(step),
        }
    }

    /// Brings the directory back to `state`, from which the run continues after step `bad` turned
    /// out non-finite. What is newer is set aside. The refused steps of the lines that are cut off
    /// move to the next line.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn roll_back_to(
        &mut self,
        state: &State,
        bad: u64,
        device: &Device,
    ) -> Result<(), TrainError> {
        let cut_off = self.metrics.cut_back(state.step);
        let mut refused: Vec<u64> = cut_off
            .iter()
            .flat_map(|line| line.refused.clone())
            .collect();
        refused.append(&mut self.refused);
        refused.push(bad);
        self.refused = refused;
        let written = self.write_rollback(state, &cut_off, device);
        self.tolerate(written)
    }

    /// A run that is killed in here resumes either from `state` or from the same checkpoint as
    /// before the rollback, which then comes again.
    fn write_rollback(
        &mut self,
        state: &State,
        cut_off: &[MetricsLine],
        device: &Device,
    ) -> Result<(), TrainError> {
        self.check_directory(state.step)?;
        let abandoned = Abandoned::new(&self.directory, state.retries);
        abandoned.set_aside(state.step, cut_off)?;
        // with the number of retries in it, the newest checkpoint of all
        let header = self.header(state);
        save_checkpoint(&self.directory.checkpoint(state.step), &state.gan, &header)?;
        self.last_checkpoint = Instant::now();
        self.metrics.sync()?;
        if state.step == 0 {
            return abandoned.set_aside_report();
        }
        if abandoned.has_newer_report(state.step) {
            write_plot(&self.directory, self.metrics.lines())?;
            let discriminator = &state.gan.discriminator.model;
            Drawing::new(&state.gan, device).write_weights(
                &self.directory,
                discriminator,
                &header,
            )?;
        }
        Ok(())
    }

    /// The error of a run that is non-finite at `step` again. Written into the directory for
    /// those who look at the run later.
    pub fn give_up(&mut self, step: u64) -> TrainError {
        let lines = self.metrics.lines().iter();
        let mut refused: Vec<u64> = lines.flat_map(|line| line.refused.clone()).collect();
        refused.append(&mut self.refused);
        let error = TrainError::NotFinite { step, refused };
        // if this fails too, the error is still reported now
        let line = printable::line(&error.to_string()) + "\n";
        let _ = atomic_file::write(&self.directory.failure(), |file| {
            file.write_all(line.as_bytes())
        });
        error
    }
}
