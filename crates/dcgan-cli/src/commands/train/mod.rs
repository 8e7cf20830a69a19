//! `dcgan train`: begins a run, or goes on with one.

mod arguments;
mod display;
mod load;
mod memory;
mod ranks;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use dcgan::config::{
    ConfigError, DEMO_FACES, DataConfig, DataOrigin, Length, Preset, RunConfig, SavingConfig,
    SavingOptions, TrainingOptions,
};
use dcgan::device::{Device, check_precision};
use dcgan::memory::MemoryError;
use dcgan::ranks::Ranks;
use dcgan::train::{Outcome, RunFolder, SavedRun, Trainer};
use dcgan_data::{PackedOptions, PictureOptions, packed_options};
use dcgan_support::trace;

pub use self::arguments::Train;
use self::arguments::{LengthArguments, SavingArguments, Settings};
use self::display::Display;
use self::memory::foresee_memory;
use self::ranks::Plan;
use crate::shared::compute::limit_threads;
use crate::shared::{dataset, interrupt, output};

const DEMO: &str = "demo";

/// The first look: `demo` with preset `small` trains in small batches and large
/// strides, since it has minutes, not hours.
fn first_look() -> TrainingOptions {
    TrainingOptions {
        length: Length::Epochs(35),
        batch_size: 32,
        learning_rate: 4e-4,
        ..TrainingOptions::default()
    }
}

/// Trains, alone or with other processes.
pub fn run(arguments: Train) -> Result<()> {
    let ranks = ranks::start(arguments.rank_timeout)?;
    let compute = &arguments.compute;
    limit_threads(compute.threads.or_else(|| ranks::threads(&ranks)))?;
    interrupt::catch()?;
    match ranks.is_root() {
        true => lead(&ranks, &arguments)?,
        false => ranks::follow(&ranks, &arguments)?,
    }
    ranks.finish();
    Ok(())
}

/// Trains, writes and reports.
fn lead(ranks: &Ranks, arguments: &Train) -> Result<()> {
    if let Some(path) = &arguments.trace {
        let cannot = || format!("cannot write {}", path.display());
        trace::start(path).with_context(cannot)?;
    }
    let (mut trainer, folder) = match &arguments.resume {
        Some(run) => resume(run, ranks, arguments)?,
        None => start(ranks, arguments)?,
    };
    let mut display = Display::new(&trainer);
    let outcome = trainer.run(&interrupt::requested, &mut |step| display.show(step));
    display.finish();
    let traced = trace::stop();
    let folder = folder.display();
    match outcome? {
        Outcome::Complete => output::line(&format!(
            "Done. Open {} to see what it draws; `dcgan sample {folder} -n 64 --grid faces.png` draws more.",
            trainer.newest_grid().display()
        )),
        Outcome::Stopped => output::line(&format!(
            "Stopped at step {}, and all is saved. Go on with `dcgan train --resume {folder}`.",
            trainer.step()
        )),
    }
    traced.context("everything is saved, but the --trace file could not be written")
}

fn start(ranks: &Ranks, arguments: &Train) -> Result<(Trainer, PathBuf)> {
    let path = arguments
        .data
        .as_deref()
        .context("no DATA: name a folder, a zip archive, or demo")?;
    let config = plan(path, arguments)?;
    let device = arguments.compute.open_device()?;
    check_precision(&device, config.training.precision)?;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => Path::new("runs").join(dataset::name_of(path)),
    };
    let folder = RunFolder::create(&out)?;
    match begin(config, (ranks, arguments), &folder, device) {
        Ok(trainer) => Ok((trainer, out)),
        Err(error) => {
            folder.discard();
            Err(error)
        }
    }
}

