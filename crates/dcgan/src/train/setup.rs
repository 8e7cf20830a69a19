//! Starting and resuming a run from its settings alone.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::{Outcome, RunDirectory, SavedRun, TrainError, Trainer};
use crate::checkpoint::DataSummary;
use crate::config::RunConfig;
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
