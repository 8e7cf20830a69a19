//! The loop: batch after batch through [`training_step`], with a report every
//! so many steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};

use super::metrics::{MetricsLine, MetricsLog};
use super::report::{self, Report};
use super::step::{StepMetrics, StepNoise, training_step};
use super::{RunFolder, SavedRun, TrainError};
use crate::checkpoint::{DataSummary, FileHeader, FileKind};
use crate::config::RunConfig;
use crate::data::{Batch, Batches, Dataset};
use crate::gan::Gan;
use crate::latent;
use crate::random::Purpose;

/// A run in progress.
pub struct Trainer {
    gan: Gan,
    config: RunConfig,
    folder: RunFolder,
    dataset: Arc<Dataset>,
    data: DataSummary,
    device: Device,
    /// Steps made.
    step: u64,
    metrics: MetricsLog,
}

/// What is told after each step.
#[derive(Debug)]
pub struct Step<'a> {
    /// The step just made, counted from 1.
    pub step: u64,
    /// The last step.
    pub total_steps: u64,
    /// The epoch of the step, counted from 1.
    pub epoch: u64,
    /// The last epoch.
    pub total_epochs: u64,
    /// Steps of this epoch that are made.
    pub step_of_epoch: u64,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// How long the step waited for its pictures.
    pub waited: Duration,
    /// What the step measured.
    pub metrics: StepMetrics,
    /// The report, if this step had one.
    pub report: Option<&'a Report>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At its last step.
    Complete,
    /// Earlier, as it was told to; everything is saved.
    Stopped,
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
        config.training.validate()?;
        let gan = Gan::new(&config.model, &config.training, &device)?;
        folder.write_config(&config)?;
        let metrics = MetricsLog::open(&folder.metrics(), 0)?;
        Ok(Self {
            gan,
            config,
            folder,
            dataset,
            data,
            device,
            step: 0,
            metrics,
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
            step: saved.step,
        };
        trainer.config.training.validate()?;
        if trainer.step >= trainer.total_steps() {
            let (path, step) = (trainer.folder.path().to_owned(), trainer.step);
            return Err(TrainError::Complete { path, step });
        }
        trainer.folder.write_config(&trainer.config)?;
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

    /// The newest grid of fakes.
    pub fn newest_grid(&self) -> PathBuf {
        self.folder.fake_grid(self.step)
    }

    /// Trains to the last step, or until `should_stop` says so, which saves first.
    ///
    /// # Errors
    /// Losses that are no numbers, pictures that have gone, and what the disk
    /// has against a file; the newest checkpoint is then still good.
    pub fn run(
        &mut self,
        should_stop: &dyn Fn() -> bool,
        after_step: &mut dyn FnMut(&Step),
    ) -> Result<Outcome, TrainError> {
        let per_epoch = self.steps_per_epoch();
        let total = self.total_steps();
        let training = &self.config.training;
        let (epoch, index) = (self.step / per_epoch, self.step % per_epoch);
        let dataset = Arc::clone(&self.dataset);
        let mut batches =
            Batches::start(dataset, training.seed, training.batch_size, epoch, index)?;
        let mut reported = self.step;
        while self.step < total {
            let before = Instant::now();
            let Some(batch) = batches.next().transpose()? else {
                break; // which never comes: epoch follows epoch
            };
            let waited = before.elapsed();
            let real = self.tensor(batch);
            let metrics = self.train_on(real.clone())?;
            let stop = should_stop();
            let due = self.step.is_multiple_of(self.config.training.display_step);
            let report = match due || stop || self.step == total {
                true => Some(self.report(real, reported)?),
                false => None,
            };
            if report.is_some() {
                reported = self.step;
            }
            after_step(&Step {
                step: self.step,
                total_steps: total,
                epoch: self.epoch(),
                total_epochs: total.div_ceil(per_epoch),
                step_of_epoch: (self.step - 1) % per_epoch + 1,
                steps_per_epoch: per_epoch,
                waited,
                metrics,
                report: report.as_ref(),
            });
            if stop {
                break;
            }
        }
        match self.step < total {
            true => Ok(Outcome::Stopped),
            false => Ok(Outcome::Complete),
        }
    }

    /// One step on a batch, and its line in the metrics.
    fn train_on(&mut self, real: Tensor<4>) -> Result<StepMetrics, TrainError> {
        let [batch_size, ..] = real.dims();
        let noise = StepNoise {
            discriminator: self.noise(Purpose::DiscriminatorNoise, batch_size),
            generator: match self.config.training.reuse_noise {
                true => None,
                false => Some(self.noise(Purpose::GeneratorNoise, batch_size)),
            },
        };
        let metrics = training_step(&mut self.gan, real, noise);
        self.step += 1;
        if !(metrics.loss_d.is_finite() && metrics.loss_g.is_finite()) {
            return Err(TrainError::NotFinite { step: self.step });
        }
        let (step, epoch) = (self.step, self.epoch());
        self.metrics.push(MetricsLine {
            step,
            epoch,
            metrics,
        })?;
        Ok(metrics)
    }

    /// The epoch of the step just made, counted from 1.
    fn epoch(&self) -> u64 {
        self.step.saturating_sub(1) / self.steps_per_epoch() + 1
    }

    fn report(&mut self, real: Tensor<4>, previous: u64) -> Result<Report, TrainError> {
        self.metrics.sync()?;
        let header = FileHeader {
            schema: FileHeader::SCHEMA,
            kind: FileKind::Checkpoint,
            model: self.config.model.clone(),
            step: self.step,
            data: self.data.clone(),
            run: Some(self.config.clone()),
        };
        let lines = self.metrics.lines();
        report::write(&self.folder, &self.gan, real, &header, lines)?;
        Ok(Report {
            step: self.step,
            epoch: self.epoch(),
            means: report::means(lines, previous),
            fake_grid: self.folder.fake_grid(self.step),
            real_grid: self.folder.real_grid(self.step),
        })
    }

    fn noise(&self, purpose: Purpose, batch_size: usize) -> Tensor<4> {
        let model = &self.config.model;
        let z = latent::noise(
            model,
            self.config.training.seed,
            purpose,
            self.step,
            batch_size,
        );
        let data = TensorData::new(z, [batch_size, model.z_dim, 1, 1]);
        Tensor::from_data(data, &self.device)
    }

    /// A batch as the networks take it.
    fn tensor(&self, batch: Batch) -> Tensor<4> {
        let pixels = TensorData::new(batch.pixels, batch.shape); // [B, H, W, C]
        Tensor::<4>::from_data(pixels, &self.device).permute([0, 3, 1, 2]) // [B, C, H, W]
    }
}
