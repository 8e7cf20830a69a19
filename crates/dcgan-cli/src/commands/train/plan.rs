//! From arguments to a configuration, as far as it does not depend on the pictures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dcgan::checkpoint::WeightFile;
use dcgan::config::{
    ConfigError, DEMO_FACES, DataConfig, DataOrigin, EvaluationConfig, Preset, RunConfig,
    SavingConfig, SavingOptions, TrainingOptions,
};
use dcgan::evaluation::{InceptionFile, LoadInception};
use dcgan::train::{RunDirectory, TrainError};
use dcgan_data::{PackedOptions, PictureOptions, packed_options};
use dcgan_support::regular_file;

use super::arguments::{LengthArguments, Settings, Train};
use super::defaults;
use super::fit::Open;
use super::load::DataRequest;
use super::resumable::{EvaluateEvery, EvaluationArguments, SavingArguments};
use crate::shared::dataset;

/// The most runs of one name.
const MAX_RUNS: u32 = 10_000;

/// A run that is to be started.
pub struct Plan {
    /// Its configuration. [`Plan::fit`] adapts it to the pictures.
    pub config: RunConfig,
    /// Its directory.
    pub out: PathBuf,
    /// Whether that is only what it is called by default, so that another name will do.
    pub may_be_renamed: bool,
    /// Colour channels; `None` if the pictures decide.
    pub channels: Option<usize>,
    /// What the pictures decide besides.
    pub open: Open,
}

impl TryFrom<&Train> for Plan {
    type Error = anyhow::Error;

    fn try_from(arguments: &Train) -> Result<Self> {
        if let Some(file) = &arguments.config {
            return Self::from_file(file, arguments);
        }
        let data = arguments
            .data
            .as_deref()
            .context("no DATA: give a directory, an archive or `demo`")?;
        let settings = &arguments.settings;
        let is_demo = dataset::is_demo(data);
        let packed = packed_options(data)?;
        let start = StartFrom::find(settings)?;
        let mut model = settings.model(match &start {
            Some(start) => start.run.model.clone().into_options(),
            None => defaults::model(defaults::PRESET, is_demo),
        });
        if let (Some(packed), None) = (packed, settings.image_size) {
            model.image_size = packed.image_size as usize;
        }
        let preset = model.preset;
        let default = defaults::training(preset, is_demo);
        let plan = Self {
            config: RunConfig {
                model: model.build()?,
                training: training(settings, &arguments.length, start.as_ref(), default).build()?,
                data: data_config(settings, data, packed.unwrap_or(published_options()))?,
                saving: saving(&arguments.saving, SavingConfig::default())?,
                evaluation: evaluation(
                    &arguments.evaluation,
                    defaults::evaluation(preset, is_demo),
                )?,
            },
            out: match &arguments.out {
                Some(out) => out.clone(),
                None => Path::new("runs").join(dataset::name(data)),
            },
            may_be_renamed: arguments.out.is_none(),
            channels: settings
                .channels
                .or(start.as_ref().map(|start| start.run.model.channels)),
            open: Open {
                length: arguments.length.length().is_none() && !is_demo,
                reports: settings.report_every.is_none(),
                image_size: preset == Preset::Laptop
                    && start.is_none()
                    && settings.image_size.is_none()
                    && packed.is_none(),
                augmentation: preset == Preset::Laptop && settings.augment.is_none(),
            },
        };
        start.map_or(Ok(()), |start| start.check(&plan.config))?;
        Ok(plan)
    }
}

