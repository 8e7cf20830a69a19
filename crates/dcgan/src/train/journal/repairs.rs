//! What a resumed run finds changed in its directory.

use std::fs;
use std::path::PathBuf;

use super::metrics::{MetricsLog, damaged_bytes};
use super::run_directory::RunDirectory;
use crate::config::RunConfig;
use crate::train::TrainError;

/// What a run found changed in its directory when it was resumed, and where it keeps what it had to
/// replace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repairs {
    /// A copy of a `config.toml` with comments.
    pub config: Option<PathBuf>,
    /// Lines that are missing from the metrics.
    pub metrics: Option<MissingLines>,
}

/// Lines that are missing from `metrics.jsonl`. Nothing else has what they said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLines {
    /// How many are missing.
    pub missing: u64,
    /// How many there should be.
    pub of: u64,
    /// A copy of a file that holds something unreadable.
    pub copy: Option<PathBuf>,
}

/// Writes `config.toml` and opens the metrics for a run that goes on after `step`.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn open(
    directory: &RunDirectory,
    config: &RunConfig,
    step: u64,
) -> Result<(MetricsLog, Repairs), TrainError> {
    let path = directory.metrics();
    let mut copy = None;
    if step > 0 && damaged_bytes(&path) > 0 {
        let free = directory.free_name("metrics.damaged", "jsonl");
        fs::copy(&path, &free).map_err(|source| TrainError::write(&free, source))?;
        copy = Some(free);
    }
    let config = directory.write_config(config)?;
    let metrics = MetricsLog::open(&path, step)?;
    let missing = step - metrics.lines().len() as u64;
    let lines = MissingLines {
        missing,
        of: step,
        copy,
    };
    let metrics_repair = (missing > 0 || lines.copy.is_some()).then_some(lines);
    let repairs = Repairs {
        config,
        metrics: metrics_repair,
    };
    Ok((metrics, repairs))
}
