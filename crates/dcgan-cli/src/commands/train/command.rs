//! The command line that repeats a run.

use std::path::Path;

use dcgan::config::{DEMO_FACES, DataOrigin, Length, Precision, Preset, RunConfig};
use dcgan_data::PictureOptions;

use super::defaults;
use crate::shared::quoted::quoted;

/// The command that trains a run with this configuration, with every setting that is not the default.
/// Paths below the current directory are relative to it.
pub fn command_of(config: &RunConfig) -> String {
    let data = match &config.data.origin {
        DataOrigin::DrawnFaces { .. } => "demo".to_owned(),
        DataOrigin::Files { path, .. } => quoted(relative(path)),
    };
    let mut words = vec!["dcgan train".to_owned(), data];
    words.extend(options_of(config));
    words.join(" ")
}

/// The options of [`command_of`], each with its value.
pub fn options_of(config: &RunConfig) -> Vec<String> {
    let mut words = Vec::new();
    let is_demo = matches!(config.data.origin, DataOrigin::DrawnFaces { .. });
    let mut option = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("--{flag} {value}"));
        }
    };
    fn unless<T: PartialEq + ToString>(default: T, value: T) -> Option<String> {
        (value != default).then(|| value.to_string())
    }
    let model = &config.model;
    option("preset", unless(defaults::PRESET, model.preset));
    let published = defaults::model(model.preset, is_demo);
    option("image-size", unless(published.image_size, model.image_size));
    option("z-dim", unless(published.z_dim, model.z_dim));
    option("ngf", unless(published.ngf, model.ngf));
    option("ndf", unless(published.ndf, model.ndf));
    option("upsample", model.upsample.map(|how| how.to_string()));
    option("d-norm", model.d_norm.map(|norm| norm.to_string()));

    let training = &config.training;
    let default = defaults::training(model.preset, is_demo);
    match training.length {
        length if length == default.length => {}
        Length::Epochs(epochs) => option("epochs", Some(epochs.to_string())),
        Length::Steps(steps) => option("steps", Some(steps.to_string())),
    }
    option(
        "batch-size",
        unless(default.batch_size, training.batch_size),
    );
    option("loss", unless(default.loss, training.loss));
    option("d-steps", unless(default.d_steps, training.d_steps));
    option(
        "learning-rate",
        unless(default.learning_rate, training.learning_rate),
    );
    let rate = |rate: Option<f64>| rate.map(|rate| rate.to_string());
    option("learning-rate-g", rate(training.learning_rate_g));
    option("learning-rate-d", rate(training.learning_rate_d));
    option(
        "learning-rate-decay",
        unless(default.learning_rate_decay, training.learning_rate_decay),
    );
    option("beta1", unless(default.beta1, training.beta1));
    option("beta2", unless(default.beta2, training.beta2));
    option(
        "label-smoothing",
        unless(default.label_smoothing, training.label_smoothing),
    );
    if training.gradient_penalty != default.gradient_penalty {
        let gamma = training.gradient_penalty.unwrap_or_default();
        option("gradient-penalty", Some(gamma.to_string()));
    }
    if training.lecam != default.lecam {
        let weight = training.lecam.unwrap_or_default();
        option("lecam", Some(weight.to_string()));
    }
    if model.preset == Preset::Laptop {
        option("augment", Some(training.augment.to_string())); // or the number of pictures decides
    } else {
        option("augment", unless(default.augment, training.augment));
    }
    option(
        "instance-noise",
        unless(default.instance_noise, training.instance_noise),
    );
    option("start-from", training.start_from.clone());
    option("precision", unless(Precision::F32, training.precision));
    option("report-every", Some(training.report_every.to_string()));
    option("seed", unless(0, training.seed));

    let every = config.evaluation.every;
    if every != defaults::evaluation(model.preset, is_demo).every {
        let every = every.map_or("never".to_owned(), |every| every.to_string());
        option("evaluate-every", Some(every));
    }

    let data = &config.data;
    match &data.origin {
        DataOrigin::DrawnFaces { count } => option("count", unless(DEMO_FACES, *count)),
        DataOrigin::Files { format, split, .. } => {
            option("format", format.map(|format| format.to_string()));
            option("split", split.map(|split| split.to_string()));
        }
    }
    let pictures = PictureOptions::default();
    option("crop", unless(pictures.crop, data.crop));
    let [red, green, blue] = data.background;
    let background =
        (data.background != pictures.background).then(|| format!("{red:02x}{green:02x}{blue:02x}"));
    option("background", background);
    let levels = (!data.levels.is_full()).then(|| data.levels.to_string());
    option("levels", levels);
    for (flag, is_on, by_default) in [
        (
            "spectral-norm",
            model.spectral_norm,
            published.spectral_norm,
        ),
        ("d-bias", model.d_bias, published.d_bias),
        ("flip", data.flip, pictures.flip),
        ("reuse-noise", training.reuse_noise, default.reuse_noise),
        (
            "sync-batch-norm",
            training.sync_batch_norm,
            default.sync_batch_norm,
        ),
    ] {
        match (is_on, by_default) {
            (true, false) => words.push(format!("--{flag}")),
            (false, true) => words.push(format!("--no-{flag}")),
            _ => {}
        }
    }
    if training.ema != default.ema {
        words.push(match training.ema {
            Some(half_life) => format!("--ema={half_life}"),
            None => "--no-ema".to_owned(),
        });
    }
    words
}

