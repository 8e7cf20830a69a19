//! A data source: a folder, a zip archive, or the drawn faces.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::archive::{self, Archive};
use super::decode::is_picture;
use super::error::{DataError, Skipped};
use super::folder;
use super::listing::{Entry, Listing};

/// Where the pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// A folder, searched at any depth, or a zip archive, read in place.
    Path(PathBuf),
    /// Faces drawn by the program itself.
    Demo {
        /// How many faces.
        count: u32,
        /// Which faces: the same seed draws the same ones.
        seed: u64,
    },
}

/// The pictures found at a path, each with a way to read it.
#[derive(Debug)]
pub(super) enum Files {
    /// Files of a folder.
    Folder(Vec<Entry<PathBuf>>),
    /// Entries of an archive.
    Archive(Archive, Vec<Entry<usize>>),
}

impl Files {
    pub fn len(&self) -> usize {
        match self {
            Self::Folder(entries) => entries.len(),
            Self::Archive(_, entries) => entries.len(),
        }
    }

    pub fn name(&self, index: usize) -> &str {
        match self {
            Self::Folder(entries) => &entries[index].name,
            Self::Archive(_, entries) => &entries[index].name,
        }
    }

    /// The bytes of a file, or why they cannot be had.
    pub fn read(&self, index: usize) -> Result<Vec<u8>, String> {
        match self {
            Self::Folder(entries) => folder::read(&entries[index].place),
            Self::Archive(archive, entries) => archive.read(entries[index].place),
        }
    }
}

/// Finds the pictures at `path`, and those known to be unreadable already.
///
/// # Errors
///
/// A [`DataError`] that says what is there instead of pictures.
pub(super) fn find(path: &Path) -> Result<(Files, Vec<Skipped>), DataError> {
    let metadata = path.metadata().map_err(|source| {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => DataError::Missing { path },
            _ => DataError::Unreadable { path, source },
        }
    })?;
    if metadata.is_dir() {
        let listing = check(path, folder::list(path)?)?;
        return Ok((Files::Folder(listing.pictures), listing.skipped));
    }
    if !metadata.is_file() {
        return Err(DataError::NotAFolderOrZip {
            path: path.to_owned(),
        });
    }
    let archive = open_archive(path)?;
    let listing = check(path, archive.list(path)?)?;
    Ok((Files::Archive(archive, listing.pictures), listing.skipped))
}

/// Opens a file as an archive: by its content first, by its name second, as an
/// archive may have something before its first entry.
fn open_archive(path: &Path) -> Result<Archive, DataError> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut head))
        .map_err(|source| DataError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    let path_owned = path.to_owned();
    let named_zip = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    match () {
        () if archive::is_zip(&head) => Archive::open(path),
        () if is_picture(&head) => Err(DataError::SinglePicture { path: path_owned }),
        () if named_zip => Archive::open(path).map_err(|_| DataError::NotAZip { path: path_owned }),
        () => Err(DataError::NotAFolderOrZip { path: path_owned }),
    }
}

fn check<Place>(path: &Path, listing: Listing<Place>) -> Result<Listing<Place>, DataError> {
    let path = path.to_owned();
    if listing.is_empty() {
        return Err(DataError::Empty { path });
    }
    if listing.pictures.is_empty() && listing.skipped.is_empty() {
        let seen = listing.others_seen();
        return Err(DataError::NoPictures { path, seen });
    }
    Ok(listing)
}
