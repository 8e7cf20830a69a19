//! The loop: one batch after another through [`training_step`], with reports and checkpoints.

use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};

use super::critic::Critic;
use super::distributed;
use super::feed::Feed;
use super::journal::{Drawing, Journal};
use super::noise::Draws;
use super::progress::{Outcome, Progress};
use super::recover;
use super::schedule::{Due, Requests, Schedule};
use super::state::State;
use super::step::{discriminator_step, training_step};
use super::window::{ReadSteps, Window};
use super::{Condition, Measured, Repairs, Report, StepMetrics, TrainError};
use crate::buffer;
use crate::config::RunConfig;
use crate::device::is_cpu;
use crate::evaluation::Evaluation;
use crate::gan::Gan;
use crate::ranks::{Ranks, RanksError, Share};
use crate::sample::estimate_statistics;
use dcgan_data::Dataset;
use dcgan_support::trace::span;

/// A run in progress.
pub struct Trainer {
    config: Arc<RunConfig>,
    dataset: Arc<Dataset>,
    device: Device,
    schedule: Schedule,
    /// This rank's part of each batch.
    share: Share,
    state: State,
    critic: Critic,
    journal: Journal,
    /// After which steps of which attempts tests make the weights NaN.
    #[cfg(test)]
    pub(super) poison: Vec<(u64, u64)>,
}

impl Trainer {
    /// A trainer in this state, on whole batches.
    pub(super) fn new(
        config: Arc<RunConfig>,
        dataset: Arc<Dataset>,
        device: Device,
        state: State,
        journal: Journal,
    ) -> Self {
        Self {
            schedule: Schedule::new(&config, dataset.len() as u64),
            share: Share::of_one(config.training.batch_size),
            critic: Critic::new(Arc::clone(&dataset)),
            config,
            dataset,
            device,
            state,
            journal,
            #[cfg(test)]
            poison: Vec::new(),
        }
    }

    /// Splits each batch across `ranks`, all of which call this. They start from the state of
    /// rank 0.
    ///
    /// # Errors
    /// If the batch is too small for the number of ranks.
    pub fn with_ranks(mut self, ranks: Ranks) -> Result<Self, TrainError> {
        let is_root = ranks.is_root();
        self.share = match Share::new(ranks, self.config.training.batch_size) {
            Ok(share) => share,
            Err(_) if !is_root => return Err(RanksError::ReportedByRoot.into()),
            Err(error) => return Err(error.into()),
        };
        self.state = self.state_of_root(self.state.clone())?;
        Ok(self)
    }

    /// The configuration of the run.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// The networks in their current state.
    pub fn gan(&self) -> &Gan {
        &self.state.gan
    }

