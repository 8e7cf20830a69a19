//! Whether files have changed, told by their names, sizes and times alone.

use std::fs::Metadata;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::hash::{HASH_START, hash, hash_text};

/// A hash over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(u64);

impl Stamp {
    pub fn new() -> Self {
        Self(HASH_START)
    }

    /// Takes a file in; one that is not there counts as not there.
    pub fn file(self, path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy());
        self.entry(&name.unwrap_or_default(), path.metadata().ok().as_ref())
    }

    /// Takes in a file of which the metadata is known.
    pub fn entry(self, name: &str, metadata: Option<&Metadata>) -> Self {
        let state = hash_text(self.0, name);
        let Some(metadata) = metadata else {
            return Self(hash(state, &[0]));
        };
        let modified = metadata.modified().ok();
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let nanoseconds = modified.map_or(0, |time| time.as_nanos() as u64);
        let state = hash(state, &metadata.len().to_le_bytes());
        Self(hash(state, &nanoseconds.to_le_bytes()))
    }

    /// Takes in what was stamped by itself.
    pub fn and(self, other: Self) -> Self {
        Self(hash(self.0, &other.0.to_le_bytes()))
    }

    pub fn value(self) -> u64 {
        self.0
    }
}
