//! What every format provides: a [`Source`], which opens to entries and a [`Reader`] for them.

use std::fmt::Debug;
use std::path::PathBuf;

use super::entries::Entries;
use super::layout::Layout;
use super::listing::Listing;
use super::stamp::Stamp;
use crate::error::DataError;
use crate::fingerprint::content_hash;
use crate::left_out::LeftOutList;
use crate::pixels::Pixels;
use crate::skipped::Skipped;
use crate::split::Split;

/// A data set on disk whose format and files are known.
pub(crate) trait Source: Debug {
    /// Whether it is divided into splits.
    fn has_splits(&self) -> bool {
        false
    }

    /// About how many pictures it has, of all splits: among several data sets in a folder, the largest
    /// is used. `None` if a file cannot be read.
    fn pictures(&self) -> Option<usize>;

    /// The files and folders that it consists of, if it was found among others.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// A stamp of all files it consists of, by names, sizes and modification times.
    ///
    /// # Errors
    ///
    /// If a folder cannot be listed.
    fn stamp(&self) -> Result<Stamp, DataError>;

    /// Reads the lists and tables of contents of a split; `None` is the default split.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if a file is empty, truncated, corrupt or not of this format, or if there
    /// is nothing of the split.
    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError>;
}

/// A source whose pictures can be read.
#[derive(Debug)]
pub(crate) struct Opened {
    pub entries: Entries,
    pub reader: Reader,
    /// Pictures that are already known to be unreadable.
    pub skipped: Vec<Skipped>,
    /// Files that are not used.
    pub left_out: LeftOutList,
    /// Notes on what is remarkable.
    pub remarks: Vec<String>,
}

impl Opened {
    /// A source of which nothing is known to be unreadable.
    pub fn new(entries: Entries, reader: Reader) -> Self {
        Self {
            entries,
            reader,
            skipped: Vec::new(),
            left_out: LeftOutList::default(),
            remarks: Vec::new(),
        }
    }

    /// The pictures of a listing, labelled by their folders. `make_reader` gets the place of each
    /// picture, in order.
    pub fn from_listing<Place>(
        listing: Listing<Place>,
        make_reader: impl FnOnce(Vec<Place>) -> Reader,
    ) -> Self {
        let mut entries = Entries::default();
        let mut places = Vec::with_capacity(listing.pictures.len());
        for entry in listing.pictures {
            entries.names.push(&entry.name);
            places.push(entry.place);
        }
        entries.label_by_folder();
        Self {
            skipped: listing.skipped,
            left_out: listing.left_out,
            ..Self::new(entries, make_reader(places))
        }
    }
}

/// How the pictures of a source are read.
#[derive(Debug)]
pub(crate) enum Reader {
    /// Any picture at any time, on any thread.
    RandomAccess(Box<dyn RandomAccess>),
    /// All pictures, one after the other.
    Stream(Box<dyn Stream>),
}

impl Reader {
    pub fn random_access(reader: impl RandomAccess + 'static) -> Self {
        Self::RandomAccess(Box::new(reader))
    }

    pub fn stream(stream: impl Stream + 'static) -> Self {
        Self::Stream(Box::new(stream))
    }

    pub fn is_random_access(&self) -> bool {
        matches!(self, Self::RandomAccess(_))
    }
}

/// Reads any picture of a source at any time.
pub(crate) trait RandomAccess: Debug + Send + Sync {
    /// Reads picture `index`.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in one line.
    fn read(&self, index: usize) -> Result<Item, String>;
}

/// Reads the pictures of a source from the first to the last.
pub(crate) trait Stream: Debug + Send + Sync {
    /// Passes every picture to `take`, until that returns `false`.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the stream is truncated or corrupt.
    fn read(&self, take: &mut Take<'_>) -> Result<(), DataError>;
}

/// Takes a picture's index and contents, or why it cannot be read. Returns whether it takes more.
pub(crate) type Take<'a> = dyn FnMut(usize, Result<Item, String>) -> bool + 'a;

/// A picture as its source stores it.
#[derive(Debug)]
pub(crate) enum Raw {
    /// A file of one of the picture formats.
    Encoded(Vec<u8>),
    /// Bare pixels.
    Pixels(Pixels),
}

/// A picture as its source stores it, and the hash of its bytes.
#[derive(Debug)]
pub(crate) struct Item {
    pub raw: Raw,
    pub content: u64,
}

impl Item {
    /// A picture file.
    pub fn encoded(bytes: Vec<u8>) -> Self {
        Self {
            content: content_hash(&bytes),
            raw: Raw::Encoded(bytes),
        }
    }

    /// The bytes of bare pixels.
    pub fn record(bytes: &[u8], layout: Layout) -> Self {
        Self {
            content: content_hash(bytes),
            raw: Raw::Pixels(layout.pixels(bytes)),
        }
    }

    /// The bytes that it holds in memory.
    pub fn size(&self) -> usize {
        match &self.raw {
            Raw::Encoded(bytes) => bytes.len(),
            Raw::Pixels(pixels) => pixels.values.len(),
        }
    }
}
