//! Parquet shards as published on Hugging Face: a column of pictures (bytes and path), and
//! optional columns of labels and attributes.

#[cfg(feature = "parquet")]
mod columns;
#[cfg(feature = "parquet")]
mod error;
#[cfg(feature = "parquet")]
mod schema;
#[cfg(feature = "parquet")]
mod shards;

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::DataError;
use crate::source::files::file_name;
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// A folder with parquet files at any depth.
pub(super) fn in_folder(place: &Place) -> Probed {
    let walk = WalkDir::new(place.path())
        .follow_links(true)
        .sort_by_file_name();
    let files: Vec<PathBuf> = walk
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .collect();
    if files.is_empty() {
        return Err(Mismatch::OtherFormat("there is no .parquet file in it"));
    }
    Parquet::probed(place, files)
}

/// A parquet file, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    if !place.is_requested() && !place.head().starts_with(b"PAR1") {
        return Err(Mismatch::OtherFormat("it is not a parquet file"));
    }
    Parquet::probed(place, vec![place.path().to_owned()])
}

/// Shards in order.
#[derive(Debug)]
struct Parquet {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl Parquet {
    fn probed(place: &Place, files: Vec<PathBuf>) -> Probed {
        if cfg!(feature = "parquet") {
            let path = place.path().to_owned();
            return Found::source(Self { path, files });
        }
        let path = files.into_iter().next().unwrap_or_default();
        Err(DataError::WithoutParquet { path }.into())
    }

    /// The shards of a split; all shards if none is named after a split.
    fn shards_of(mut self, split: Option<Split>) -> Result<Vec<PathBuf>, DataError> {
        let default = if self.path.is_file() {
            Split::All
        } else {
            Split::Train
        };
        let split = split.unwrap_or(default);
        self.files
            .retain(|file| split_of(file).is_none_or(|part| split.includes(part)));
        if self.files.is_empty() {
            return Err(DataError::NoSplit {
                path: self.path,
                split,
                reason: "no shard is named after it".to_owned(),
            });
        }
        Ok(self.files)
    }
}

impl Source for Parquet {
    fn has_splits(&self) -> bool {
        true
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(&self.files))
    }

    #[cfg(feature = "parquet")]
    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        shards::open(&self.shards_of(split)?)
    }

    #[cfg(not(feature = "parquet"))]
    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let path = self.shards_of(split)?.swap_remove(0);
        Err(DataError::WithoutParquet { path })
    }
}

/// The split that a shard is named after: `train-00000-of-00019.parquet`.
fn split_of(path: &Path) -> Option<Split> {
    let name = file_name(path).to_ascii_lowercase();
    let names = |word: &str| name.starts_with(word) || name.contains(&format!("-{word}"));
    if names("train") {
        Some(Split::Train)
    } else if names("val") {
        Some(Split::Valid)
    } else if names("test") {
        Some(Split::Test)
    } else {
        None
    }
}
