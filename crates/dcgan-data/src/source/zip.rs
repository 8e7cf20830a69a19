//! Pictures in a zip archive, read in place by many threads at once.
//!
//! Nothing is ever unpacked to disk: an entry's name is only a name, whatever
//! `../` it holds.

use std::io::{self, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::DataError;
use super::listing::Listing;
use super::positioned_file::PositionedFile;
use super::reader::open_file;
use crate::decode::MAX_FILE_BYTES;

/// How zip archives begin: with an entry, empty, or as one part of several.
const SIGNATURES: [&[u8; 4]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

/// Whether a file that begins with `head` is a zip archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    SIGNATURES
        .iter()
        .any(|signature| head.starts_with(*signature))
}

/// An open archive. Entries are read through cheap clones that share the table
/// of contents and the file.
#[derive(Debug)]
pub(crate) struct Archive {
    zip: ZipArchive<PositionedFile>,
}

impl Archive {
    /// Reads the archive's table of contents.
    ///
    /// # Errors
    ///
    /// [`DataError::Damaged`] if there is none that makes sense.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let zip = ZipArchive::new(open_file(path)?)
            .map_err(|error| DataError::damaged(path, "zip archive", &error))?;
        Ok(Self { zip })
    }

    /// Lists the files in the archive; a place is an entry's number.
    ///
    /// # Errors
    ///
    /// [`DataError::EncryptedZip`] if no picture can be read without a password.
    pub fn list(&self, path: &Path) -> Result<Listing<usize>, DataError> {
        let mut listing = Listing::new();
        for index in 0..self.zip.len() {
            let Ok(entry) = self.zip.by_index_data(index) else {
                continue;
            };
            if entry.is_dir() {
                continue;
            }
            let name = entry.name().map_or_else(
                |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
                |name| name.into_owned(),
            );
            listing.add(name, index)?;
        }
        listing.sort();
        let encrypted = |index| {
            self.zip
                .by_index_data(index)
                .is_ok_and(|entry| entry.encrypted())
        };
        let pictures = &listing.pictures;
        if !pictures.is_empty() && pictures.iter().all(|entry| encrypted(entry.place)) {
            return Err(DataError::EncryptedZip {
                path: path.to_owned(),
            });
        }
        Ok(listing)
    }

    /// Reads one entry, unless it unpacks to more than a picture can be.
    pub fn read(&self, index: usize) -> Result<Vec<u8>, String> {
        let mut zip = self.zip.clone();
        let entry = zip.by_index(index).map_err(|error| reason(&error))?;
        // The stated size is only a hint: a hostile archive may state any.
        let stated = entry.size();
        if stated > MAX_FILE_BYTES {
            return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
        }
        let mut bytes = Vec::with_capacity(stated.min(1 << 20) as usize);
        entry
            .take(stated + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&error))?;
        if bytes.len() as u64 > stated {
            return Err("is damaged in the archive: it unpacks to more than it states".to_owned());
        }
        Ok(bytes)
    }
}

impl Archive {
    /// The names of all entries that are files, with their numbers.
    pub fn names(&self) -> Vec<(String, usize)> {
        let names = (0..self.zip.len()).filter_map(|index| {
            let entry = self.zip.by_index_data(index).ok()?;
            let name = entry.name().ok()?.into_owned();
            (!entry.is_dir()).then_some((name, index))
        });
        names.collect()
    }

    /// Reads an entry as it is unpacked.
    pub fn with_entry<T>(
        &self,
        path: &Path,
        index: usize,
        read: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, DataError> {
        let mut zip = self.zip.clone();
        let mut entry = zip
            .by_index(index)
            .map_err(|error| DataError::damaged(path, "zip archive", &reason(&error)))?;
        Ok(read(&mut entry))
    }

    /// Where an entry's bytes lie in the file, if they are not compressed.
    pub fn stored_at(&self, index: usize) -> Option<u64> {
        let mut zip = self.zip.clone();
        let entry = zip.by_index_raw(index).ok()?;
        let stored = entry.compression() == zip::CompressionMethod::Stored && !entry.encrypted();
        stored.then(|| entry.data_start()).flatten()
    }
}

fn damaged(error: &io::Error) -> String {
    format!("is damaged in the archive: {error}")
}

fn reason(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "is encrypted in the archive".to_owned()
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            "is compressed by a method other than deflate".to_owned()
        }
        other => format!("is damaged in the archive: {other}"),
    }
}
