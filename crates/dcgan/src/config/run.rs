//! A whole run as `config.toml` holds it.

use std::fmt;

use dcgan_data::{DataSource, PictureOptions};
use serde::{Deserialize, Serialize};

use super::{ConfigError, DataConfig, DataOrigin, ModelConfig, SavingConfig, TrainingConfig};

/// Everything that is needed to repeat a run: the content of `config.toml`.
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
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    schema: u32,
    model: ModelConfig,
    training: TrainingConfig,
    data: DataConfig,
    /// Schema 1 has none; what it did is the default.
    #[serde(default)]
    saving: SavingConfig,
}

impl RunConfig {
    /// The schema that this version writes. It reads all earlier ones:
    ///
    /// - 3 calls `report_every` what was `display_step`.
    /// - 2 has `saving`.
    /// - 1 is the first.
    pub const SCHEMA: u32 = 3;

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

    /// How pictures are prepared; with `channels` `None`, the pictures decide.
    pub fn picture_options(&self, channels: Option<usize>) -> PictureOptions {
        PictureOptions {
            image_size: self.model.image_size as u32,
            crop: self.data.crop,
            flip: self.data.flip,
            background: self.data.background,
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
