//! Pictures in a zip archive, read in place by many threads at once.
//!
//! Nothing is unpacked to disk: an entry's name is only a name, even if it contains `../`.

mod repeated;

use std::io::Read;
use std::path::{Path, PathBuf};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::decode::{HEAD_BYTES, MAX_FILE_BYTES, is_lfs_pointer, is_picture};
use crate::error::DataError;
use crate::io_reason::io_reason;
use crate::source::files::open_file;
use crate::source::listing::{Listed, Listing};
use crate::source::opened::{Item, Opened, RandomAccess, Reader, Source};
use crate::source::place::Place;
use crate::source::positioned_file::PositionedFile;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// The first bytes of a zip archive: with entries, empty, or one of several volumes.
const SIGNATURES: [&[u8; 4]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

/// Whether a file that begins with `head` is a zip archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    SIGNATURES
        .iter()
        .any(|signature| head.starts_with(*signature))
}

/// A zip archive, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    if place.is_requested() || is_zip(place.head()) {
        Found::source(Zip(place.path().to_owned()))
    } else {
        Err(Mismatch::OtherFormat(
            "it does not begin as a zip archive does",
        ))
    }
}

/// A file named `.zip` that begins with something else, as self-extracting archives do.
pub(super) fn by_name(place: &Place) -> Probed {
    if !place.name_ends_in(".zip") || is_picture(place.head()) {
        return Err(Mismatch::OtherFormat("it is not named .zip"));
    }
    let path = place.path().to_owned();
    if is_lfs_pointer(place.head()) {
        return Err(DataError::LfsPointer { path }.into());
    }
    if Archive::open(&path).is_err() {
        return Err(DataError::NotAZip { path }.into());
    }
    Found::source(Zip(path))
}

/// A zip archive of pictures.
#[derive(Debug)]
struct Zip(PathBuf);

impl Source for Zip {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.0))
    }

    fn pictures(&self) -> Option<usize> {
        let listing = Archive::open(&self.0).ok()?.list(&self.0).ok()?;
        Some(listing.pictures.len())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.0.clone()]
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        open(&self.0, |_| Ok(()))
    }
}

/// Opens those pictures of an archive that `keep` leaves in the listing.
///
/// # Errors
///
/// If the archive is corrupt, encrypted or without pictures, and the errors of `keep`.
pub(super) fn open(
    path: &Path,
    keep: impl FnOnce(&mut Listing<usize>) -> Result<(), DataError>,
) -> Result<Opened, DataError> {
    let archive = Archive::open(path)?;
    let mut listing = archive.list(path)?.require_pictures(path)?;
    keep(&mut listing)?;
    let mut remarks = listing.remarks();
    remarks.extend(archive.repeated_names(path));
    Ok(Opened {
        remarks,
        ..Opened::from_listing(listing, |entries| {
            Reader::random_access(ZipPictures { archive, entries })
        })
    })
}

/// Entries of an archive, one for each picture.
#[derive(Debug)]
struct ZipPictures {
    archive: Archive,
    entries: Vec<usize>,
}

impl RandomAccess for ZipPictures {
    fn read(&self, index: usize) -> Result<Item, String> {
        self.archive.read(self.entries[index]).map(Item::encoded)
    }
}

/// An open archive. Entries are read through cheap clones that share the table of contents and
/// the file.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<PositionedFile>,
}

/// A file in an archive.
pub(super) struct NamedEntry {
    pub name: String,
    /// Its index in the archive.
    pub index: usize,
}

