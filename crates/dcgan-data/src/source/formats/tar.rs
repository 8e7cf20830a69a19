//! Tar archives of pictures: plain ones are read at any place, compressed ones from their
//! beginning to their end. Nothing is unpacked to disk.

mod entries;

use std::io::Read;
use std::path::{Path, PathBuf};

use tar::Archive;

use self::entries::{Kind, TarError, for_each_entry, for_each_entry_in};
pub(super) use self::entries::{for_each_file_in, is_header};
use crate::decode::{HEAD_BYTES, MAX_FILE_BYTES};
use crate::error::DataError;
use crate::source::compression::Compression;
use crate::source::file_names::is_picture_name;
use crate::source::files::{file_size, open_file};
use crate::source::listing::{Listed, Listing};
use crate::source::opened::{Item, Opened, Reader, Source, Stream, Take};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::spans::{PictureSpans, Span, read_span};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// The pictures of a compressed archive that is larger than this are estimated by its size, and not
/// counted.
const MOST_TO_COUNT: u64 = 64 << 20;
const USUAL_PICTURE_BYTES: u64 = 100 << 10;

/// A tar archive, compressed or not, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    if place.is_requested() || is_header(place.unpacked_head()) {
        Found::source(Tar {
            path: place.path().to_owned(),
            compression: place.compression(),
        })
    } else {
        Err(Mismatch::OtherFormat("it does not begin with a tar header"))
    }
}

/// A tar archive of pictures.
#[derive(Debug)]
struct Tar {
    path: PathBuf,
    compression: Compression,
}

impl Source for Tar {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.path))
    }

    fn pictures(&self) -> Option<usize> {
        if !self.compression.is_compressed() {
            return Some(list_plain(&self.path).ok()?.pictures.len());
        }
        let size = file_size(&self.path).ok()?;
        if size > MOST_TO_COUNT {
            return Some((size / USUAL_PICTURE_BYTES) as usize);
        }
        let mut pictures = 0;
        for_each_file_in(&self.path, self.compression, |name, _| {
            pictures += usize::from(is_picture_name(&name));
            Ok(true)
        })
        .ok()?;
        Some(pictures)
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        if self.compression.is_compressed() {
            open_compressed(&self.path, self.compression)
        } else {
            open_plain(&self.path)
        }
    }
}

fn list_plain(path: &Path) -> Result<Listing<Span>, DataError> {
    let file = open_file(path)?;
    let mut listing = Listing::new();
    let mut last_end = 0;
    let mut archive = Archive::new(file.clone());
    let entries = archive
        .entries_with_seek()
        .map_err(|error| TarError::from(error).into_data_error(path, Compression::None))?;
    for_each_entry(entries.raw(true), |name, entry, kind| {
        if kind == Kind::Special {
            listing.leave_out(&name);
            return Ok(true);
        }
        let size = entry.size();
        let span = Span {
            offset: entry.raw_file_position(),
            length: size,
        };
        last_end = last_end.max(span.offset.saturating_add(span.length));
        let head = Span {
            length: size.min(HEAD_BYTES as u64),
            ..span
        };
        let head = || read_span(&file, head).unwrap_or_default();
        listing.add(Listed { name, size }, span, head)?;
        Ok(true)
    })
    .map_err(|error| error.into_data_error(path, Compression::None))?;
    // The walk does not notice a file that ends within its last entry.
    if last_end > file.len() {
        let reason = "it ends within a file";
        return Err(DataError::damaged(path, "tar archive", &reason));
    }
    listing.sort();
    listing.refuse_packed(path)?;
    Ok(listing)
}

fn open_plain(path: &Path) -> Result<Opened, DataError> {
    let listing = list_plain(path)?.require_pictures(path)?;
    let file = open_file(path)?;
    let remarks = listing.remarks();
    let opened = Opened::from_listing(listing, |spans| {
        Reader::random_access(PictureSpans { file, spans })
    });
    Ok(Opened { remarks, ..opened })
}

fn open_compressed(path: &Path, compression: Compression) -> Result<Opened, DataError> {
    let (mut listing, mut files) = (Listing::new(), 0);
    for_each_entry_in(path, compression, |name, entry, kind| {
        match kind {
            Kind::File => {
                let size = entry.size();
                let head = || {
                    let mut head = Vec::new();
                    let _ = entry.take(HEAD_BYTES as u64).read_to_end(&mut head);
                    head
                };
                listing.add(Listed { name, size }, files, head)?;
                files += 1;
            }
            Kind::Special => listing.leave_out(&name),
        }
        Ok(true)
    })?;
    listing.sort();
    listing.refuse_packed(path)?;
    let listing = listing.require_pictures(path)?;
    let remarks = listing.remarks();
    let opened = Opened::from_listing(listing, |places| {
        let mut picture_of_file = vec![None; files];
        for (picture, file) in places.into_iter().enumerate() {
            picture_of_file[file] = Some(picture);
        }
        Reader::stream(TarStream {
            path: path.to_owned(),
            compression,
            picture_of_file,
        })
    });
    Ok(Opened { remarks, ..opened })
}

/// The pictures of a compressed archive, in its own order.
#[derive(Debug)]
struct TarStream {
    path: PathBuf,
    compression: Compression,
    /// For each file of the archive its index among the pictures, if it is one.
    picture_of_file: Vec<Option<usize>>,
}

impl Stream for TarStream {
    fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        let mut file = 0;
        for_each_file_in(&self.path, self.compression, |_, entry| {
            let picture = self.picture_of_file.get(file).copied().flatten();
            file += 1;
            let Some(picture) = picture else {
                return Ok(true);
            };
            if entry.size() > MAX_FILE_BYTES {
                let reason = format!("is larger than {} MiB", MAX_FILE_BYTES >> 20);
                return Ok(take(picture, Err(reason)));
            }
            let mut bytes = Vec::with_capacity(entry.size().min(1 << 20) as usize);
            entry.read_to_end(&mut bytes)?;
            Ok(take(picture, Ok(Item::encoded(bytes))))
        })
    }
}
