//! What a file says of itself.

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
    /// A generator, ready to draw.
    Generator,
    /// A discriminator.
    Discriminator,
    /// Both networks with their optimizers and their position in the run.
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
    /// Where they came from, in words.
    pub source: String,
    /// How many.
    pub pictures: u64,
    /// What tells changed pictures from the same ones.
    pub fingerprint: String,
}

impl DataSummary {
    /// The summary of a data set from `source`, a path or a short description.
    pub fn new(source: impl Into<String>, dataset: &Dataset) -> Self {
        Self {
            source: source.into(),
            pictures: dataset.len() as u64,
            fingerprint: format!("{:016x}", dataset.fingerprint()),
        }
    }
}

/// What a file says of itself: the JSON under `dcgan` in its metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileHeader {
    /// The form of the file.
    pub schema: u32,
    /// What it holds.
    pub kind: FileKind,
    /// How its networks are built.
    pub model: ModelConfig,
    /// Training steps made.
    pub step: u64,
    /// How often the training has gone back from losses that were no numbers; it is part of
    /// the noise's key. In checkpoints alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u64,
    /// What it was trained on.
    pub data: DataSummary,
    /// How the training is configured; in checkpoints alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunConfig>,
}

impl FileHeader {
    /// The form that this version writes. It reads those before it too:
    ///
    /// - 2 has a checksum, and how a run is saved.
    /// - 1 has neither.
    pub const SCHEMA: u32 = 2;

    /// The metadata of a file, with zeros for its checksum.
    pub(super) fn to_metadata(&self) -> Result<HashMap<String, String>, serde_json::Error> {
        let checksum = Some(checksum::PLACEHOLDER.to_owned());
        let json = serde_json::to_string(&Stored {
            checksum,
            header: self,
        })?;
        Ok(HashMap::from([(METADATA_KEY.to_owned(), json)]))
    }

    /// A header of any schema as one of the newest, and the checksum that the file states.
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

/// A header as it lies in a file.
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
