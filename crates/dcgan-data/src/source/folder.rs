//! Pictures in a folder, at any depth.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::DataError;
use super::listing::{Listing, is_ignored, is_picture_name};
use super::reader::Reader;
use super::stamp::Stamp;
use crate::decode::MAX_FILE_BYTES;

/// What is in a folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// A place is the number of a path.
    pub listing: Listing<usize>,
    pub paths: Vec<PathBuf>,
    pub stamp: Stamp,
}

/// Lists the files below `root`. Links are followed; one that leads back to a
/// folder above it is left out, and so is the folder of a run.
///
/// # Errors
///
/// [`DataError::Unreadable`] if `root` itself cannot be listed. A folder below
/// it that cannot be listed is skipped with a reason.
pub(super) fn list(root: &Path) -> Result<Folder, DataError> {
    fs::read_dir(root).map_err(|source| DataError::Unreadable {
        path: root.to_owned(),
        source,
    })?;
    let mut listing = Listing::new();
    let mut found = Vec::new();
    let walk = WalkDir::new(root)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry));
    for entry in walk {
        match entry {
            // Sockets and pipes are no files: opening one could wait for ever.
            Ok(entry) if entry.file_type().is_file() => {
                let name = relative_name(root, entry.path());
                let metadata = entry.metadata().ok();
                let stamp = Stamp::new().entry(&name, metadata.as_ref());
                listing.add(name, found.len())?;
                found.push((stamp, entry.into_path()));
            }
            Ok(_) => {}
            Err(error) => add_error(&mut listing, root, &error),
        }
    }
    listing.sort();
    let stamps = listing.pictures.iter().map(|entry| found[entry.place].0);
    let stamp = stamps.fold(Stamp::new(), Stamp::and);
    Ok(Folder {
        listing,
        paths: found.into_iter().map(|(_, path)| path).collect(),
        stamp,
    })
}

/// Hidden files and the like; and the folder of a run, whose sample grids are
/// nothing to learn from.
fn is_left_out(entry: &DirEntry) -> bool {
    let path = entry.path();
    let holds_a_run = || path.join("config.toml").is_file() && path.join("metrics.jsonl").is_file();
    is_ignored(&file_name(path)) || (entry.file_type().is_dir() && holds_a_run())
}

fn add_error(listing: &mut Listing<usize>, root: &Path, error: &walkdir::Error) {
    let (None, Some(path)) = (error.loop_ancestor(), error.path()) else {
        return;
    };
    let name = relative_name(root, path);
    let leads_nowhere = error
        .io_error()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
    if is_ignored(&name) {
    } else if leads_nowhere && !is_picture_name(&name) {
        listing.add_other(&name);
    } else if leads_nowhere {
        listing.skip(name, "is a link to a file that does not exist".to_owned());
    } else {
        let cause = error.io_error().map(io::Error::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        listing.skip(name, format!("cannot be read: {cause}"));
    }
}

/// Most picture files are smaller.
const USUAL_BYTES: usize = 64 << 10;

/// Reads a whole file, unless it is too large to be a picture.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        // Room for most pictures: a buffer that grows is read in many small parts.
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        File::open(path)?
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| format!("cannot be read: {error}"))
}

/// The path below `root` with `/` between its parts, on every system.
fn relative_name(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Reads those files of a folder that have been chosen from its listing.
pub(super) fn reader(paths: Vec<PathBuf>, places: Vec<usize>) -> Reader {
    let mut paths: Vec<Option<PathBuf>> = paths.into_iter().map(Some).collect();
    let chosen = places.into_iter().filter_map(|place| paths[place].take());
    Reader::Folder(chosen.collect())
}