/// What is to be trained, as far as it does not depend on the pictures.
fn plan(path: &Path, arguments: &Train) -> Result<RunConfig> {
    let settings = &arguments.settings;
    let is_demo = path.as_os_str() == DEMO;
    if settings.demo_faces.is_some() && !is_demo {
        bail!(
            "--demo-faces is the number of faces that `demo` draws: leave it away for {}",
            path.display()
        );
    }
    let packed = packed_options(path)?;
    let mut model = settings.model(match is_demo {
        true => Preset::Small,
        false => Preset::Tutorial,
    });
    if let (Some(packed), None) = (packed, settings.image_size) {
        model.image_size = packed.image_size as usize;
    }
    let default = if is_demo && model.preset == Preset::Small {
        first_look()
    } else {
        TrainingOptions::default()
    };
    Ok(RunConfig {
        model: model.build()?,
        training: training(settings, &arguments.length, default).build()?,
        data: data_config(settings, path, is_demo, packed)?,
        saving: saving(&arguments.saving, SavingConfig::default())?,
    })
}

/// Reads the pictures, fits the plan to them, and begins the run.
fn begin(
    mut config: RunConfig,
    (ranks, arguments): (&Ranks, &Train),
    folder: &RunFolder,
    device: Device,
) -> Result<Trainer> {
    let settings = &arguments.settings;
    let plan = Plan {
        config: config.clone(),
        channels: settings.channels,
    };
    let (dataset, summary) = ranks::load_in_turn(ranks, plan, arguments)?;
    let channels = dataset.channels();
    config.model = config
        .model
        .into_options()
        .with_channels(channels)
        .build()?;
    let training = config.training.into_options();
    config.training = fit(training, settings, dataset.len()).build()?;
    let batch_size = config.training.batch_size;
    let place = (ranks, &device);
    foresee_memory(&config.model, batch_size, place, arguments)?;
    let mut trainer = Trainer::start(
        config,
        folder.clone(),
        Arc::clone(&dataset),
        summary,
        device,
    )?;
    load::write_skipped(&dataset, folder)?;
    ranks::lead(ranks, &mut trainer)?;
    Ok(trainer)
}

fn resume(run: &Path, ranks: &Ranks, arguments: &Train) -> Result<(Trainer, PathBuf)> {
    if arguments.settings != Settings::default() {
        bail!(
            "--resume goes on with the run's own settings: beside it give --epochs, --steps, \
             --checkpoint-every, --keep, --on-write-error, --device, --threads, --trace or \
             --rank-timeout alone, or begin another run"
        );
    }
    let device = arguments.compute.open_device()?;
    let mut saved = SavedRun::open(RunFolder::open(run)?, &device)?;
    let precision = saved.config.training.precision;
    if check_precision(&device, precision).is_err() {
        let device = &arguments.compute.device;
        output::note(&format!(
            "{device} does not compute in {precision}, in which this run was begun: it goes on in f32"
        ));
        saved.go_on_in_f32();
    }
    for error in &saved.unreadable {
        output::note(&format!("left alone: {error}"));
    }
    if let Some(length) = length(&arguments.length) {
        let training = saved.config.training.into_options();
        saved.config.training = TrainingOptions { length, ..training }.build()?;
    }
    saved.config.saving = saving(&arguments.saving, saved.config.saving)?;
    if let Some(path) = &arguments.data {
        let is_demo = path.as_os_str() == DEMO;
        let origin = &mut saved.config.data.origin;
        *origin = match origin {
            DataOrigin::DrawnFaces { .. } if is_demo => origin.clone(),
            _ if is_demo => DataOrigin::DrawnFaces { count: DEMO_FACES },
            DataOrigin::Files { format, split, .. } => DataOrigin::Files {
                path: data_path(path)?,
                format: *format,
                split: *split,
            },
            DataOrigin::DrawnFaces { .. } => DataOrigin::Files {
                path: data_path(path)?,
                format: None,
                split: None,
            },
        };
    }
    saved.check_incomplete()?;
    let plan = Plan {
        config: saved.config.clone(),
        channels: Some(saved.config.model.channels),
    };
    let (dataset, summary) = ranks::load_in_turn(ranks, plan, arguments)?;
    let config = &saved.config;
    let batch_size = config.training.batch_size;
    let place = (ranks, &device);
    foresee_memory(&config.model, batch_size, place, arguments).map_err(|error| {
        let MemoryError {
            needed, available, ..
        } = error;
        anyhow!(
            "resuming needs an estimated {needed} of memory, and {available} are free: close \
             other programs, or give --ignore-memory"
        )
    })?;
    let (mut trainer, data_changed) = Trainer::resume(saved, Arc::clone(&dataset), summary)?;
    load::write_skipped(&dataset, trainer.folder())?;
    if data_changed {
        output::note("the pictures are not those that this run was trained on");
    }
    ranks::lead(ranks, &mut trainer)?;
    Ok((trainer, run.to_owned()))
}

