//! Pictures in a folder, at any depth.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::error::DataError;
use crate::left_out::LeftOutList;
use crate::source::files::read_picture_file;
use crate::source::folder_listing::FolderListing;
use crate::source::listing::Listing;
use crate::source::opened::{Item, Opened, RandomAccess, Reader, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// A folder with pictures at any depth, or any folder if the format is requested.
pub(super) fn with_pictures(place: &Place) -> Probed {
    let folder = PictureFolder::at(place)?;
    if place.is_requested() || !folder.listing.pictures.pictures.is_empty() {
        Found::source(folder)
    } else {
        Err(Mismatch::OtherFormat("it holds no pictures"))
    }
}

/// Any folder.
///
/// # Errors
///
/// If it cannot be listed.
pub(in crate::source) fn any(place: &Place) -> Result<Box<dyn Source>, DataError> {
    Ok(Box::new(PictureFolder::at(place)?))
}

/// A folder whose files have been listed.
#[derive(Debug)]
pub(super) struct PictureFolder {
    path: PathBuf,
    listing: Rc<FolderListing>,
}

impl PictureFolder {
    fn at(place: &Place) -> Result<Self, DataError> {
        Ok(Self {
            path: place.path().to_owned(),
            listing: place.listing()?,
        })
    }

    /// Lists the files below `path`.
    ///
    /// # Errors
    ///
    /// As [`FolderListing::of`].
    pub fn list(path: &Path) -> Result<Self, DataError> {
        Ok(Self {
            path: path.to_owned(),
            listing: Rc::new(FolderListing::of(path)?),
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
        let pictures = Rc::unwrap_or_clone(self.listing).pictures;
        let mut listing = pictures.require_pictures(&self.path)?;
        // What is beside the pictures is known for the whole folder.
        listing.left_out = LeftOutList::default();
        keep(&mut listing)?;
        Ok(Opened::from_listing(listing, |paths| {
            Reader::random_access(PictureFiles(paths))
        }))
    }
}

impl Source for PictureFolder {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(self.listing.stamp)
    }

    fn pictures(&self) -> Option<usize> {
        Some(self.listing.pictures.pictures.len())
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
