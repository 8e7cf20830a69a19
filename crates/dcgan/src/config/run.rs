//! The settings of a whole run, stored as `config.toml`.

use std::fmt;

use dcgan_data::{DataSource, PictureOptions};
use serde::{Deserialize, Serialize};

use super::{
    ConfigError, DataConfig, DataOrigin, EvaluationConfig, ModelConfig, Preset, SavingConfig,
    TrainingConfig,
};

/// Everything needed to repeat a run: the content of `config.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RunFile", into = "RunFile")]
pub struct RunConfig {
    /// The networks.
    pub model: ModelConfig,
    /// The training.
    pub training: TrainingConfig,
    /// The pictures.
    pub data: DataConfig,
    /// The saving.
    pub saving: SavingConfig,
    /// The evaluation.
    pub evaluation: EvaluationConfig,
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    schema: u32,
    model: ModelConfig,
    training: TrainingConfig,
    data: DataConfig,
    /// Absent in schema 1, which behaved as the default.
    #[serde(default)]
    saving: SavingConfig,
    /// Absent before schema 4, and in runs without evaluations.
    #[serde(default, skip_serializing_if = "EvaluationConfig::is_off")]
    evaluation: EvaluationConfig,
}

impl RunConfig {
    /// A preset as published, with the paper's training and default saving.
    pub fn new(preset: Preset, data: DataConfig) -> Self {
        Self {
            model: ModelConfig::new(preset),
            training: TrainingConfig::default(),
            data,
            saving: SavingConfig::default(),
            evaluation: EvaluationConfig::default(),
        }
    }

    /// The schema that this version writes. It reads all earlier ones:
    ///
    /// - 9 adds `model.d_bias`.
    /// - 8 adds `training.start_from`.
    /// - 7 adds `data.levels`.
    /// - 6 adds the layers of the networks (`model.upsample`, `model.d_norm`, `model.spectral_norm`) and
    ///   the regularisation of the discriminator, `training.d_steps` and `training.learning_rate_decay`.
    /// - 5 adds `training.ema`, `training.loss` and learning rates of each network.
    /// - 4 adds `evaluation`.
    /// - 3 renames `display_step` to `report_every`.
    /// - 2 adds `saving`.
    /// - 1 was the first.
    pub const SCHEMA: u32 = 9;

    /// Reads a `config.toml`.
    ///
    /// # Errors
    /// If the text is not TOML, a setting is missing, unknown or invalid, or the schema is newer
    /// than [`SCHEMA`](Self::SCHEMA).
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        /// Read first: a newer schema has settings that this version does not know.
        #[derive(Deserialize)]
        struct Schema {
            schema: u32,
        }
        let toml = |error: toml::de::Error| ConfigError::Toml(one_line(&error));
        check_schema(toml::from_str::<Schema>(text).map_err(toml)?.schema)?;
        toml::from_str(text).map_err(toml)
    }

    /// The text of a `config.toml`.
    ///
    /// # Errors
    /// If a path is not valid UTF-8, which TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|error| ConfigError::Toml(one_line(&error)))
    }

    /// The steps after which the pictures of such a run usually show something: before, they are noise or
    /// blurs. A property of the preset, for a learning rate of 0.0002, and fewer steps for higher rates. It
    /// is empirical, from runs on faces (docs/results.md); other pictures may need several times as many.
    pub fn usual_steps(&self) -> u64 {
        let rate = self.training.rate_of_generator();
        self.model.preset.usual_steps(rate)
    }

    /// Where the pictures come from, for [`Dataset::load`](dcgan_data::Dataset::load).
    pub fn data_source(&self) -> DataSource {
        match &self.data.origin {
            DataOrigin::Files {
                path,
                format,
                split,
            } => DataSource::Files {
                path: path.clone(),
                format: *format,
                split: *split,
            },
            DataOrigin::DrawnFaces { count } => DataSource::Demo {
                count: *count,
                seed: self.training.seed,
            },
        }
    }

    /// How pictures are prepared; with `channels` `None`, grey if all of them are.
    pub fn picture_options(&self, channels: Option<usize>) -> PictureOptions {
        PictureOptions {
            image_size: self.model.image_size as u32,
            crop: self.data.crop,
            flip: self.data.flip,
            background: self.data.background,
            levels: self.data.levels,
            channels,
            ..PictureOptions::default()
        }
    }
}