    /// The state, to be disturbed.
    #[cfg(test)]
    pub(super) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Steps made.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// Steps in an epoch; it leaves out pictures that do not fill a batch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.schedule.steps_per_epoch()
    }

    /// The number of the last step.
    pub fn total_steps(&self) -> u64 {
        self.schedule.total_steps()
    }

    /// The ranks that train together.
    pub fn ranks(&self) -> &Ranks {
        self.share.ranks()
    }

    /// What was found changed in the run directory; `None` on other ranks than 0.
    pub fn repairs(&self) -> Option<&Repairs> {
        match &self.journal {
            Journal::Root(journal) => Some(journal.repairs()),
            Journal::Silent => None,
        }
    }

    /// What the last scheduled report found wrong.
    pub fn conditions(&self) -> &[Condition] {
        match &self.journal {
            Journal::Root(journal) => journal.conditions(),
            Journal::Silent => &[],
        }
    }

    /// Trains to the last step, or until `should_stop` returns true, and saves the run then.
    /// Calls `after_step` on rank 0.
    ///
    /// # Errors
    /// If losses or weights are non-finite after several rollbacks, a picture cannot be read
    /// ([`TrainError::Lost`]: everything is saved), or a file cannot be written. The newest
    /// checkpoint is intact in each case.
    pub fn run(
        &mut self,
        should_stop: &dyn Fn() -> bool,
        after_step: &mut dyn FnMut(&Progress),
    ) -> Result<Outcome, TrainError> {
        if let Journal::Root(_) = &self.journal {
            self.critic.prepare(&self.config.evaluation)?; // before there are steps to lose
        }
        self.ranks().wait_for_all("rank 0 to read pictures");
        let mut feed = self.feed()?;
        if let Journal::Root(journal) = &mut self.journal {
            journal.start_clock();
        }
        let mut window = Window::default();
        let mut stop = false;
        let mut last_read = Instant::now();
        while !stop && self.state.step < self.total_steps() {
            let (real, waited) = self.real_pictures(&mut feed)?;
            window.push(self.make_step(&real));
            let real = real.into_iter().next_back().expect("a step has a batch");
            let is_last = self.state.step >= self.total_steps();
            let lost = if is_last { None } else { feed.prefetch().err() };

            let requests = self.requests(should_stop() || lost.is_some());
            stop = requests.stop;
            let due = self.schedule.due(self.state.step, requests);
            let read = self.read_back(&mut window, due);
            let took = last_read.elapsed();
            if let Some(bad) = self.first_non_finite(&read, due) {
                self.state = self.roll_back(bad, &read)?;
                feed = self.feed()?;
                continue;
            }

            self.follow(read.metrics());
            self.check_replicas(due)?;
            let evaluation = self.evaluate(due, should_stop)?;
            let report = self.record(&read, due, evaluation, real)?;
            if let Journal::Root(journal) = &self.journal {
                after_step(&Progress {
                    step: self.state.step,
                    total_steps: self.total_steps(),
                    epoch: self.schedule.epoch_of(self.state.step),
                    total_epochs: self.schedule.total_epochs(),
                    step_of_epoch: self.schedule.step_of_epoch(self.state.step),
                    steps_per_epoch: self.steps_per_epoch(),
                    waited,
                    read: read.metrics(),
                    took,
                    report: report.as_ref(),
                    evaluation,
                    write_error: journal.write_error(),
                });
            }
            self.wait_for_root(due);
            if let Some(error) = lost {
                self.end(true)?; // unless a file could not be written
                return Err(TrainError::Lost {
                    step: self.state.step,
                    source: error,
                });
            }
            if !read.is_empty() {
                last_read = Instant::now();
            }
        }
        self.end(stop)
    }

    /// The batches from the next step on.
    fn feed(&self) -> Result<Feed, TrainError> {
        let from = self.schedule.batch_after(self.state.step);
        let training = &self.config.training;
        let feed = Feed::start(&self.dataset, training, &self.share, from, &self.device)?;
        Ok(feed)
    }

    /// A batch for each update of the discriminator, and the time that was spent waiting for them.
    fn real_pictures(&self, feed: &mut Feed) -> Result<(Vec<Tensor<4>>, Duration), TrainError> {
        let (mut batches, mut total) = (Vec::new(), Duration::ZERO);
        for _ in 0..self.config.training.d_steps {
            let (batch, waited) = feed.next()?;
            batches.push(batch);
            total += waited;
        }
        Ok((batches, total))
    }

    fn make_step(&mut self, real: &[Tensor<4>]) -> Measured {
        let factor = self.schedule.learning_rate_factor(self.state.step);
        self.state.gan.set_learning_rate_factor(factor);
        let [earlier @ .., last] = real else {
            unreachable!("a step has a batch");
        };
        for (update, batch) in (1..).zip(earlier) {
            let noise = span("noise", || self.draws(update).step_noise());
            let gan = &mut self.state.gan;
            span("update D", || discriminator_step(gan, batch.clone(), noise));
        }
        let noise = span("noise", || self.draws(0).step_noise());
        let gan = &mut self.state.gan;
        let measured = span("step", || training_step(gan, last.clone(), noise));
        self.state.step += 1;
        #[cfg(test)]
        self.state.poison(&self.poison);
        measured
    }

    /// The random numbers of an update of the next step: 0 for that of both networks, 1 and more for
    /// those of the discriminator alone.
    fn draws(&self, update: u64) -> Draws<'_> {
        Draws {
            config: &self.config,
            state: &self.state,
            share: &self.share,
            device: &self.device,
            update,
            done: self.state.step as f64 / self.total_steps() as f64,
        }
    }

    /// Passes on what was measured to what the next step depends on.
    fn follow(&mut self, metrics: &[StepMetrics]) {
        let Some(feedback) = &mut self.state.gan.feedback else {
            return;
        };
        for metrics in metrics {
            let signals = metrics.signals.expect("a step measures them");
            let logits = [signals.logit_real, signals.logit_fake];
            let batch_size = self.config.training.batch_size;
            feedback.follow(batch_size, metrics.accuracy_real, logits);
        }
    }

    /// What any rank requests; rank 0 alone measures the time between checkpoints.
    fn requests(&self, stop: bool) -> Requests {
        let (checkpoint, evaluation) = match &self.journal {
            Journal::Root(journal) => journal.what_is_overdue(),
            Journal::Silent => (false, false),
        };
        let own = Requests {
            stop,
            checkpoint,
            evaluation,
        };
        distributed::any_request(own, self.ranks(), self.state.step)
    }

    /// Reading waits for the device, so devices that run asynchronously are read only when
    /// something is due, or if the next step depends on it.
    fn read_back(&self, window: &mut Window, due: Due) -> ReadSteps {
        let is_followed = self.state.gan.feedback.is_some();
        if due.anything() || is_followed || is_cpu(&self.device) {
            window.read(self.state.step, &self.share)
        } else {
            ReadSteps::none(self.state.step)
        }
    }

    /// The first step whose measurements are non-finite. If the weights are when something is due,
    /// that is the step after: a run that is not stopped here would notice it there.
    fn first_non_finite(&self, read: &ReadSteps, due: Due) -> Option<u64> {
        if let Some(step) = read.first_non_finite() {
            return Some(step);
        }
        let step = self.state.step;
        let is_bad = || {
            let own = span("check weights", || !self.state.gan.is_finite());
            distributed::any_non_finite(own, self.ranks(), step)
        };
        (due.anything() && is_bad()).then_some(step + 1)
    }

    /// Records the steps before the non-finite step `bad`; returns the state to continue from, as
    /// if the steps since then had never been made.
    fn roll_back(&mut self, bad: u64, read: &ReadSteps) -> Result<State, TrainError> {
        let state = match &mut self.journal {
            Journal::Root(journal) => {
                for (step, metrics) in read.iter().take_while(|(step, _)| *step < bad) {
                    journal.add(step, self.schedule.epoch_of(step), metrics, None, None)?;
                }
                let retries = self.state.retries;
                recover::roll_back(bad, retries, journal, &self.schedule, &self.device)?
            }
            Journal::Silent => self.state.clone(), // and then that of rank 0
        };
        self.state_of_root(state)
    }

    /// The state of rank 0, on each rank.
    fn state_of_root(&self, state: State) -> Result<State, TrainError> {
        let synchronised = self.config.training.sync_batch_norm;
        let state = State {
            gan: state.gan.split_across_ranks(&self.share, synchronised),
            ..state
        };
        Ok(distributed::copy_root(state, self.ranks())?)
    }

    /// Compares the networks of all ranks before they are written.
    fn check_replicas(&self, due: Due) -> Result<(), TrainError> {
        if !due.anything() {
            return Ok(());
        }
        let with_statistics = self.config.training.sync_batch_norm;
        distributed::check_replicas(&self.state, with_statistics, self.ranks())
    }

    /// On rank 0, evaluates the generator if that is due.
    fn evaluate(
        &mut self,
        due: Due,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Option<Evaluation>, TrainError> {
        let Journal::Root(journal) = &mut self.journal else {
            return Ok(None);
        };
        if !due.evaluation {
            return Ok(None);
        }
        let began = Instant::now();
        let evaluation = span("evaluate", || {
            buffer::release(); // the free buffers fit a step, and not what comes now
            let generator = estimate_statistics(&self.state.gan.drawing_generator(), &self.device);
            let evaluation = self.critic.evaluate(generator, should_stop);
            buffer::release();
            evaluation
        });
        journal.exclude(began.elapsed());
        evaluation
    }

    /// On rank 0, writes the steps just read back and what is due. `real` is the last batch.
    fn record(
        &mut self,
        read: &ReadSteps,
        due: Due,
        evaluation: Option<Evaluation>,
        real: Tensor<4>,
    ) -> Result<Option<Report>, TrainError> {
        let Journal::Root(journal) = &mut self.journal else {
            return Ok(None);
        };
        let mut drawing = None;
        let mut is_best = false;
        for (step, metrics) in read.iter() {
            let epoch = self.schedule.epoch_of(step);
            if step < self.state.step {
                journal.add(step, epoch, metrics, None, None)?;
                continue;
            }
            let gan = &self.state.gan;
            drawing = due
                .report
                .then(|| span("draw fakes", || Drawing::new(gan, &self.device)));
            let comparison = match &drawing {
                Some(drawing) if due.scheduled_report => {
                    let previous = self.schedule.report_before(step);
                    let discriminator = &gan.discriminator.model;
                    let stored = |step| journal.stored_fakes(step);
                    let fakes = drawing.fakes();
                    Some(
                        self.critic
                            .compare(fakes, discriminator, step, previous, stored)?,
                    )
                }
                _ => None, // stopping a run leaves no trace in the metrics
            };
            journal.add(step, epoch, metrics, comparison, evaluation)?;
            is_best = journal.is_best(step);
        }
        let due = Due {
            checkpoint: due.checkpoint || is_best,
            ..due
        };
        if due.anything() {
            span("write files", || {
                journal.save(&self.state, &self.schedule, due, drawing.as_ref(), real)
            })?;
        }
        let epoch = self.schedule.epoch_of(self.state.step);
        Ok(due.report.then(|| journal.report(self.state.step, epoch)))
    }

    /// Waits until rank 0 has written what is due.
    fn wait_for_root(&self, due: Due) {
        if due.anything() {
            let what = format!("rank 0 to write the files of step {}", self.state.step);
            self.ranks().wait_for_all(&what);
        }
    }

    /// The outcome of a run that ends here, whose newest files may be missing.
    fn end(&mut self, stopped: bool) -> Result<Outcome, TrainError> {
        let is_complete = self.state.step >= self.total_steps();
        if let Journal::Root(journal) = &mut self.journal
            && (stopped || is_complete)
            && let Some(error) = journal.take_write_error()
        {
            return Err(error);
        }
        Ok(if is_complete {
            Outcome::Complete
        } else {
            Outcome::Stopped
        })
    }
}
