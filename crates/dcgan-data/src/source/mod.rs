//! Where pictures come from: many kinds of data set behind one [`Opened`].
//!
//! ```text
//! path ─► recognise ─► Located ─► open ─► Opened: entries, and a Reader for them
//!                        └─► stamp: has anything changed since?
//! ```
//!
//! A [`Located`] knows which files a data set has and has read next to nothing.
//! Opening reads lists and tables of contents. No picture is decoded here.

mod celeba;
mod cifar;
mod entries;
mod folder;
mod format;
mod listing;
mod lists;
mod lmdb;
mod lsun;
mod mat;
mod mnist;
mod npy;
mod numpy;
#[cfg(feature = "parquet")]
mod parquet;
mod positioned_file;
mod reader;
mod recognise;
mod records;
mod stamp;
mod svhn;
mod tar;
mod zip;

use std::path::{Path, PathBuf};

use super::error::{DataError, Skipped};

pub(super) use entries::{Entries, NONE, Names};
pub(super) use folder::read as read_file;
pub use format::{Format, Split};
pub(super) use reader::{Item, Raw, Reader, Stream};
pub(super) use recognise::{Located, locate};

/// Where the pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// A data set on disk.
    Files {
        /// A folder, an archive, or a file of a data set.
        path: PathBuf,
        /// What it is; `None` to find out by looking.
        format: Option<Format>,
        /// Which part of it; `None` for the training part, or all where there
        /// are no parts.
        split: Option<Split>,
    },
    /// Faces drawn by the program itself.
    Demo {
        /// How many faces.
        count: u32,
        /// Which faces: the same seed draws the same ones.
        seed: u64,
    },
}

impl DataSource {
    /// What is at a path, whatever it is.
    pub fn at(path: &Path) -> Self {
        Self::Files {
            path: path.to_owned(),
            format: None,
            split: None,
        }
    }
}

/// A source whose pictures can be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub entries: Entries,
    pub reader: Reader,
    /// Pictures that are known to be unreadable already.
    pub skipped: Vec<Skipped>,
    /// What was counted and left out without being a bad picture, in words.
    pub remarks: Vec<String>,
}

impl Opened {
    /// Pictures that are only names and places, labelled by their folders.
    fn of_files(
        listing: listing::Listing<usize>,
        reader: impl FnOnce(Vec<usize>) -> Reader,
    ) -> Self {
        let mut entries = Entries::default();
        let mut places = Vec::with_capacity(listing.pictures.len());
        for entry in listing.pictures {
            entries.names.push(&entry.name);
            places.push(entry.place);
        }
        entries.label_by_folder();
        Self {
            entries,
            reader: reader(places),
            skipped: listing.skipped,
            remarks: Vec::new(),
        }
    }
}
