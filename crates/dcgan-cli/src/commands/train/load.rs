//! Reads the pictures to train on.

use std::sync::Arc;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::RunConfig;
use dcgan::train::RunDirectory;
use dcgan_data::Dataset;

use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, output};

/// Reads the pictures of a run. `channels` is `None` if the pictures decide.
pub fn load(
    config: &RunConfig,
    channels: Option<usize>,
    cache: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let options = config.picture_options(channels);
    let (dataset, cache) = dataset::load(&config.data_source(), &options, cache)?;
    dataset::report_cache(&cache);
    for remark in dataset.remarks() {
        output::note(remark);
    }
    let summary = DataSummary::new(config.data.origin.to_string(), &dataset);
    Ok((Arc::new(dataset), summary))
}

/// Lists the pictures that could not be used in a file of the run, if there are any.
pub fn write_skipped(dataset: &Dataset, directory: &RunDirectory) -> Result<()> {
    let skipped = dataset.skipped();
    if skipped.is_empty() {
        return Ok(());
    }
    let path = directory.skipped();
    dataset.write_skipped(&path)?;
    output::note(&format!(
        "skipped {} of {} pictures; the reasons are in {}",
        skipped.len(),
        skipped.len() + dataset.len(),
        path.display()
    ));
    Ok(())
}
