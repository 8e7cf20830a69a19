//! The pictures, and a whole run as `config.toml` has it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, ModelConfig, SavingConfig, TrainingConfig};
use dcgan_data::{Crop, Format, Split};

/// Where the pictures come from and what is done to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// A folder or an archive; none for the drawn faces of the demo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How many faces the demo draws; none for pictures from files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo_faces: Option<u32>,
    /// What kind of data set it is; none to find out by looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Which part of it; none for the training part, or all where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// Which square of a picture is used.
    pub crop: Crop,
    /// Whether pictures are mirrored at random.
    pub flip: bool,
    /// What transparent pictures are laid over, as RGB.
    pub background: [u8; 3],
}

/// All that is needed to repeat a run: the content of `config.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The form of this file.
    pub schema: u32,
    /// The networks.
    pub model: ModelConfig,
    /// The training.
    pub training: TrainingConfig,
    /// The pictures.
    pub data: DataConfig,
    /// How the run is saved; what schema 1 did is the default.
    #[serde(default)]
    pub saving: SavingConfig,
}

impl RunConfig {
    /// The form that this version writes. It reads those before it too:
    ///
    /// - 2 has `saving`.
    /// - 1 has not.
    pub const SCHEMA: u32 = 2;

    /// Reads a `config.toml`.
    ///
    /// # Errors
    /// What TOML or a field has against the text, or another schema's number.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u32,
        }
        let Schema { schema } =
            toml::from_str(text).map_err(|error| ConfigError(one_line(&error)))?;
        if !(1..=Self::SCHEMA).contains(&schema) {
            return Err(ConfigError(format!(
                "schema {schema}, and this program reads schemas up to {}",
                Self::SCHEMA
            )));
        }
        let mut config: Self =
            toml::from_str(text).map_err(|error| ConfigError(one_line(&error)))?;
        config.model.validate()?;
        config.training.validate()?;
        config.saving.validate()?;
        config.schema = Self::SCHEMA;
        Ok(config)
    }

    /// The text of a `config.toml`.
    ///
    /// # Errors
    /// When a path has no UTF-8 form, which TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|error| ConfigError(one_line(&error)))
    }
}

fn one_line(error: &impl fmt::Display) -> String {
    let lines: Vec<String> = error
        .to_string()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect();
    lines.join(" ")
}
