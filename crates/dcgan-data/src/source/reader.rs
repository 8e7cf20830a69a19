//! Reading the pictures of a source: any of them at any time, or for
//! compressed streams one after the other.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::positioned_file::PositionedFile;
use super::records::Layout;
use super::zip::Archive;
use super::{DataError, folder};
use crate::decode::MAX_FILE_BYTES;
use crate::hash::{HASH_START, hash};
use crate::pixels::Pixels;

/// A picture as its source has it.
#[derive(Debug)]
pub(crate) enum Raw {
    /// A file of one of the picture formats.
    Encoded(Vec<u8>),
    /// Pixels.
    Pixels(Pixels),
}

/// A picture, and a hash of what it is made from.
#[derive(Debug)]
pub(crate) struct Item {
    pub raw: Raw,
    pub content: u64,
}

impl Item {
    pub fn encoded(bytes: Vec<u8>) -> Self {
        Self {
            content: hash(HASH_START, &bytes),
            raw: Raw::Encoded(bytes),
        }
    }

    pub fn record(bytes: &[u8], layout: Layout) -> Self {
        Self {
            content: hash(HASH_START, bytes),
            raw: Raw::Pixels(layout.pixels(bytes)),
        }
    }
}

/// A part of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Which of the files.
    pub file: u32,
    pub offset: u64,
    pub length: u64,
}

/// What the bytes of a span are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    /// A file of one of the picture formats.
    Encoded,
    /// Bare pixels.
    Pixels(Layout),
}

/// How the pictures of a source are read.
#[derive(Debug)]
pub(crate) enum Reader {
    /// Files of a folder.
    Folder(Vec<PathBuf>),
    /// Entries of a zip archive.
    Zip(Archive, Vec<usize>),
    /// Parts of files, uncompressed.
    Spans {
        files: Vec<PositionedFile>,
        spans: Vec<Span>,
        content: Content,
    },
    /// What can only be read from its beginning to its end.
    Stream(Stream),
    /// Faces that are drawn when they are asked for.
    Demo { seed: u64 },
}

impl Reader {
    /// Whether any picture can be read at any time.
    pub fn is_random_access(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// Picture `index`, or why it cannot be had. `image_size` is the side at
    /// which faces are drawn.
    pub fn read(&self, index: usize, image_size: u32) -> Result<Item, String> {
        match self {
            Self::Folder(paths) => folder::read(&paths[index]).map(Item::encoded),
            Self::Zip(archive, places) => archive.read(places[index]).map(Item::encoded),
            Self::Spans {
                files,
                spans,
                content,
            } => {
                let bytes = read_span(files, spans[index])?;
                Ok(match content {
                    Content::Encoded => Item::encoded(bytes),
                    Content::Pixels(layout) => Item::record(&bytes, *layout),
                })
            }
            Self::Stream(_) => Err("can only be read in one go, from the beginning".to_owned()),
            Self::Demo { seed } => {
                let face = dcgan_faces::face(*seed, index as u64).draw(image_size);
                Ok(Item {
                    raw: Raw::Pixels(Pixels::from(face)),
                    content: hash(HASH_START, &seed.to_le_bytes()),
                })
            }
        }
    }
}

fn read_span(files: &[PositionedFile], span: Span) -> Result<Vec<u8>, String> {
    if span.length > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
    }
    let mut file = files[span.file as usize].clone();
    let mut bytes = Vec::with_capacity(span.length.min(1 << 20) as usize);
    let read = file
        .seek(SeekFrom::Start(span.offset))
        .and_then(|_| file.take(span.length).read_to_end(&mut bytes));
    match read {
        Ok(count) if count as u64 == span.length => Ok(bytes),
        Ok(count) => Err(format!(
            "is truncated: {count} of its {} bytes are there",
            span.length
        )),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// Takes one picture of a stream after the other: its number and what it is,
/// or why it cannot be had. Answers false when it wants no more.
pub(crate) type Take<'a> = dyn FnMut(usize, Result<Item, String>) -> bool + 'a;

/// What can only be read from its beginning to its end.
#[derive(Debug)]
pub(crate) enum Stream {
    /// A compressed tar archive.
    Tar(super::tar::TarStream),
    /// Bare pixels behind a compression.
    Records(super::records::RecordStream),
    /// Parquet shards.
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::Shards),
}

impl Stream {
    /// Gives every picture to `take`.
    ///
    /// # Errors
    ///
    /// A [`DataError`] where the stream itself ends or is damaged.
    pub fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        match self {
            Self::Tar(tar) => tar.read(take),
            Self::Records(records) => records.read(take),
            #[cfg(feature = "parquet")]
            Self::Parquet(shards) => shards.read(take),
        }
    }
}

/// The size of a file in bytes.
pub(super) fn file_size(path: &std::path::Path) -> Result<u64, DataError> {
    fs::metadata(path)
        .map(|metadata| metadata.len())
        .map_err(|source| unreadable(path, source))
}

/// The error of a file that the system does not give.
pub(super) fn unreadable(path: &std::path::Path, source: io::Error) -> DataError {
    DataError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// Opens a file for many readers at once.
pub(super) fn open_file(path: &std::path::Path) -> Result<PositionedFile, DataError> {
    fs::File::open(path)
        .and_then(PositionedFile::new)
        .map_err(|source| unreadable(path, source))
}
