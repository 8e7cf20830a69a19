//! Opening files, reading their first bytes, and choosing those of a split.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dcgan_support::regular_file;

use super::positioned_file::PositionedFile;
use crate::decode::MAX_FILE_BYTES;
use crate::error::DataError;
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::split::Split;

/// The error of a file that the operating system refuses to read.
pub(super) fn unreadable(path: &Path, source: io::Error) -> DataError {
    DataError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// The name of a file without its folders.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The name of a file without its folders and its ending.
pub(super) fn file_stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The size of a file in bytes.
pub(super) fn file_size(path: &Path) -> Result<u64, DataError> {
    let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    Ok(metadata.len())
}

/// Opens a file for many readers at once.
pub(super) fn open_file(path: &Path) -> Result<PositionedFile, DataError> {
    regular_file::open(path)
        .and_then(PositionedFile::new)
        .map_err(|source| unreadable(path, source))
}

/// The first bytes of a file, at most `length`.
pub(super) fn head(path: &Path, length: usize) -> Result<Vec<u8>, DataError> {
    let mut head = Vec::new();
    regular_file::open(path)
        .and_then(|file| file.take(length as u64).read_to_end(&mut head))
        .map_err(|source| unreadable(path, source))?;
    Ok(head)
}

/// Most picture files are smaller.
const USUAL_BYTES: usize = 64 << 10;

/// Reads a whole file, or so much of it that it is too large to be a picture.
///
/// # Errors
///
/// The reason, in one line, if the file cannot be read.
pub(crate) fn read_picture_file(path: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        // A buffer that grows would be filled in many small reads.
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        regular_file::open(path)?
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| format!("cannot be read: {error}"))
}

/// The files of a data set that belong to a split. Without a `split`, a single file is used
/// whatever its split, and of several files those of the training split. A file for which
/// `split_of` is `None` belongs to [`Split::All`] alone.
///
/// # Errors
///
/// [`DataError::NoSplit`] if there are none.
pub(super) fn files_of_split(
    path: &Path,
    files: &[PathBuf],
    split: Option<Split>,
    split_of: impl Fn(&Path) -> Option<Split>,
) -> Result<Vec<PathBuf>, DataError> {
    let default = if files.len() == 1 {
        Split::All
    } else {
        Split::Train
    };
    let split = split.unwrap_or(default);
    let belongs = |file: &&PathBuf| match split_of(file) {
        Some(part) => split.includes(part),
        None => split == Split::All,
    };
    let chosen: Vec<PathBuf> = files.iter().filter(belongs).cloned().collect();
    if chosen.is_empty() {
        return Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: "it has no file of that split".to_owned(),
        });
    }
    Ok(chosen)
}

/// The files of a data set that were not chosen for a split.
pub(super) fn of_other_splits(
    files: &[PathBuf],
    chosen: &[PathBuf],
    split_of: impl Fn(&Path) -> Option<Split>,
) -> LeftOutList {
    let mut left_out = LeftOutList::default();
    for file in files.iter().filter(|file| !chosen.contains(file)) {
        let split = split_of(file).unwrap_or(Split::All).to_string();
        left_out.add(LeftOutReason::OtherSplit, &split, &file_name(file));
    }
    left_out
}
