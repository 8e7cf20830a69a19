//! What a probe gets to see of a path.

use std::cell::OnceCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::compression::{Compression, unpacked_head};
use super::files::{file_name, head};
use super::folder_listing::FolderListing;
use crate::error::DataError;

/// The first bytes that probes look at; a tar archive's first header has as many.
pub(super) const HEAD_BYTES: usize = 512;

/// A folder or a file whose format is to be detected.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    kind: PlaceKind,
    is_requested: bool,
    head: Vec<u8>,
    compression: Compression,
    unpacked_head: Vec<u8>,
    listing: OnceCell<Rc<FolderListing>>,
}

/// Whether a place is a folder or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlaceKind {
    Folder,
    File,
}

impl Place {
    /// Examines `path`. `is_requested` if the user names the format, so that the contents need
    /// not look like it.
    ///
    /// # Errors
    ///
    /// If there is nothing at `path`, it cannot be read, or it is neither a folder nor a file, such as a pipe.
    pub fn new(path: &Path, is_requested: bool) -> Result<Self, DataError> {
        let path = path.to_owned();
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(DataError::Missing { path });
            }
            Err(source) => return Err(DataError::Unreadable { path, source }),
        };
        let mut place = Self {
            path,
            kind: PlaceKind::Folder,
            is_requested,
            head: Vec::new(),
            compression: Compression::None,
            unpacked_head: Vec::new(),
            listing: OnceCell::new(),
        };
        if metadata.is_dir() {
            return Ok(place);
        }
        place.kind = PlaceKind::File;
        place.head = head(&place.path, HEAD_BYTES)?;
        place.compression = Compression::detect(&place.head);
        place.unpacked_head = match place.compression {
            Compression::None => place.head.clone(),
            compression => unpacked_head(&place.path, compression, HEAD_BYTES),
        };
        Ok(place)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn kind(&self) -> PlaceKind {
        self.kind
    }

    /// What is in the folder, at any depth. It is listed once.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`] if the folder cannot be listed.
    pub fn listing(&self) -> Result<Rc<FolderListing>, DataError> {
        if let Some(listing) = self.listing.get() {
            return Ok(Rc::clone(listing));
        }
        let listing = Rc::new(FolderListing::of(&self.path)?);
        Ok(Rc::clone(self.listing.get_or_init(|| listing)))
    }

    /// Whether the user names the format.
    pub fn is_requested(&self) -> bool {
        self.is_requested
    }

    /// The first bytes of the file; empty for a folder.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The first bytes behind the compression; fewer if the file is truncated or corrupt.
    pub fn unpacked_head(&self) -> &[u8] {
        &self.unpacked_head
    }

    /// Whether the name ends in `ending`, in any case.
    pub fn name_ends_in(&self, ending: &str) -> bool {
        file_name(&self.path).to_lowercase().ends_with(ending)
    }
}
