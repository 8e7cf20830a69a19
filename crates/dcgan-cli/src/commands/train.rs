//! `dcgan train`: begins a run, or goes on with one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use dcgan::checkpoint::DataSummary;
use dcgan::config::{DataConfig, Length, ModelConfig, Preset, RunConfig, TrainingConfig};
use dcgan::data::{DataError, DataSource, Dataset, PictureOptions};
use dcgan::train::{Outcome, RunFolder, TrainError, Trainer};
use indicatif::{ProgressBar, ProgressStyle};

use super::threads;
use super::train_display::Display;
use crate::cli::{LengthArguments, Settings, Train};
use crate::{interrupt, output};

const DEMO: &str = "demo";
const DEMO_FACES: u32 = 2000;
const DEMO_EPOCHS: u64 = 40;

/// Trains.
pub fn run(arguments: Train) -> Result<()> {
    threads::limit(arguments.threads)?;
    interrupt::catch()?;
    let (mut trainer, folder) = match &arguments.resume {
        Some(run) => resume(run, &arguments)?,
        None => start(&arguments)?,
    };
    let mut display = Display::new(&trainer);
    let outcome = trainer.run(&interrupt::requested, &mut |step| display.show(step));
    display.finish();
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
    Ok(())
}

fn start(arguments: &Train) -> Result<(Trainer, PathBuf)> {
    let path = arguments
        .data
        .as_deref()
        .context("no DATA: name a folder, a zip archive, or demo")?;
    let settings = &arguments.settings;
    let is_demo = path.as_os_str() == DEMO;
    if settings.demo_faces.is_some() && !is_demo {
        bail!(
            "--demo-faces is the number of faces that `demo` draws: leave it away for {}",
            path.display()
        );
    }
    let mut model = settings.model(if is_demo {
        Preset::Small
    } else {
        Preset::Tutorial
    });
    model.validate()?;
    let mut training = training(settings, &arguments.length, is_demo);
    training.validate()?;
    let data = data_config(settings, path, is_demo)?;
    let device = dcgan::device::by_name(&arguments.device)?;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => Path::new("runs").join(name_of(path)),
    };

    let folder = RunFolder::create(&out)?;
    let loaded = load(&data, &model, settings.channels, training.seed);
    let started = loaded.and_then(|(dataset, summary)| {
        model.channels = dataset.channels();
        fit(&mut training, settings, dataset.len());
        let config = RunConfig {
            schema: RunConfig::SCHEMA,
            model,
            training,
            data,
        };
        write_skipped(&dataset, &folder)?;
        Ok(Trainer::start(
            config,
            folder.clone(),
            dataset,
            summary,
            device,
        )?)
    });
    match started {
        Ok(trainer) => Ok((trainer, out)),
        Err(error) => {
            folder.remove_if_empty();
            Err(error)
        }
    }
}

fn resume(run: &Path, arguments: &Train) -> Result<(Trainer, PathBuf)> {
    let folder = RunFolder::open(run)?;
    let mut config = folder.read_config()?;
    if let Some(path) = &arguments.data {
        config.data = DataConfig {
            path: Some(absolute(path)?),
            demo_faces: None,
            ..config.data
        };
    }
    let device = dcgan::device::by_name(&arguments.device)?;
    let channels = Some(config.model.channels);
    let (dataset, summary) = load(&config.data, &config.model, channels, config.training.seed)?;
    let length = length(&arguments.length);
    let resumed = Trainer::resume(folder, length, dataset, summary, device)?;
    for error in resumed.unreadable {
        output::note(&format!("left alone: {error}"));
    }
    if resumed.data_changed {
        output::note("the pictures are not those that this run began with");
    }
    Ok((resumed.trainer, run.to_owned()))
}

fn length(arguments: &LengthArguments) -> Option<Length> {
    let epochs = arguments.epochs.map(Length::Epochs);
    epochs.or(arguments.steps.map(Length::Steps))
}