impl Plan {
    /// The settings of a `config.toml`, or of a run directory's, overridden by the arguments.
    fn from_file(file: &Path, arguments: &Train) -> Result<Self> {
        let file = if file.is_dir() {
            file.join("config.toml")
        } else {
            file.to_owned()
        };
        let text = regular_file::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let base = RunConfig::from_toml(&text)
            .with_context(|| format!("cannot use {}", file.display()))?;
        let settings = &arguments.settings;
        let mut model = settings.model(base.model.into_options());
        let mut channels = settings.channels.or(Some(model.channels));
        let name = match (&arguments.data, &base.data.origin) {
            (Some(data), _) => dataset::name(data),
            (None, DataOrigin::Files { path, .. }) => dataset::name(path),
            (None, DataOrigin::DrawnFaces { .. }) => PathBuf::from("demo"),
        };
        let data = match &arguments.data {
            None => same_data(settings, base.data)?,
            Some(data) => {
                channels = settings.channels; // or the pictures decide
                let packed = packed_options(data)?;
                if let (Some(packed), None) = (packed, settings.image_size) {
                    model.image_size = packed.image_size as usize;
                }
                let default = packed.unwrap_or(PackedOptions {
                    crop: base.data.crop,
                    background: base.data.background,
                    levels: base.data.levels,
                    ..published_options()
                });
                DataConfig {
                    flip: settings.flip(base.data.flip),
                    ..data_config(settings, data, default)?
                }
            }
        };
        let start = StartFrom::find(settings)?;
        let training = training(
            settings,
            &arguments.length,
            start.as_ref(),
            base.training.into_options(),
        );
        let plan = Self {
            config: RunConfig {
                model: model.build()?,
                training: training.build()?,
                data,
                saving: saving(&arguments.saving, base.saving)?,
                evaluation: evaluation(&arguments.evaluation, base.evaluation)?,
            },
            out: match &arguments.out {
                Some(out) => out.clone(),
                None => Path::new("runs").join(name),
            },
            may_be_renamed: arguments.out.is_none(),
            channels,
            open: Open::default(),
        };
        start.map_or(Ok(()), |start| start.check(&plan.config))?;
        Ok(plan)
    }

    /// The directories that it may have, the first first: `runs/photos`, `runs/photos-2` and so on.
    pub fn directories(&self) -> impl Iterator<Item = PathBuf> {
        let last = if self.may_be_renamed { MAX_RUNS } else { 1 };
        (1..=last).map(|number| {
            let mut name = self.out.clone().into_os_string();
            if number > 1 {
                name.push(format!("-{number}"));
            }
            PathBuf::from(name)
        })
    }

    /// The pictures to read.
    pub fn request(&self) -> DataRequest {
        DataRequest {
            config: self.config.clone(),
            channels: self.channels,
            adapts_size: self.open.image_size,
        }
    }
}

/// What `--start-from` names.
struct StartFrom {
    /// A checkpoint.
    path: PathBuf,
    /// The settings of its run.
    run: RunConfig,
}

impl StartFrom {
    fn find(settings: &Settings) -> Result<Option<Self>> {
        let Some(given) = &settings.start_from else {
            return Ok(None);
        };
        let path = match RunDirectory::open_shared(given) {
            Err(_) => given.clone(),
            Ok(run) => match run.list_checkpoints()?.into_iter().next() {
                Some(newest) => newest.path,
                None => bail!(
                    "--start-from {}: the run has no checkpoint yet; name another one",
                    given.display()
                ),
            },
        };
        Ok(Some(Self {
            run: WeightFile::open(&path)?.run()?, // which a file of one network does not have
            path: data_path(&path)?,
        }))
    }

    /// Checks that a new run has the same networks, before its pictures are read.
    fn check(&self, config: &RunConfig) -> Result<()> {
        let changes = self.run.network_changes_to(config)?;
        if changes.is_empty() {
            return Ok(());
        }
        let path = self.path.clone();
        Err(TrainError::OtherNetworks { path, changes }.into())
    }
}

