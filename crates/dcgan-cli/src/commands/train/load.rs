//! Reads the pictures to train on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::{DataOrigin, RunConfig};
use dcgan::train::RunDirectory;
use dcgan_data::Dataset;
use serde::{Deserialize, Serialize};

use super::defaults;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, output};
use crate::words;

/// Which pictures a run reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DataRequest {
    pub config: RunConfig,
    /// Colour channels; `None` if the pictures decide.
    pub channels: Option<usize>,
    /// Whether small pictures are read at a smaller image size than that of the configuration.
    pub adapts_size: bool,
}

/// Reads the pictures of a run. The image size is that of the data set.
pub fn load(
    request: &DataRequest,
    arguments: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let config = &request.config;
    let source = config.data_source();
    let mut options = config.picture_options(request.channels);
    let (mut dataset, cache) = dataset::load(&source, &options, arguments)?;
    dataset::report_cache(&cache);
    if request.adapts_size
        && let Some(smaller) = defaults::smaller_size(config.model.preset, &dataset)
    {
        options.image_size = smaller as u32;
        let cache;
        (dataset, cache) = dataset::load(&source, &options, arguments)?;
        dataset::report_cache(&cache);
    }
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