/// `current` with what is chosen.
fn saving(arguments: &SavingArguments, current: SavingConfig) -> Result<SavingConfig, ConfigError> {
    let options = SavingOptions {
        checkpoint_every: arguments.checkpoint_every.or(current.checkpoint_every),
        keep: arguments.keep.unwrap_or(current.keep),
        on_write_error: match arguments.on_write_error {
            Some(choice) => choice.into(),
            None => current.on_write_error,
        },
    };
    options.build()
}

fn length(arguments: &LengthArguments) -> Option<Length> {
    let epochs = arguments.epochs.map(Length::Epochs);
    epochs.or(arguments.steps.map(Length::Steps))
}

fn training(
    settings: &Settings,
    arguments: &LengthArguments,
    default: TrainingOptions,
) -> TrainingOptions {
    TrainingOptions {
        length: length(arguments).unwrap_or(default.length),
        batch_size: settings.batch_size.unwrap_or(default.batch_size),
        learning_rate: settings.learning_rate.unwrap_or(default.learning_rate),
        beta1: settings.beta1.unwrap_or(default.beta1),
        beta2: settings.beta2.unwrap_or(default.beta2),
        reuse_noise: settings.reuse_noise,
        seed: settings.seed.unwrap_or(default.seed),
        report_every: settings.report_every.unwrap_or(default.report_every),
        precision: settings.precision.unwrap_or(default.precision),
        sync_batch_norm: settings.sync_batch_norm,
    }
}

/// What depends on the number of pictures: a batch is at most all of them, and
/// a short run reports about ten times.
fn fit(mut training: TrainingOptions, settings: &Settings, pictures: usize) -> TrainingOptions {
    if pictures < 2 {
        return training; // which the training refuses
    }
    if pictures < training.batch_size {
        output::note(&format!(
            "{pictures} pictures are fewer than a batch of {}: the batch is {pictures}",
            training.batch_size
        ));
        training.batch_size = pictures;
    }
    if settings.report_every.is_none() {
        let steps_per_epoch = (pictures / training.batch_size.max(1)) as u64;
        let total = training.length.total_steps(steps_per_epoch);
        training.report_every = training.report_every.min(total / 10).max(1);
    }
    training
}

/// What is not asked for is as the data was packed, if it is a pack.
fn data_config(
    settings: &Settings,
    path: &Path,
    is_demo: bool,
    packed: Option<PackedOptions>,
) -> Result<DataConfig> {
    let demo_faces = settings.demo_faces.unwrap_or(DEMO_FACES);
    let default = packed.unwrap_or(PackedOptions::of(&PictureOptions::default()));
    let origin = if is_demo {
        DataOrigin::DrawnFaces { count: demo_faces }
    } else {
        DataOrigin::Files {
            path: data_path(path)?,
            format: settings.format,
            split: settings.split.map(Into::into),
        }
    };
    Ok(DataConfig {
        origin,
        crop: settings.crop.map_or(default.crop, Into::into),
        flip: settings.flip,
        background: settings.background.unwrap_or(default.background),
    })
}

/// The absolute path, so that the run can be resumed from anywhere.
fn data_path(path: &Path) -> Result<PathBuf> {
    if path.to_str().is_none() {
        let name = path.display();
        bail!("the name {name} is not Unicode, and config.toml could not hold it: rename it");
    }
    let absolute = std::path::absolute(path);
    let absolute = absolute.with_context(|| format!("cannot find {}", path.display()))?;
    Ok(absolute)
}
