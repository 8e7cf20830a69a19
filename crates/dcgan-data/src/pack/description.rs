//! The description at the end of a pack.

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::left_out::LeftOut;
use crate::notes::DeepPictures;
use crate::options::PackedOptions;
use crate::skipped::Skipped;

/// The schema of packs that are written now. The fourth may hold pictures of more formats, and says
/// what was left out.
pub(crate) const SCHEMA: u32 = 4;

/// The first schema with checksums of the pixels and of the tables.
const CHECKSUM_SCHEMA: u32 = 3;

/// The schema of packs whose hashes are FNV-1a.
const FNV_SCHEMA: u32 = 1;

/// Everything that is not a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    /// Packs of the first schema do not name it.
    #[serde(default = "first_schema")]
    pub schema: u32,
    pub options: PackedOptions,
    pub pictures: u64,
    /// Where the tables begin in the file.
    pub records_at: u64,
    pub attributes_at: u64,
    pub name_ends_at: u64,
    pub names_at: u64,
    pub classes: Vec<String>,
    pub attribute_names: Vec<String>,
    /// The state of the source's files.
    pub stamp: u64,
    /// The fingerprint of the data set: text, or a number in the first schema.
    pub fingerprint: StoredFingerprint,
    pub skipped: Vec<Skipped>,
    pub remarks: Vec<String>,
    /// Files that were not used.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// The levels that pictures of 16 bits use.
    #[serde(default)]
    pub deep_pictures: Option<DeepPictures>,
}

fn first_schema() -> u32 {
    FNV_SCHEMA
}

/// A fingerprint as a pack stores it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredFingerprint {
    Text(String),
    Fnv(u64),
}

impl Description {
    /// Whether the pack has checksums.
    pub fn has_checksums(&self) -> bool {
        self.schema >= CHECKSUM_SCHEMA
    }

    /// The fingerprint of the data set.
    pub fn fingerprint(&self) -> Fingerprint {
        match &self.fingerprint {
            StoredFingerprint::Text(text) => Fingerprint::from_text(text),
            StoredFingerprint::Fnv(hash) => Fingerprint::from_fnv(*hash),
        }
    }
}
