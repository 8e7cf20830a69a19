//! The loop: batch after batch through [`training_step`], with a report every
//! so many steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};

use super::feed::Feed;
use super::health::{Condition, Look, Points, Yardstick, judge, look};
use super::measured::{Measured, StepMetrics};
use super::metrics::{MetricsLine, MetricsLog};
use super::progress::{Outcome, Step};
use super::report::{self, Drawing, Report};
use super::saving::{self, Clock, Due};
use super::step::training_step;
use super::together::Wishes;
use super::{RunFolder, SavedRun, TrainError};
use crate::checkpoint::DataSummary;
use crate::config::RunConfig;
use crate::device::check_precision;
use crate::gan::Gan;
use crate::ranks::Share;
use dcgan_data::Dataset;
use dcgan_support::trace::span;

/// A run in progress.
pub struct Trainer {
    pub(super) gan: Gan,
    pub(super) config: RunConfig,
    pub(super) folder: RunFolder,
    pub(super) dataset: Arc<Dataset>,
    pub(super) data: DataSummary,
    pub(super) device: Device,
    /// The part of each batch that is this rank's.
    pub(super) share: Share,
    /// Steps made.
    pub(super) step: u64,
    pub(super) metrics: MetricsLog,
    /// What the last steps measured that is not read back from the device yet.
    pub(super) pending: Vec<Measured>,
    /// How often the training went back from what was no number; part of the noise's key.
    pub(super) retries: u64,
    /// The steps that were refused since the last one that was not.
    pub(super) refused: Vec<u64>,
    /// The last step with a report.
    pub(super) reported: u64,
    pub(super) clock: Clock,
    /// What fakes are compared with, once they were.
    pub(super) yardstick: Option<Yardstick>,
    /// The fakes of the last report by plan, and its step.
    pub(super) before: Option<(u64, Points)>,
    /// What the disk had against the newest files, in a run that goes on all the same.
    pub(super) trouble: Option<TrainError>,
}

impl Trainer {
    /// Begins a run: writes its configuration and draws the first weights.
    ///
    /// # Errors
    /// A configuration that cannot work, and what the disk has against it.
    pub fn start(
        config: RunConfig,
        folder: RunFolder,
        dataset: Arc<Dataset>,
        data: DataSummary,
        device: Device,
    ) -> Result<Self, TrainError> {
        if dataset.len() < 2 {
            return Err(TrainError::TooFewPictures(data.source));
        }
        check_precision(&device, config.training.precision)?;
        folder.write_config(&config)?;
        let metrics = MetricsLog::open(&folder.metrics(), 0)?;
        Self::beginning(config, folder, (dataset, data), device, metrics)
    }

    /// A training that has made no step.
    pub(super) fn beginning(
        config: RunConfig,
        folder: RunFolder,
        (dataset, data): (Arc<Dataset>, DataSummary),
        device: Device,
        metrics: MetricsLog,
    ) -> Result<Self, TrainError> {
        let gan = Gan::new(&config.model, &config.training, &device)?;
        let batch_size = config.training.batch_size;
        Ok(Self {
            gan,
            config,
            folder,
            dataset,
            data,
            device,
            share: Share::of_one(batch_size),
            step: 0,
            metrics,
            pending: Vec::new(),
            retries: 0,
            refused: Vec::new(),
            reported: 0,
            clock: Clock::start(),
            yardstick: None,
            before: None,
            trouble: None,
        })
    }

