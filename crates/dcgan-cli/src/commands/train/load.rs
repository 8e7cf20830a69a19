//! Reads the pictures to train on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::{DataOrigin, RunConfig};
use dcgan::train::RunDirectory;
use dcgan_data::Dataset;

use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, output};
use crate::words;

/// Reads the pictures of a run. `channels` is `None` if the pictures decide.
pub fn load(
    config: &RunConfig,
    channels: Option<usize>,
    cache: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let options = config.picture_options(channels);
    let (dataset, cache) = dataset::load(&config.data_source(), &options, cache)?;
    dataset::report_cache(&cache);
    let path = match &config.data.origin {
        DataOrigin::Files { path, .. } => path.clone(),
        DataOrigin::DrawnFaces { .. } => PathBuf::from("demo"),
    };
    report(&path, &dataset);
    let summary = DataSummary::new(config.data.origin.to_string(), &dataset);
    Ok((Arc::new(dataset), summary))
}

/// Says what of the data is not used, and what looks as if it should not be.
fn report(path: &Path, dataset: &Dataset) {
    for remark in dataset.remarks() {
        output::note(remark);
    }
    if let Some(line) = words::data::left_out(dataset.left_out()) {
        output::note(&line);
    }
    for line in words::data::warnings(path, dataset) {
        output::note(&line);
    }
}

/// Lists the pictures that could not be used and the files that were left out in a file of the run,
/// if there are any.
pub fn write_skipped(dataset: &Dataset, directory: &RunDirectory) -> Result<()> {
    let skipped = dataset.skipped();
    if skipped.is_empty() && dataset.left_out().is_empty() {
        return Ok(());
    }
    let path = directory.skipped();
    dataset.write_skipped(&path)?;
    if skipped.is_empty() {
        return Ok(()); // what was left out has been reported
    }
    output::note(&format!(
        "skipped {} of {} pictures; the reasons are in {}",
        skipped.len(),
        skipped.len() + dataset.len(),
        path.display()
    ));
    Ok(())
}
