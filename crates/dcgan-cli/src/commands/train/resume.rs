//! Resumes a run from its newest checkpoint.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use dcgan::config::{DataOrigin, RunConfig, TrainingOptions};
use dcgan::device::{Device, check_precision};
use dcgan::memory::MemoryError;
use dcgan::ranks::Ranks;
use dcgan::train::{MissingLines, Repairs, RunDirectory, SavedRun, Trainer};
use dcgan_data::{AnnotationNames, DataSource};

use super::arguments::{Settings, Train};
use super::load::DataRequest;
use super::plan::{data_path, evaluation, saving};
use super::ranks;
use super::{load, memory, precision};
use crate::shared::quoted::quoted;
use crate::shared::{dataset, output};

/// Resumes a run with what the arguments change: its length, its saving and where its data is.
///
/// `None` if all its steps are made, and its data was moved: that is all there is to change.
pub fn resume(
    run: &Path,
    ranks: &Ranks,
    arguments: &Train,
) -> Result<Option<(Trainer, RunDirectory)>> {
    if arguments.settings != Settings::default() {
        bail!(
            "--resume keeps the run's own settings: only --epochs, --steps, --checkpoint-every, \
             --keep, --on-write-error, --evaluate-every, --inception, --device, --threads, --tensorboard, --trace and --rank-timeout can be \
             given; start another run for anything else"
        );
    }
    let device = arguments.compute.open_device()?;
    let directory = RunDirectory::open(run)?;
    let mut saved = open(directory.clone(), &device, &arguments.compute.device)?;
    if let Some(length) = arguments.length.length() {
        let training = saved.config.training.into_options();
        saved.config.training = TrainingOptions { length, ..training }.build()?;
    }
    saved.config.saving = saving(&arguments.saving, saved.config.saving)?;
    saved.config.evaluation = evaluation(&arguments.evaluation, saved.config.evaluation)?;
    if let Some(path) = &arguments.data {
        saved.config.data.origin = moved(&saved.config.data.origin, path, run)?;
    }
    if let Err(error) = saved.check_incomplete() {
        let (Some(path), true) = (&arguments.data, ranks.is_alone()) else {
            return Err(error.into());
        };
        AnnotationNames::read(&saved.config.data_source())?; // is it a data set at all?
        directory.write_config(&saved.config)?;
        output::line(&format!(
            "{error}; its pictures are in {} from here on",
            path.display()
        ));
        return Ok(None);
    }
    if arguments.data.is_none() {
        check_pictures_are_there(&saved.config, run)?;
    }
    let request = DataRequest {
        config: saved.config.clone(),
        channels: Some(saved.config.model.channels),
        adapts_size: false,
    };
    let (dataset, summary) = ranks::load_in_turn(ranks, request, &arguments.cache)?;
    if !arguments.ignore_memory {
        memory::check(&mut saved.config, dataset.len(), ranks, &device).map_err(|error| {
            let MemoryError {
                needed, available, ..
            } = error;
            anyhow!(
                "resuming needs an estimated {needed} of memory, and {available} are available; \
                 close other programs, or resume anyway with --ignore-memory"
            )
        })?;
    }
    if let Some(note) = precision::note(&saved.config, &device) {
        output::note(note);
    }
    let data_changed = saved.has_other_pictures(&summary);
    let trainer = Trainer::resume(saved, Arc::clone(&dataset), summary)?;
    report_repairs(trainer.repairs());
    load::write_skipped(&dataset, &directory)?;
    if data_changed {
        output::note("the pictures differ from those that this run was trained on");
    }
    Ok(Some((ranks::lead(ranks, trainer)?, directory)))
}

/// Says how to go on with a run whose pictures are no longer where they were.
fn check_pictures_are_there(config: &RunConfig, run: &Path) -> Result<()> {
    if let DataSource::Files { path, .. } = config.data_source()
        && matches!(path.try_exists(), Ok(false))
    {
        bail!(
            "{}, which {} was trained on, does not exist any more: if it was moved, \
             `dcgan train NEW --resume {}` continues it",
            path.display(),
            run.display(),
            quoted(run)
        );
    }
    Ok(())
}

/// Opens a run for a device, which may lack the run's precision.
fn open(directory: RunDirectory, device: &Device, device_name: &str) -> Result<SavedRun> {
    let mut saved = SavedRun::open(directory, device)?;
    let precision = saved.config.training.precision;
    if check_precision(device, precision).is_err() {
        output::note(&format!(
            "this run was started in {precision}, which {device_name} does not support; resuming in f32"
        ));
        saved = saved.in_f32();
    }
    for error in &saved.unreadable {
        output::note(&format!("ignored: {error}"));
    }
    if !saved.edits.is_empty() {
        let edits: Vec<String> = saved.edits.iter().map(ToString::to_string).collect();
        output::note(&format!(
            "config.toml differs from the newest checkpoint and is followed: {}",
            edits.join(", ")
        ));
    }
    Ok(saved)
}

/// Says what was found changed in the run directory.
fn report_repairs(repairs: Option<&Repairs>) {
    let Some(Repairs { config, metrics }) = repairs else {
        return;
    };
    if let Some(copy) = config {
        output::note(&format!(
            "config.toml is written anew, without its comments; the old one is {}",
            copy.display()
        ));
    }
    if let Some(MissingLines { missing, of, copy }) = metrics {
        let copy = match copy {
            Some(copy) => format!("; a copy of the damaged file is {}", copy.display()),
            None => String::new(),
        };
        output::note(&format!(
            "metrics.jsonl lacks {missing} of the {of} lines up to here, which were deleted or damaged: \
             nothing else has them, and plots and reports go on without them{copy}"
        ));
    }
}

/// Where a run's data is now.
fn moved(origin: &DataOrigin, path: &Path, run: &Path) -> Result<DataOrigin> {
    let instead = || {
        format!(
            "`dcgan train {} --start-from {}`",
            quoted(path),
            quoted(run)
        )
    };
    match origin {
        DataOrigin::DrawnFaces { .. } if dataset::is_demo(path) => Ok(origin.clone()),
        DataOrigin::DrawnFaces { .. } => bail!(
            "{} was trained on the drawn faces, which cannot have moved to {}; {} starts a new run with its weights \
             on other pictures",
            run.display(),
            path.display(),
            instead()
        ),
        DataOrigin::Files { .. } if dataset::is_demo(path) => bail!(
            "{} was trained on files, and `demo` is the drawn faces; {} starts a new run with its weights",
            run.display(),
            instead()
        ),
        DataOrigin::Files { format, split, .. } => Ok(DataOrigin::Files {
            path: data_path(path)?,
            format: *format,
            split: *split,
        }),
    }
}
