//! Reads the pictures to train on.

use std::sync::Arc;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::RunConfig;
use dcgan::train::RunFolder;
use dcgan_data::Dataset;

use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, output};

/// Reads the pictures.
pub fn load(
    config: &RunConfig,
    channels: Option<usize>,
    cache: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let options = config.picture_options(channels);
    let loaded = dataset::load(&config.data_source(), &options, cache);
    let (dataset, cache) =
        loaded.map_err(|error| dataset::explain(error, "nothing was trained"))?;
    dataset::report_cache(&cache);
    for remark in dataset.remarks() {
        output::note(remark);
    }
    let summary = DataSummary::new(config.data.origin.to_string(), &dataset);
    Ok((Arc::new(dataset), summary))
}

pub fn write_skipped(dataset: &Dataset, folder: &RunFolder) -> Result<()> {
    let skipped = dataset.skipped();
    if skipped.is_empty() {
        return Ok(());
    }
    let path = folder.skipped();
    dataset.write_skipped(&path)?;
    output::note(&format!(
        "{} of {} pictures could not be used and are left out; {} says why",
        skipped.len(),
        skipped.len() + dataset.len(),
        path.display()
    ));
    Ok(())
}