fn training(
    settings: &Settings,
    arguments: &LengthArguments,
    start: Option<&StartFrom>,
    default: TrainingOptions,
) -> TrainingOptions {
    TrainingOptions {
        length: arguments.length().unwrap_or(default.length),
        batch_size: settings.batch_size.unwrap_or(default.batch_size),
        loss: settings.loss.unwrap_or(default.loss),
        d_steps: settings.d_steps.unwrap_or(default.d_steps),
        learning_rate: settings.learning_rate.unwrap_or(default.learning_rate),
        learning_rate_g: settings.learning_rate_g.or(default.learning_rate_g),
        learning_rate_d: settings.learning_rate_d.or(default.learning_rate_d),
        learning_rate_decay: settings
            .learning_rate_decay
            .unwrap_or(default.learning_rate_decay),
        beta1: settings.beta1.unwrap_or(default.beta1),
        beta2: settings.beta2.unwrap_or(default.beta2),
        label_smoothing: settings.label_smoothing.unwrap_or(default.label_smoothing),
        gradient_penalty: weight(settings.gradient_penalty.or(default.gradient_penalty)),
        lecam: weight(settings.lecam.or(default.lecam)),
        augment: settings.augment.unwrap_or(default.augment),
        instance_noise: settings.instance_noise.unwrap_or(default.instance_noise),
        reuse_noise: settings.reuse_noise(default.reuse_noise),
        ema: match settings.ema {
            _ if settings.no_ema => None,
            half_life => half_life.or(default.ema),
        },
        seed: settings.seed.unwrap_or(default.seed),
        report_every: settings.report_every.unwrap_or(default.report_every),
        precision: settings.precision.unwrap_or(default.precision),
        sync_batch_norm: settings.sync_batch_norm(default.sync_batch_norm),
        start_from: match start {
            Some(start) => Some(start.path.display().to_string()),
            None => default.start_from,
        },
    }
}

/// A weight; 0 is none.
fn weight(weight: Option<f64>) -> Option<f64> {
    weight.filter(|weight| *weight != 0.0)
}

/// `current`, overridden by the arguments.
pub fn saving(
    arguments: &SavingArguments,
    current: SavingConfig,
) -> Result<SavingConfig, ConfigError> {
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

/// `current`, overridden by the arguments.
pub fn evaluation(
    arguments: &EvaluationArguments,
    current: EvaluationConfig,
) -> Result<EvaluationConfig> {
    if let Some(path) = &arguments.inception {
        InceptionFile::load(path, LoadInception::Published)?; // better now than after hours
    }
    Ok(EvaluationConfig {
        every: match arguments.evaluate_every {
            Some(EvaluateEvery(every)) => every,
            None => current.every,
        },
        inception: match &arguments.inception {
            Some(path) => Some(data_path(path)?),
            None => current.inception,
        },
    })
}

/// How pictures are prepared if nothing says otherwise.
fn published_options() -> PackedOptions {
    PackedOptions::from(&PictureOptions::default())
}

/// The data of a configuration, prepared as the arguments say.
fn same_data(settings: &Settings, mut data: DataConfig) -> Result<DataConfig> {
    match &mut data.origin {
        DataOrigin::Files { format, split, .. } => {
            if settings.count.is_some() {
                bail!("--count applies to `demo` only; omit it");
            }
            *format = settings.format.or(*format);
            *split = settings.split.map(Into::into).or(*split);
        }
        DataOrigin::DrawnFaces { count } => *count = settings.count.unwrap_or(*count),
    }
    Ok(DataConfig {
        crop: settings.crop.map_or(data.crop, Into::into),
        flip: settings.flip(data.flip),
        background: settings.background.unwrap_or(data.background),
        levels: settings.levels.unwrap_or(data.levels),
        origin: data.origin,
    })
}

/// The data at a path. The defaults of a pack are the options that it was packed with.
fn data_config(settings: &Settings, data: &Path, default: PackedOptions) -> Result<DataConfig> {
    if settings.count.is_some() && !dataset::is_demo(data) {
        bail!(
            "--count applies to `demo` only; omit it for {}",
            data.display()
        );
    }
    let origin = if dataset::is_demo(data) {
        DataOrigin::DrawnFaces {
            count: settings.count.unwrap_or(DEMO_FACES),
        }
    } else {
        DataOrigin::Files {
            path: data_path(data)?,
            format: settings.format,
            split: settings.split.map(Into::into),
        }
    };
    Ok(DataConfig {
        origin,
        crop: settings.crop.map_or(default.crop, Into::into),
        flip: settings.flip,
        background: settings.background.unwrap_or(default.background),
        levels: settings.levels.unwrap_or(default.levels),
    })
}

/// The absolute path, so that the run can be resumed from any directory.
pub fn data_path(path: &Path) -> Result<PathBuf> {
    if path.to_str().is_none() {
        bail!(
            "the name {} is not Unicode, so config.toml cannot hold it: rename it",
            path.display()
        );
    }
    std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
}
