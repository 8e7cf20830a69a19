//! Where pictures come from: every format of data set behind one trait, [`opened::Source`].
//!
//! ```text
//! path ─► Place ─► the first probe that accepts it ─► Located ─► open ─► Opened
//!                                                        └─► stamp: has a file changed?
//! ```
//!
//! A probe recognises a format by file names and first bytes. Opening a source reads its lists
//! and tables of contents. No picture is decoded here.
//!
//! A new format is a file in `formats/`, a row in [`formats::PROBES`], and a name in
//! [`Format`].

mod combined;
mod compression;
mod detect;
mod entries;
mod file_names;
mod files;
mod folder_listing;
mod formats;
mod layout;
mod listing;
mod opened;
mod place;
mod positioned_file;
mod probe;
mod record_set;
mod spans;
mod stamp;

use std::path::{Path, PathBuf};

use crate::format::Format;
use crate::split::Split;

pub(crate) use detect::{Located, LocatedSource, locate};
pub(crate) use entries::{Entries, NONE, Names};
pub(crate) use files::read_picture_file;
pub(crate) use opened::{Item, Opened, RandomAccess, Raw, Reader, Stream};

/// Where the pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// A data set on disk.
    Files {
        /// A folder, an archive, or a file of a data set.
        path: PathBuf,
        /// Its format; `None` to detect it.
        format: Option<Format>,
        /// Which split to use; `None` for the training split, or everything if the data set has
        /// no splits.
        split: Option<Split>,
    },
    /// Faces that are drawn, for a first try without data.
    Demo {
        /// The number of faces.
        count: u32,
        /// The seed that the faces are drawn from.
        seed: u64,
    },
}

impl DataSource {
    /// The data set at `path`: its format is detected, its default split used.
    pub fn at(path: &Path) -> Self {
        Self::Files {
            path: path.to_owned(),
            format: None,
            split: None,
        }
    }
}
