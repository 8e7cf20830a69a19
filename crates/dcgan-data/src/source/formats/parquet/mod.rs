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

use crate::error::DataError;
use crate::left_out::LeftOutList;
use crate::source::files::{file_name, of_other_splits};
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// A folder with parquet files at any depth.
pub(super) fn in_folder(place: &Place) -> Probed {
    let files = place.listing()?.files_ending_in(".parquet");
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

    /// The shards of a split, and those that are left out; all shards if none is named after a
    /// split.
    fn shards_of(mut self, split: Option<Split>) -> Result<(Vec<PathBuf>, LeftOutList), DataError> {
        let default = if self.path.is_file() {
            Split::All
        } else {
            Split::Train
        };
        let split = split.unwrap_or(default);
        let all = self.files.clone();
        self.files
            .retain(|file| split_of(file).is_none_or(|part| split.includes(part)));
        if self.files.is_empty() {
            return Err(DataError::NoSplit {
                path: self.path,
                split,
                reason: "no shard is named after it".to_owned(),
            });
        }
        let left_out = of_other_splits(&all, &self.files, split_of);
        Ok((self.files, left_out))
    }
}

impl Source for Parquet {
    fn has_splits(&self) -> bool {
        true
    }

    #[cfg(feature = "parquet")]
    fn pictures(&self) -> Option<usize> {
        shards::count(&self.files)
    }

    #[cfg(not(feature = "parquet"))]
    fn pictures(&self) -> Option<usize> {
        None
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(&self.files))
    }

    #[cfg(feature = "parquet")]
    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let (shards, others) = self.shards_of(split)?;
        let mut opened = shards::open(&shards)?;
        opened.left_out.append(&others.into_groups());
        Ok(opened)
    }

    #[cfg(not(feature = "parquet"))]
    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let (mut shards, _) = self.shards_of(split)?;
        Err(DataError::WithoutParquet {
            path: shards.swap_remove(0),
        })
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
