//! Starting, resuming and joining a run.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::journal::{Journal, RootJournal};
use super::schedule::Schedule;
use super::state::State;
use super::{Outcome, RunDirectory, SavedRun, TrainError, Trainer};
use crate::checkpoint::DataSummary;
use crate::config::RunConfig;
use crate::device::{check_layers, check_precision};
use dcgan_data::Dataset;

impl Trainer {
    /// Starts a run: reads its pictures, creates the run directory `run`, and initialises the
    /// networks.
    ///
    /// A batch that is larger than the data set is reduced to it.
    ///
    /// # Errors
    /// If the pictures cannot be read, `run` already holds a run or cannot be written, or the
    /// device does not support the precision.
    pub fn create(
        mut config: RunConfig,
        run: impl AsRef<Path>,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let directory = RunDirectory::create(run.as_ref())?;
        let start = || {
            let (dataset, data) = load(&config)?;
            let mut training = config.training.into_options();
            training.batch_size = training.batch_size.min(dataset.len().max(2));
            config.training = training.build()?;
            Self::start(config, directory.clone(), dataset, data, device.clone())
        };
        start().inspect_err(|_| directory.discard())
    }

    /// Resumes the run in the directory `run` from its newest checkpoint.
    ///
    /// To train it for longer than it was configured, change the length in [`SavedRun::config`]
    /// and call [`SavedRun::resume`].
    ///
    /// # Errors
    /// As [`SavedRun::open`] and [`SavedRun::resume`].
    pub fn open(run: impl AsRef<Path>, device: &Device) -> Result<Self, TrainError> {
        SavedRun::open(RunDirectory::open(run.as_ref())?, device)?.resume()
    }

    /// Starts a run in a new directory, on pictures that are already read.
    ///
    /// # Errors
    /// If there are fewer than two pictures, the device does not support the precision, or a file
    /// cannot be written.
    pub fn start(
        config: RunConfig,
        directory: RunDirectory,
        dataset: Arc<Dataset>,
        data: DataSummary,
        device: Device,
    ) -> Result<Self, TrainError> {
        if dataset.len() < 2 {
            return Err(TrainError::TooFewPictures(data.source));
        }
        check_precision(&device, config.training.precision)?;
        check_layers(&device, &config.model)?;
        let state = State::initial(&config, &device)?;
        let config = Arc::new(config);
        let journal =
            RootJournal::open(directory, Arc::clone(&config), data, state.step, Vec::new())?;
        if config.training.start_from.is_some() {
            journal.save_start(&state)?;
        }
        let journal = Journal::Root(Box::new(journal));
        Ok(Self::new(config, dataset, device, state, journal))
    }

    /// Resumes a run on pictures that are already read.
    ///
    /// # Errors
    /// If the run is complete, there are fewer pictures than a batch, the device does not support
    /// the precision, or a file cannot be written.
    pub fn resume(
        saved: SavedRun,
        dataset: Arc<Dataset>,
        data: DataSummary,
    ) -> Result<Self, TrainError> {
        let batch_size = saved.config.training.batch_size;
        if dataset.len() < batch_size {
            return Err(TrainError::FewerThanABatch {
                source_name: data.source,
                pictures: dataset.len(),
                batch_size,
            });
        }
        check_precision(&saved.device, saved.config.training.precision)?;
        check_layers(&saved.device, &saved.config.model)?;
        let schedule = Schedule::new(&saved.config, dataset.len() as u64);
        if saved.state.step >= schedule.total_steps() {
            return Err(TrainError::Complete {
                path: saved.directory.path().to_owned(),
                step: saved.state.step,
            });
        }
        let config = Arc::new(saved.config);
        let journal = RootJournal::open(
            saved.directory,
            Arc::clone(&config),
            data,
            saved.state.step,
            saved.refused,
        )?;
        let journal = Journal::Root(Box::new(journal));
        Ok(Self::new(
            config,
            dataset,
            saved.device,
            saved.state,
            journal,
        ))
    }

    /// Joins the training of rank 0, which has this configuration, as another rank. It writes
    /// nothing.
    ///
    /// # Errors
    /// If the networks cannot be built.
    pub fn join(
        config: RunConfig,
        dataset: Arc<Dataset>,
        device: Device,
    ) -> Result<Self, TrainError> {
        let state = State::random(&config, &device)?; // that of rank 0 comes later
        let config = Arc::new(config);
        Ok(Self::new(config, dataset, device, state, Journal::Silent))
    }

    /// Trains to the last step; [`run`](Self::run) can be stopped and reports its progress.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_to_end(&mut self) -> Result<Outcome, TrainError> {
        self.run(&|| false, &mut |_| ())
    }
}

impl SavedRun {
    /// Reads the pictures of the run and resumes it, even if they have changed since.
    ///
    /// # Errors
    /// If the run is complete, its pictures cannot be read or are fewer than a batch, or a file
    /// cannot be written.
    pub fn resume(self) -> Result<Trainer, TrainError> {
        self.check_incomplete()?;
        let (dataset, data) = load(&self.config)?;
        Trainer::resume(self, dataset, data)
    }
}

fn load(config: &RunConfig) -> Result<(Arc<Dataset>, DataSummary), TrainError> {
    let options = config.picture_options(Some(config.model.channels));
    let dataset = Dataset::load(&config.data_source(), &options, &|_, _| (), &|| false)?;
    let data = DataSummary::new(config.data.origin.to_string(), &dataset);
    Ok((Arc::new(dataset), data))
}
