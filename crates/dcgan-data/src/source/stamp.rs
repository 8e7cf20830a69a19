//! Detecting changed files by their names, sizes and modification times.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::files::file_name;
use crate::fingerprint::Hasher;

/// A hash that changes when one of a set of files does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// The stamp of files in order. A missing file counts as missing.
    pub fn of_files<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        files.into_iter().map(|file| Self::of_file(file)).collect()
    }

    /// The stamp of one file.
    pub fn of_file(path: &Path) -> Self {
        Self::of_entry(&file_name(path), path.metadata().ok().as_ref())
    }

    /// The stamp of a file whose metadata is known, under a name of its own.
    pub fn of_entry(name: &str, metadata: Option<&Metadata>) -> Self {
        let mut hasher = Hasher::new();
        hasher.bytes(name.as_bytes());
        if let Some(metadata) = metadata {
            let modified = metadata.modified().ok();
            let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let nanoseconds = modified.map_or(0, |time| time.as_nanos() as u64);
            hasher.number(metadata.len()).number(nanoseconds);
        }
        Self(hasher.finish())
    }

    pub fn value(self) -> u64 {
        self.0
    }
}

impl FromIterator<Stamp> for Stamp {
    /// Combines stamps, in order.
    fn from_iter<I: IntoIterator<Item = Self>>(stamps: I) -> Self {
        let mut hasher = Hasher::new();
        for stamp in stamps {
            hasher.number(stamp.0);
        }
        Self(hasher.finish())
    }
}