    /// Goes on with a run; true beside it if the pictures are no longer those
    /// that it was trained on.
    ///
    /// # Errors
    /// Fewer pictures than a batch, a run that is complete, and what the disk
    /// has against it.
    pub fn resume(
        saved: SavedRun,
        dataset: Arc<Dataset>,
        data: DataSummary,
    ) -> Result<(Self, bool), TrainError> {
        let batch_size = saved.config.training.batch_size;
        if dataset.len() < batch_size {
            return Err(TrainError::FewerThanABatch {
                source_name: data.source,
                pictures: dataset.len(),
                batch_size,
            });
        }
        let changed = saved
            .fingerprint
            .is_some_and(|known| known != data.fingerprint);
        let trainer = Self {
            metrics: MetricsLog::open(&saved.folder.metrics(), saved.step)?,
            gan: saved.gan,
            config: saved.config,
            folder: saved.folder,
            dataset,
            data,
            device: saved.device,
            share: Share::of_one(batch_size),
            step: saved.step,
            pending: Vec::new(),
            retries: saved.retries,
            refused: Vec::new(),
            reported: saved.step,
            clock: Clock::start(),
            yardstick: None,
            before: None,
            trouble: None,
        };
        check_precision(&trainer.device, trainer.config.training.precision)?;
        if trainer.step >= trainer.total_steps() {
            let (path, step) = (trainer.folder.path().to_owned(), trainer.step);
            return Err(TrainError::Complete { path, step });
        }
        trainer.folder.write_config(&trainer.config)?;
        let _ = std::fs::remove_file(trainer.folder.failure()); // it may go well this time
        Ok((trainer, changed))
    }

    /// The configuration, as `config.toml` has it.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// The networks as they are.
    pub fn gan(&self) -> &Gan {
        &self.gan
    }

