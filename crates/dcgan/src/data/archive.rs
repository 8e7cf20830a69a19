//! Pictures in a zip archive, read in place by many threads at once.
//!
//! Nothing is ever unpacked to disk: an entry's name is only a name, whatever
//! `../` it holds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::decode::MAX_FILE_BYTES;
use super::error::DataError;
use super::listing::Listing;
use super::positioned_file::PositionedFile;

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
pub(super) struct Archive {
    zip: ZipArchive<PositionedFile>,
}

impl Archive {
    /// Reads the archive's table of contents.
    ///
    /// # Errors
    ///
    /// [`DataError::DamagedZip`] if there is none that makes sense.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path)
            .and_then(PositionedFile::new)
            .map_err(unreadable)?;
        let zip = ZipArchive::new(file).map_err(|error| DataError::DamagedZip {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
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
            listing.add(name, index);
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
        let mut bytes = Vec::with_capacity(entry.size().min(1 << 20) as usize);
        entry
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&error))?;
        Ok(bytes)
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