/// A path from the current directory, if it is below it.
fn relative(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(here) {
        Ok(below) if below.as_os_str().is_empty() => Path::new("."),
        Ok(below) => below,
        Err(_) => path,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use dcgan::config::{
        Augment, DNorm, DataConfig, Loss, SavingConfig, TrainingOptions, Upsample,
    };
    use dcgan_data::{Crop, Levels};

    use super::super::Train;
    use super::super::plan::Plan;
    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        train: Train,
    }

    /// The configuration that a command line asks for.
    fn planned(command: &str) -> RunConfig {
        let words = command.split(' ').skip(1);
        let program = Program::try_parse_from(words).unwrap();
        let config = Plan::try_from(&program.train).unwrap().config;
        RunConfig {
            saving: SavingConfig::default(),
            ..config
        }
    }

    #[test]
    fn the_command_of_a_run_asks_for_its_configuration() {
        let path = std::env::current_dir().unwrap().join("photos");
        let files = DataConfig::files(&path);
        for (data, preset, training) in [
            (
                DataConfig::drawn_faces(2000),
                Preset::Small,
                defaults::training(Preset::Small, true),
            ),
            (
                DataConfig::drawn_faces(2000),
                Preset::Small,
                TrainingOptions {
                    ema: None,
                    ..defaults::training(Preset::Small, true)
                },
            ),
            (
                DataConfig::drawn_faces(50),
                Preset::Pytorch,
                TrainingOptions::default(),
            ),
            (
                DataConfig {
                    flip: true,
                    crop: Crop::Random,
                    background: [1, 2, 255],
                    levels: Levels::Range {
                        least: 700,
                        most: 1690,
                    },
                    ..files.clone()
                },
                Preset::Paper,
                TrainingOptions {
                    length: Length::Steps(77),
                    batch_size: 32,
                    d_steps: 2,
                    learning_rate: 1e-5,
                    learning_rate_g: Some(2e-5),
                    learning_rate_d: Some(4e-5),
                    ema: Some(500),
                    loss: Loss::Hinge,
                    learning_rate_decay: 0.25,
                    gradient_penalty: Some(0.5),
                    augment: Augment::Light,
                    instance_noise: 0.125,
                    beta1: 0.25,
                    reuse_noise: true,
                    seed: 9,
                    report_every: 7,
                    ..TrainingOptions::default()
                },
            ),
        ] {
            let mut config = RunConfig::new(preset, data);
            let mut model = defaults::model(preset, false).with_ngf(8);
            if preset == Preset::Paper {
                model = model
                    .with_upsample(Upsample::Nearest)
                    .with_d_norm(DNorm::None)
                    .with_spectral_norm();
            }
            config.model = model.build().unwrap();
            config.training = training.build().unwrap();
            let is_demo = matches!(config.data.origin, DataOrigin::DrawnFaces { .. });
            config.evaluation = defaults::evaluation(preset, is_demo);
            assert_eq!(planned(&command_of(&config)), config);
            config.evaluation.every = "90s".parse().ok();
            assert_eq!(planned(&command_of(&config)), config);
        }
        let config = RunConfig::new(Preset::Tutorial, files);
        assert_eq!(
            command_of(&config),
            "dcgan train photos --preset tutorial --report-every 500 --evaluate-every never"
        );
    }

    #[test]
    fn the_command_of_a_run_of_laptop_always_says_how_it_augments() {
        let mut config = RunConfig::new(Preset::Laptop, DataConfig::drawn_faces(50));
        let training = defaults::training(Preset::Laptop, true);
        config.training = training.build().unwrap();
        config.evaluation = defaults::evaluation(Preset::Laptop, true);
        let command = command_of(&config);
        assert!(command.contains("--augment none"), "{command}");
        assert_eq!(planned(&command), config);
    }
}