fn training(settings: &Settings, arguments: &LengthArguments, is_demo: bool) -> TrainingConfig {
    let default = TrainingConfig::default();
    let default_length = match is_demo {
        true => Length::Epochs(DEMO_EPOCHS),
        false => default.length,
    };
    TrainingConfig {
        length: length(arguments).unwrap_or(default_length),
        batch_size: settings.batch_size.unwrap_or(default.batch_size),
        learning_rate: settings.learning_rate.unwrap_or(default.learning_rate),
        beta1: settings.beta1.unwrap_or(default.beta1),
        beta2: settings.beta2.unwrap_or(default.beta2),
        reuse_noise: settings.reuse_noise,
        seed: settings.seed.unwrap_or(default.seed),
        display_step: settings.display_step.unwrap_or(default.display_step),
    }
}

/// What depends on the number of pictures: a batch is at most all of them, and
/// a short run reports about ten times.
fn fit(training: &mut TrainingConfig, settings: &Settings, pictures: usize) {
    if pictures < training.batch_size {
        output::note(&format!(
            "{pictures} pictures are fewer than a batch of {}: the batch is {pictures}",
            training.batch_size
        ));
        training.batch_size = pictures;
    }
    if settings.display_step.is_none() {
        let steps_per_epoch = (pictures / training.batch_size.max(1)) as u64;
        let total = training.length.total_steps(steps_per_epoch);
        training.display_step = training.display_step.min(total / 10).max(1);
    }
}

fn data_config(settings: &Settings, path: &Path, is_demo: bool) -> Result<DataConfig> {
    let demo_faces = settings.demo_faces.unwrap_or(DEMO_FACES);
    let options = PictureOptions::default();
    Ok(DataConfig {
        path: match is_demo {
            true => None,
            false => Some(absolute(path)?),
        },
        demo_faces: is_demo.then_some(demo_faces),
        crop: settings.crop.map_or(options.crop, Into::into),
        flip: settings.flip,
        background: settings.background.unwrap_or(options.background),
    })
}

/// So that the run can be resumed from another folder.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
}

/// `photos` for `../photos/` and for `photos.zip`.
fn name_of(data: &Path) -> PathBuf {
    let full = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    full.file_stem()
        .map_or_else(|| PathBuf::from("run"), PathBuf::from)
}

/// Reads the pictures, with a bar where there is a terminal.
fn load(
    data: &DataConfig,
    model: &ModelConfig,
    channels: Option<usize>,
    seed: u64,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let (source, name) = match &data.path {
        Some(path) => (DataSource::Path(path.clone()), path.display().to_string()),
        None => {
            let count = data.demo_faces.unwrap_or(DEMO_FACES);
            (DataSource::Demo { count, seed }, "drawn faces".to_owned())
        }
    };
    let options = PictureOptions {
        image_size: model.image_size as u32,
        crop: data.crop,
        flip: data.flip,
        background: data.background,
        channels,
        ..PictureOptions::default()
    };
    let bar = ProgressBar::no_length().with_style(reading_style());
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let loaded = Dataset::load(&source, &options, &progress, &interrupt::requested);
    bar.finish_and_clear();
    let dataset = loaded.map_err(|error| match error {
        DataError::Interrupted => {
            anyhow!("stopped while reading the pictures: nothing was trained")
        }
        error => TrainError::from(error).into(),
    })?;
    let summary = DataSummary {
        source: name,
        pictures: dataset.len() as u64,
        fingerprint: format!("{:016x}", dataset.fingerprint()),
    };
    Ok((Arc::new(dataset), summary))
}

fn reading_style() -> ProgressStyle {
    ProgressStyle::with_template("reading pictures {wide_bar} {pos}/{len}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn write_skipped(dataset: &Dataset, folder: &RunFolder) -> Result<()> {
    let skipped = dataset.skipped();
    if skipped.is_empty() {
        return Ok(());
    }
    let path = folder.skipped();
    dataset.write_skipped(&path)?;
    output::note(&format!(
        "{} of {} pictures could not be read and are left out; {} says why",
        skipped.len(),
        skipped.len() + dataset.len(),
        path.display()
    ));
    Ok(())
}