    /// The folder that it writes to.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Steps made.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Steps of an epoch: whole batches alone.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.dataset.len() / self.config.training.batch_size).max(1) as u64
    }

    /// The number of the last step.
    pub fn total_steps(&self) -> u64 {
        self.config
            .training
            .length
            .total_steps(self.steps_per_epoch())
    }

    /// What the last report by plan found wrong.
    pub fn conditions(&self) -> &[Condition] {
        let mut lines = self.metrics.lines().iter().rev();
        let report = lines.find(|line| line.health.is_some());
        report.map_or(&[], |line| &line.conditions)
    }

    /// The newest grid of fakes.
    pub fn newest_grid(&self) -> PathBuf {
        self.folder.fake_grid(self.step)
    }

    /// Trains to the last step, or until `should_stop` says so, which saves first.
    ///
    /// # Errors
    /// Losses or weights that are no numbers whatever the noise, pictures that have gone, and
    /// what the disk has against a file; the newest checkpoint is then still good.
    pub fn run(
        &mut self,
        should_stop: &dyn Fn() -> bool,
        after_step: &mut dyn FnMut(&Step),
    ) -> Result<Outcome, TrainError> {
        let mut feed = self.feed()?;
        let mut stop = false;
        let mut begun = Instant::now();
        while self.step < self.total_steps() && !stop {
            let (real, waited) = feed.next()?;
            let noise = span("noise", || self.step_noise());
            let measured = span("step", || training_step(&mut self.gan, real.clone(), noise));
            self.pending.push(measured);
            self.step += 1;
            if self.step < self.total_steps() {
                feed.stage();
            }
            let wishes = self.wishes_of_all(should_stop());
            stop = wishes.stop;
            let due = self.due(wishes);
            let read = self.read_back(due);
            let took = begun.elapsed();
            if let Some(step) = self.first_bad(due, &read) {
                self.refuse(step, &read)?;
                feed = self.feed()?;
                continue;
            }
            self.check_replicas(due)?;
            if self.share.ranks().is_root() {
                let report = self.write_down(due, &read, real)?;
                self.tell([waited, took], &read, report.as_ref(), after_step);
            }
            self.wait_for_root(due);
            if !read.is_empty() {
                begun = Instant::now();
            }
        }
        match self.trouble.take() {
            Some(trouble) if stop || self.step >= self.total_steps() => Err(trouble),
            _ if self.step < self.total_steps() => Ok(Outcome::Stopped),
            _ => Ok(Outcome::Complete),
        }
    }

    /// The batches from the step on that is to be made next.
    fn feed(&self) -> Result<Feed, TrainError> {
        let training = &self.config.training;
        let per_epoch = self.steps_per_epoch();
        let (epoch, index) = (self.step / per_epoch, self.step % per_epoch);
        let (from, rows) = ([training.seed, epoch, index], self.share.rows());
        let batch = (training.batch_size, rows);
        Ok(Feed::start(&self.dataset, from, batch, &self.device)?)
    }

    /// What the step just made asks for.
    fn due(&self, wishes: Wishes) -> Due {
        let ends = wishes.stop || self.step == self.total_steps();
        let by_plan = self.step.is_multiple_of(self.config.training.report_every);
        let report = by_plan || ends;
        let saving = &self.config.saving;
        Due {
            by_plan,
            report,
            checkpoint: ends || wishes.checkpoint || saving::is_due(saving, self.step, report),
        }
    }

    /// Writes what is due of the steps just read back; `real` is the last batch.
    fn write_down(
        &mut self,
        mut due: Due,
        read: &[StepMetrics],
        real: Tensor<4>,
    ) -> Result<Option<Report>, TrainError> {
        let Some((&newest, earlier)) = read.split_last() else {
            return Ok(None); // nothing is due either
        };
        for (step, &metrics) in (self.first_of(read)..).zip(earlier) {
            self.keep(step, metrics, None)?;
        }
        let drawing = due
            .report
            .then(|| span("draw fakes", || Drawing::of(&self.gan, &self.device)));
        let look = match (due.by_plan, &drawing) {
            (true, Some(drawing)) => Some(look(self, drawing)?),
            _ => None, // a stop changes nothing in the metrics
        };
        let distance = look.map(|look| look.distance);
        due.checkpoint |= saving::is_best(self.metrics.lines(), distance);
        self.keep(self.step, newest, look)?;
        if due.anything() {
            span("write files", || {
                saving::save(self, due, drawing.as_ref(), real)
            })?;
        }
        Ok(due.report.then(|| self.report()))
    }

    /// Writes down what a step measured.
    pub(super) fn keep(
        &mut self,
        step: u64,
        metrics: StepMetrics,
        look: Option<Look>,
    ) -> Result<(), TrainError> {
        let mut line = MetricsLine {
            step,
            epoch: self.epoch_of(step),
            metrics,
            distance: look.map(|look| look.distance),
            health: look.map(|look| look.health),
            conditions: Vec::new(),
            refused: std::mem::take(&mut self.refused),
        };
        if line.health.is_some() {
            line.conditions = judge(self.metrics.lines(), &line, self.data.pictures);
        }
        let pushed = self.metrics.push(line);
        saving::tolerate(self, pushed)
    }

    /// Tells of the step just made.
    fn tell(
        &self,
        [waited, took]: [Duration; 2],
        read: &[StepMetrics],
        report: Option<&Report>,
        after_step: &mut dyn FnMut(&Step),
    ) {
        let (total, per_epoch) = (self.total_steps(), self.steps_per_epoch());
        after_step(&Step {
            step: self.step,
            total_steps: total,
            epoch: self.epoch(),
            total_epochs: total.div_ceil(per_epoch),
            step_of_epoch: (self.step - 1) % per_epoch + 1,
            steps_per_epoch: per_epoch,
            waited,
            read,
            took,
            report,
            trouble: self.trouble.as_ref(),
        });
    }

    /// The epoch of the step just made, counted from 1.
    fn epoch(&self) -> u64 {
        self.epoch_of(self.step)
    }

    fn epoch_of(&self, step: u64) -> u64 {
        step.saturating_sub(1) / self.steps_per_epoch() + 1
    }

    fn report(&mut self) -> Report {
        let previous = std::mem::replace(&mut self.reported, self.step);
        let lines = self.metrics.lines();
        let newest = lines.last();
        Report {
            step: self.step,
            epoch: self.epoch(),
            means: report::means(lines, previous),
            health: newest.and_then(|line| line.health),
            conditions: newest.map_or_else(Vec::new, |line| line.conditions.clone()),
            fake_grid: self.folder.fake_grid(self.step),
            real_grid: self.folder.real_grid(self.step),
        }
    }
}
