//! Pictures in a folder, at any depth.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dcgan_support::regular_file::NotRegular;
use walkdir::{DirEntry, WalkDir};

use crate::error::DataError;
use crate::source::files::{file_name, read_picture_file, unreadable};
use crate::source::listing::{Listing, is_ignored, is_picture_name};
use crate::source::opened::{Item, Opened, RandomAccess, Reader, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// A folder with pictures at any depth, or any folder if the format is requested.
pub(super) fn with_pictures(place: &Place) -> Probed {
    let folder = PictureFolder::list(place.path())?;
    if place.is_requested() || !folder.listing.pictures.is_empty() {
        Found::source(folder)
    } else {
        Err(Mismatch::OtherFormat("it holds no pictures"))
    }
}

/// Any folder.
pub(super) fn without_pictures(place: &Place) -> Probed {
    Found::source(PictureFolder::list(place.path())?)
}

/// A folder whose files have been listed.
#[derive(Debug)]
pub(super) struct PictureFolder {
    path: PathBuf,
    /// The path of each picture.
    listing: Listing<PathBuf>,
    stamp: Stamp,
}

impl PictureFolder {
    /// Lists the files below `path`. Links are followed, except those that lead back to a folder
    /// above; a run directory is left out.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`] if `path` itself cannot be listed. A folder below it that cannot
    /// be listed is skipped with a reason.
    pub fn list(path: &Path) -> Result<Self, DataError> {
        fs::read_dir(path).map_err(|source| unreadable(path, source))?;
        let mut listing = Listing::new();
        let walk = WalkDir::new(path)
            .follow_links(true)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry));
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let name = relative_name(path, entry.path());
                    let stamp = Stamp::of_entry(&name, entry.metadata().ok().as_ref());
                    listing.add(name, (stamp, entry.into_path()))?;
                }
                Ok(entry) => skip_special(&mut listing, path, &entry),
                Err(error) => add_error(&mut listing, path, &error),
            }
        }
        listing.sort();
        Ok(Self {
            path: path.to_owned(),
            stamp: listing.places().map(|(stamp, _)| *stamp).collect(),
            listing: listing.map_places(|(_, path)| path),
        })
    }

    /// Opens those pictures that `keep` leaves in the listing.
    ///
    /// # Errors
    ///
    /// If there are no pictures, and the errors of `keep`.
    pub fn open(
        self,
        keep: impl FnOnce(&mut Listing<PathBuf>) -> Result<(), DataError>,
    ) -> Result<Opened, DataError> {
        let mut listing = self.listing.require_pictures(&self.path)?;
        keep(&mut listing)?;
        Ok(Opened::from_listing(listing, |paths| {
            Reader::random_access(PictureFiles(paths))
        }))
    }
}

impl Source for PictureFolder {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(self.stamp)
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        PictureFolder::open(*self, |_| Ok(()))
    }
}

/// Picture files, one for each picture.
#[derive(Debug)]
struct PictureFiles(Vec<PathBuf>);

impl RandomAccess for PictureFiles {
    fn read(&self, index: usize) -> Result<Item, String> {
        read_picture_file(&self.0[index]).map(Item::encoded)
    }
}

/// Hidden files and the like; and a run directory, whose sample grids are not data.
fn is_left_out(entry: &DirEntry) -> bool {
    let path = entry.path();
    let holds_a_run = || path.join("config.toml").is_file() && path.join("metrics.jsonl").is_file();
    is_ignored(&file_name(path)) || (entry.file_type().is_dir() && holds_a_run())
}

/// Records a pipe, a socket or a device, which is not even opened.
fn skip_special<Place>(listing: &mut Listing<Place>, root: &Path, entry: &DirEntry) {
    match NotRegular::from_type(entry.file_type()) {
        None | Some(NotRegular::Folder) => {}
        Some(found) => {
            let name = relative_name(root, entry.path());
            listing.skip(name, format!("cannot be read: {found}"));
        }
    }
}

fn add_error<Place>(listing: &mut Listing<Place>, root: &Path, error: &walkdir::Error) {
    let (None, Some(path)) = (error.loop_ancestor(), error.path()) else {
        return;
    };
    let name = relative_name(root, path);
    if is_ignored(&name) {
        return;
    }
    let io_error = error.io_error();
    let is_broken_link = io_error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
    if is_broken_link && !is_picture_name(&name) {
        listing.add_other(&name);
    } else if is_broken_link {
        listing.skip(name, "is a link to a file that does not exist".to_owned());
    } else {
        let cause = io_error.map_or_else(|| error.to_string(), io::Error::to_string);
        listing.skip(name, format!("cannot be read: {cause}"));
    }
}

/// The path below `root`, with `/` as separator on every system.
fn relative_name(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