impl Archive {
    /// Reads the table of contents.
    ///
    /// # Errors
    ///
    /// [`DataError::Damaged`] if there is no valid one.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let zip = ZipArchive::new(open_file(path)?)
            .map_err(|error| DataError::damaged(path, "zip archive", &describe(&error)))?;
        Ok(Self { zip })
    }

    /// Lists the files in the archive by their indices.
    ///
    /// # Errors
    ///
    /// [`DataError::EncryptedZip`] if every picture needs a password, [`DataError::ZipMethod`] if
    /// every picture is compressed in a way that is not read, and [`DataError::PackedDataSet`] if
    /// most of it is another data set.
    fn list(&self, path: &Path) -> Result<Listing<usize>, DataError> {
        let mut listing = Listing::new();
        for index in 0..self.zip.len() {
            let Ok(entry) = self.zip.by_index_data(index) else {
                continue;
            };
            if entry.is_dir() {
                continue;
            }
            let is_special = is_special(entry.unix_mode());
            let name = entry.name().map_or_else(
                |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
                std::borrow::Cow::into_owned,
            );
            let size = entry.size();
            if is_special {
                listing.leave_out(&name);
            } else {
                listing.add(Listed { name, size }, index, || self.head(index))?;
            }
        }
        listing.sort();
        listing.refuse_packed(path)?;
        if listing.pictures.is_empty() {
            return Ok(listing);
        }
        let path = || path.to_owned();
        let all = |is: &dyn Fn(usize) -> bool| listing.places().all(|&index| is(index));
        if all(&|index| self.is_encrypted(index)) {
            return Err(DataError::EncryptedZip { path: path() });
        }
        let first = listing.pictures.first().map_or(0, |entry| entry.place);
        match self.unread_method(first) {
            Some(method) if all(&|index| self.unread_method(index).is_some()) => {
                Err(DataError::ZipMethod {
                    path: path(),
                    method,
                })
            }
            _ => Ok(listing),
        }
    }

    fn is_encrypted(&self, index: usize) -> bool {
        let entry = self.zip.by_index_data(index);
        entry.is_ok_and(|entry| entry.encrypted())
    }

    /// How an entry is compressed, if it is in a way that is not read.
    fn unread_method(&self, index: usize) -> Option<&'static str> {
        let entry = self.zip.by_index_data(index).ok()?;
        unread_method(entry.compression())
    }

    /// The first bytes of an entry; none if it cannot be read.
    fn head(&self, index: usize) -> Vec<u8> {
        let (mut zip, mut head) = (self.zip.clone(), Vec::new());
        if let Ok(entry) = zip.by_index(index) {
            let _ = entry.take(HEAD_BYTES as u64).read_to_end(&mut head);
        }
        head
    }

    /// The first file whose name, without its folders, is as wanted.
    pub fn find(&self, is_wanted: impl Fn(&str) -> bool) -> Option<NamedEntry> {
        let file_name = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
        let mut files = self.files().into_iter();
        files.find(|file| is_wanted(&file_name(&file.name)))
    }

    /// Reads one entry.
    ///
    /// # Errors
    ///
    /// The reason, in one line, if it is corrupt, encrypted or too large for a picture.
    fn read(&self, index: usize) -> Result<Vec<u8>, String> {
        if let Some(method) = self.unread_method(index) {
            return Err(format!(
                "is compressed with {method} in the archive, which is not read: unpack the archive"
            ));
        }
        let mut zip = self.zip.clone();
        let entry = zip.by_index(index).map_err(|error| describe(&error))?;
        // The stated size is only a hint: a hostile archive may state any.
        let stated = entry.size();
        if stated > MAX_FILE_BYTES {
            return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
        }
        let mut bytes = Vec::with_capacity(stated.min(1 << 20) as usize);
        entry
            .take(stated + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("is corrupt in the archive: {}", io_reason(&error)))?;
        if bytes.len() as u64 > stated {
            return Err("is corrupt in the archive: it unpacks to more than it states".to_owned());
        }
        Ok(bytes)
    }

    /// A remark on names that several entries have. Of those the `zip` crate knows only the last.
    pub fn repeated_names(&self, path: &Path) -> Option<String> {
        repeated::remark(path, self.zip.central_directory_start(), self.zip.len())
    }

    /// All entries that are files.
    pub fn files(&self) -> Vec<NamedEntry> {
        let file = |index| {
            let entry = self.zip.by_index_data(index).ok()?;
            let name = entry.name().ok()?.into_owned();
            let is_file = !entry.is_dir() && !is_special(entry.unix_mode());
            is_file.then_some(NamedEntry { name, index })
        };
        (0..self.zip.len()).filter_map(file).collect()
    }

    /// Reads an entry while it is unpacked.
    ///
    /// # Errors
    ///
    /// If the entry cannot be opened.
    pub fn with_entry<T>(
        &self,
        path: &Path,
        index: usize,
        read: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, DataError> {
        let mut zip = self.zip.clone();
        let mut entry = zip
            .by_index(index)
            .map_err(|error| DataError::damaged(path, "zip archive", &describe(&error)))?;
        Ok(read(&mut entry))
    }

    /// Where an entry's bytes begin in the file, if they are not compressed.
    pub fn stored_at(&self, index: usize) -> Option<u64> {
        let mut zip = self.zip.clone();
        let entry = zip.by_index_raw(index).ok()?;
        let is_stored = entry.compression() == zip::CompressionMethod::Stored && !entry.encrypted();
        is_stored.then(|| entry.data_start()).flatten()
    }
}

/// Whether an entry is a link, a device or a pipe, according to its mode in Unix.
fn is_special(mode: Option<u32>) -> bool {
    const TYPE: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    !matches!(mode.unwrap_or_default() & TYPE, 0 | FILE)
}

/// The name of a method of compression that is not read.
fn unread_method(method: CompressionMethod) -> Option<&'static str> {
    let names = [
        (CompressionMethod::DEFLATE64, "Deflate64"),
        (CompressionMethod::BZIP2, "bzip2"),
        (CompressionMethod::LZMA, "LZMA"),
        (CompressionMethod::ZSTD, "Zstandard"),
        (CompressionMethod::XZ, "xz"),
        (CompressionMethod::PPMD, "PPMd"),
    ];
    let read = [CompressionMethod::STORE, CompressionMethod::DEFLATE];
    if read.contains(&method) || method == CompressionMethod::AES {
        return None;
    }
    let known = names.iter().find(|(known, _)| *known == method);
    Some(known.map_or("a rare method", |(_, name)| *name))
}

/// Why an archive or an entry cannot be opened, in one line.
fn describe(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            "is encrypted in the archive".to_owned()
        }
        ZipError::CompressionMethodNotSupported(_) => {
            "is compressed in the archive with a method that is not read".to_owned()
        }
        ZipError::UnsupportedArchive(_) => {
            "uses a feature of zip archives that is not read: unpack it".to_owned()
        }
        ZipError::Io(error) => format!("is corrupt in the archive: {}", io_reason(error)),
        _ => "its table of contents is missing or invalid".to_owned(),
    }
}
