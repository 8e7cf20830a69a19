//! The header of a file: what it holds and how its networks are built.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use dcgan_data::Dataset;
use serde::{Deserialize, Serialize};

use super::{FileError, checksum};
use crate::config::{ModelConfig, RunConfig};

/// The key of our JSON in a safetensors file's metadata.
const METADATA_KEY: &str = "dcgan";

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A generator with statistics for sampling.
    Generator,
    /// A discriminator.
    Discriminator,
    /// Both networks with their optimizers and the position in the run.
    Checkpoint,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generator => "generator",
            Self::Discriminator => "discriminator",
            Self::Checkpoint => "checkpoint",
        })
    }
}

/// The pictures that a network was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSummary {
    /// Where they come from: a path or a short description.
    pub source: String,
    /// The number of pictures.
    pub pictures: u64,
    /// The [`Fingerprint`](dcgan_data::Fingerprint) of the data set, as text.
    pub fingerprint: String,
}

impl DataSummary {
    /// The summary of a data set from `source`, a path or a short description.
    pub fn new(source: impl Into<String>, dataset: &Dataset) -> Self {
        Self {
            source: source.into(),
            pictures: dataset.len() as u64,
            fingerprint: dataset.fingerprint().to_string(),
        }
    }
}

/// What a file holds: the JSON under `dcgan` in its metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileHeader {
    /// The schema of the header.
    pub schema: u32,
    /// What it holds.
    pub kind: FileKind,
    /// The configuration of its networks.
    pub model: ModelConfig,
    /// Training steps made.
    pub step: u64,
    /// How often the training was rolled back from non-finite losses. Part of the noise's key; in
    /// checkpoints only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u64,
    /// The steps that were refused since this one, if the training was rolled back to it; in
    /// checkpoints only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<u64>,
    /// The pictures it was trained on.
    pub data: DataSummary,
    /// The configuration of the training; in checkpoints only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunConfig>,
}

impl FileHeader {
    /// The schema that this version writes. It reads older ones too:
    ///
    /// - 2 has a checksum and the settings for saving a run.
    /// - 1 has neither.
    pub const SCHEMA: u32 = 2;

    /// The metadata of a file, with a placeholder for its checksum.
    pub(super) fn to_metadata(&self) -> Result<HashMap<String, String>, serde_json::Error> {
        let checksum = Some(checksum::PLACEHOLDER.to_owned());
        let json = serde_json::to_string(&Stored {
            checksum,
            header: self,
        })?;
        Ok(HashMap::from([(METADATA_KEY.to_owned(), json)]))
    }

    /// A header of any supported schema, converted to the newest, and the file's checksum.
    pub(super) fn from_metadata(
        metadata: Option<&HashMap<String, String>>,
        path: &Path,
    ) -> Result<(Self, Option<String>), FileError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u64,
        }
        let path = path.to_owned();
        let Some(json) = metadata.and_then(|metadata| metadata.get(METADATA_KEY)) else {
            return Err(FileError::Foreign { path });
        };
        let damaged = |path, error: serde_json::Error| FileError::Damaged {
            path,
            reason: format!("its configuration does not parse: {error}"),
        };
        let found = match serde_json::from_str::<Schema>(json) {
            Ok(Schema { schema }) => schema,
            Err(error) => return Err(damaged(path, error)),
        };
        let known = Self::SCHEMA;
        if !(1..=u64::from(known)).contains(&found) {
            return Err(FileError::Schema { path, found, known });
        }
        let stored: Stored<Self> = match serde_json::from_str(json) {
            Ok(stored) => stored,
            Err(error) => return Err(damaged(path, error)),
        };
        if stored.checksum.is_some() != (found >= WITH_CHECKSUM) {
            let reason = format!("its checksum is missing, or schema {found} is not its schema");
            return Err(FileError::Damaged { path, reason });
        }
        let mut header = stored.header;
        header.schema = known;
        Ok((header, stored.checksum))
    }
}

/// The first schema with a checksum.
const WITH_CHECKSUM: u64 = 2;

/// A header as it is stored in a file.
#[derive(Serialize, Deserialize)]
struct Stored<Header> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    #[serde(flatten)]
    header: Header,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