impl TryFrom<RunFile> for RunConfig {
    type Error = ConfigError;

    fn try_from(file: RunFile) -> Result<Self, ConfigError> {
        check_schema(file.schema)?;
        Ok(Self {
            model: file.model,
            training: file.training,
            data: file.data,
            saving: file.saving,
            evaluation: file.evaluation,
        })
    }
}

impl From<RunConfig> for RunFile {
    fn from(config: RunConfig) -> Self {
        Self {
            schema: RunConfig::SCHEMA,
            model: config.model,
            training: config.training,
            data: config.data,
            saving: config.saving,
            evaluation: config.evaluation,
        }
    }
}

fn check_schema(found: u32) -> Result<(), ConfigError> {
    let newest = RunConfig::SCHEMA;
    if (1..=newest).contains(&found) {
        return Ok(());
    }
    Err(ConfigError::Schema { found, newest })
}

/// Error messages of the `toml` crate have several lines.
fn one_line(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use dcgan_data::Levels;

    use super::*;
    use crate::config::{
        Augment, DNorm, Every, Loss, ModelOptions, SavingOptions, TrainingOptions,
    };

    const SCHEMA_1: &str = r#"
schema = 1

[model]
preset = "small"
image_size = 64
channels = 3
z_dim = 100
ngf = 24
ndf = 16

[training]
batch_size = 32
learning_rate = 0.0004
beta1 = 0.5
beta2 = 0.999
reuse_noise = false
seed = 7
display_step = 250

[training.length]
epochs = 35

[data]
demo_faces = 500
crop = "center"
flip = true
background = [255, 255, 255]
"#;

    fn expected() -> RunConfig {
        RunConfig {
            model: ModelConfig::new(Preset::Small),
            training: TrainingOptions {
                length: crate::config::Length::Epochs(35),
                batch_size: 32,
                learning_rate: 4e-4,
                seed: 7,
                report_every: 250,
                ..TrainingOptions::default()
            }
            .build()
            .unwrap(),
            data: DataConfig {
                flip: true,
                ..DataConfig::drawn_faces(500)
            },
            saving: SavingConfig::default(),
            evaluation: EvaluationConfig::default(),
        }
    }

    #[test]
    fn every_earlier_schema_is_read() {
        assert_eq!(RunConfig::from_toml(SCHEMA_1), Ok(expected()));
        let saving =
            "[saving]\ncheckpoint_every = \"10m\"\nkeep = 5\non_write_error = \"continue\"\n";
        let schema_2 = SCHEMA_1.replace("schema = 1", "schema = 2") + saving;
        let read = RunConfig::from_toml(&schema_2).unwrap();
        assert_eq!(read.training, expected().training);
        assert_eq!(read.saving.keep, 5);
        let schema_3 = schema_2
            .replace("schema = 2", "schema = 3")
            .replace("display_step", "report_every");
        assert_eq!(RunConfig::from_toml(&schema_3), Ok(read.clone()));
        let schema_4 =
            schema_3.replace("schema = 3", "schema = 4") + "[evaluation]\nevery = \"1000\"\n";
        let evaluation = EvaluationConfig {
            every: Some(Every::Steps(1000)),
            inception: None,
        };
        let read = RunConfig { evaluation, ..read };
        assert_eq!(RunConfig::from_toml(&schema_4), Ok(read.clone()));
        let settings = "seed = 7\nema = 500\nloss = \"hinge\"\nlearning_rate_d = 0.001";
        let schema_5 = schema_4
            .replace("schema = 4", "schema = 5")
            .replace("seed = 7", settings);
        let training = TrainingOptions {
            ema: Some(500),
            loss: Loss::Hinge,
            learning_rate_d: Some(0.001),
            ..read.training.clone().into_options()
        };
        let training = training.build().unwrap();
        let read = RunConfig { training, ..read };
        assert_eq!(RunConfig::from_toml(&schema_5), Ok(read.clone()));
        let schema_6 = schema_5
            .replace("schema = 5", "schema = 6")
            .replace(
                "[model]",
                "[model]\nd_norm = \"none\"\nspectral_norm = true",
            )
            .replace(
                "[training]",
                "[training]\ngradient_penalty = 0.5\naugment = \"auto\"",
            );
        let model = ModelOptions {
            d_norm: Some(DNorm::None),
            spectral_norm: true,
            ..read.model.clone().into_options()
        };
        let training = TrainingOptions {
            gradient_penalty: Some(0.5),
            augment: Augment::Auto,
            ..read.training.clone().into_options()
        };
        let read = RunConfig {
            model: model.build().unwrap(),
            training: training.build().unwrap(),
            ..read
        };
        assert_eq!(RunConfig::from_toml(&schema_6), Ok(read.clone()));
        let schema_7 = schema_6
            .replace("schema = 6", "schema = 7")
            .replace("[data]", "[data]\nlevels = \"700-1690\"");
        let mut read = read;
        read.data.levels = Levels::Range {
            least: 700,
            most: 1690,
        };
        assert_eq!(RunConfig::from_toml(&schema_7), Ok(read.clone()));
        let schema_8 = schema_7.replace("schema = 7", "schema = 8").replace(
            "[training]",
            "[training]\nstart_from = \"/runs/a/checkpoints/step-000100.safetensors\"",
        );
        let mut training = read.training.into_options();
        training.start_from = Some("/runs/a/checkpoints/step-000100.safetensors".to_owned());
        read.training = training.build().unwrap();
        assert_eq!(RunConfig::from_toml(&schema_8), Ok(read.clone()));
        let schema_9 = schema_8
            .replace("schema = 8", "schema = 9")
            .replace("[model]", "[model]\nd_bias = true");
        let model = read.model.into_options().with_d_bias(true);
        read.model = model.build().unwrap();
        assert_eq!(RunConfig::from_toml(&schema_9), Ok(read));
    }

    #[test]
    fn the_newest_schema_round_trips() {
        let config = RunConfig {
            model: ModelOptions::new(Preset::Paper)
                .with_channels(1)
                .build()
                .unwrap(),
            data: DataConfig::files("/data/photos.zip"),
            saving: SavingOptions {
                checkpoint_every: Some("2h".parse().unwrap()),
                ..SavingOptions::default()
            }
            .build()
            .unwrap(),
            ..expected()
        };
        let text = config.to_toml().unwrap();
        assert!(text.starts_with("schema = 9\n") && text.contains("report_every = 250"));
        assert_eq!(RunConfig::from_toml(&text), Ok(config));
    }

    #[test]
    fn a_newer_schema_is_reported_before_its_settings() {
        let newer = SCHEMA_1.replace("schema = 1", "schema = 10") + "[invented]\nthings = 1\n";
        let error = RunConfig::from_toml(&newer).unwrap_err();
        assert_eq!(
            error,
            ConfigError::Schema {
                found: 10,
                newest: 9
            }
        );
        let oldest = SCHEMA_1.replace("schema = 1", "schema = 0");
        assert!(RunConfig::from_toml(&oldest).is_err());
    }

    #[test]
    fn two_sources_of_pictures_are_refused() {
        let both = SCHEMA_1.replace("demo_faces", "path = \"photos\"\ndemo_faces");
        let error = RunConfig::from_toml(&both).unwrap_err().to_string();
        assert!(error.contains("both `path` and `demo_faces`"), "{error}");
    }

    #[test]
    fn unknown_and_invalid_settings_are_refused_in_one_line() {
        for (setting, replacement, expected) in [
            ("ngf = 24", "ngf = 24\nfilters = 9", "filters"),
            ("ngf = 24", "ngf = 0", "ngf is 0"),
            ("beta1 = 0.5", "beta1 = 1.5", "beta1 is 1.5"),
            ("epochs = 35", "epochs = 0", "0 epochs"),
            ("seed = 7", "", "seed"),
        ] {
            let text = SCHEMA_1.replace(setting, replacement);
            let error = RunConfig::from_toml(&text).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains('\n'), "{error}");
        }
    }
}
