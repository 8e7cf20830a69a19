//! Finding the format of a data set.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::file_names::is_picture_name;
use super::folder_listing::{FolderListing, is_run, relative_name};
use super::formats::{PROBES, archives, folder};
use super::opened::{Opened, Source};
use super::place::{HEAD_BYTES, Place, PlaceKind};
use super::probe::{Found, Mismatch, Probe};
use super::stamp::Stamp;
use crate::decode::{Content, content, describe, is_picture};
use crate::error::DataError;
use crate::format::Format;
use crate::left_out::{LeftOut, LeftOutList, LeftOutReason};
use crate::split::Split;

/// Of a data set that cannot be read it is assumed that it has as many pictures: a folder with fewer
/// beside it, such as the figures of a documentation, is not taken instead.
const ASSUMED_PICTURES: usize = 100;

/// A data set whose format and files are known.
#[derive(Debug)]
pub(crate) enum Located {
    /// Pictures that have yet to be prepared.
    Source(LocatedSource),
    /// A pack.
    Pack,
}

/// A source and what was asked of it.
#[derive(Debug)]
pub(crate) struct LocatedSource {
    format: Format,
    split: Option<Split>,
    source: Box<dyn Source>,
    left_out: LeftOutList,
}

/// Detects the format of what is at `path`, or examines it as the `format` asked for.
///
/// # Errors
///
/// A [`DataError`] that says what is there instead of a data set, or of that format; and
/// [`DataError::NoSplit`] if a split is asked of a data set without splits.
pub(crate) fn locate(
    path: &Path,
    format: Option<Format>,
    split: Option<Split>,
) -> Result<Located, DataError> {
    let place = Place::new(path, format.is_some())?;
    if place.kind() == PlaceKind::Folder && is_run(path) {
        let path = path.to_owned();
        return Err(DataError::IsRun { path });
    }
    let (format, found) = match (format, place.kind()) {
        (Some(format), _) => (format, probe_as(&place, format)?),
        (None, PlaceKind::File) => detect_file(&place)?,
        (None, PlaceKind::Folder) => {
            let (format, source) = detect_folder(&place)?;
            (format, Found::Source(source))
        }
    };
    let has_splits = match &found {
        Found::Source(source) => source.has_splits(),
        Found::Pack => false,
    };
    if let Some(split) = split.filter(|&split| split != Split::All && !has_splits) {
        return Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: format!("data of format {format} has no splits"),
        });
    }
    Ok(match found {
        Found::Source(source) => Located::Source(LocatedSource {
            left_out: match place.kind() {
                PlaceKind::Folder => left_out(&place, format, &*source)?,
                PlaceKind::File => LeftOutList::default(),
            },
            format,
            split,
            source,
        }),
        Found::Pack => Located::Pack,
    })
}

/// The first format whose probe accepts the file.
pub(super) fn detect_file(place: &Place) -> Result<(Format, Found), DataError> {
    for row in rows(PlaceKind::File) {
        match (row.probe)(place) {
            Ok(found) => return Ok((row.format, found)),
            Err(Mismatch::OtherFormat(_)) => {}
            Err(Mismatch::Unusable(error)) => return Err(error),
        }
    }
    Err(not_a_data_set(place))
}

/// A data set in a folder, or what makes it unusable.
struct Candidate {
    format: Format,
    found: Result<Box<dyn Source>, DataError>,
}

impl Candidate {
    fn pictures(&self) -> usize {
        match &self.found {
            Ok(source) => source.pictures().unwrap_or(ASSUMED_PICTURES),
            Err(_) => ASSUMED_PICTURES,
        }
    }
}

/// The data set in a folder that has the most pictures; of several the first in the table.
fn detect_folder(place: &Place) -> Result<(Format, Box<dyn Source>), DataError> {
    let mut candidates = Vec::new();
    // Data sets that are single files are examined together, below.
    let in_files = [Format::Zip, Format::Tar, Format::NumPy];
    for row in rows(PlaceKind::Folder).filter(|row| !in_files.contains(&row.format)) {
        let found = match (row.probe)(place) {
            Ok(Found::Source(source)) => Ok(source),
            Ok(Found::Pack) | Err(Mismatch::OtherFormat(_)) => continue,
            Err(Mismatch::Unusable(error)) => Err(error),
        };
        let format = row.format;
        // Lists that name the pictures say what they are.
        if format == Format::CelebA {
            return found.map(|source| (format, source));
        }
        candidates.push(Candidate { format, found });
    }
    for (format, found) in archives::data_sets_in_files(place)? {
        candidates.push(Candidate { format, found });
    }
    if candidates.is_empty() {
        // Its own error says what is in the folder.
        return Ok((Format::Folder, folder::any(place)?));
    }
    let mut best = candidates.remove(0);
    if !candidates.is_empty() {
        let mut most = best.pictures();
        for candidate in candidates {
            let pictures = candidate.pictures();
            if pictures > most {
                (best, most) = (candidate, pictures);
            }
        }
    }
    let format = best.format;
    best.found.map(|source| (format, source))
}

fn rows(kind: PlaceKind) -> impl Iterator<Item = &'static Probe> {
    PROBES.iter().filter(move |row| row.kind == kind)
}

/// The place as the format that the user names.
fn probe_as(place: &Place, format: Format) -> Result<Found, DataError> {
    let mut reason = None;
    for row in rows(place.kind()).filter(|row| row.format == format) {
        match (row.probe)(place) {
            Ok(found) => return Ok(found),
            Err(Mismatch::OtherFormat(why)) => reason = reason.or(Some(why)),
            Err(Mismatch::Unusable(error)) => return Err(error),
        }
    }
    let wrong_kind = match place.kind() {
        PlaceKind::Folder => "it is a folder",
        PlaceKind::File => "it is not a folder",
    };
    Err(DataError::NotOfFormat {
        path: place.path().to_owned(),
        format,
        reason: reason.unwrap_or(wrong_kind).to_owned(),
    })
}

/// What of a folder a data set in it does not use.
fn left_out(place: &Place, format: Format, source: &dyn Source) -> Result<LeftOutList, DataError> {
    let listing = place.listing()?;
    let FolderListing { pictures, .. } = &*listing;
    let mut left_out = pictures.left_out.clone();
    let used: HashSet<PathBuf> = source.files().into_iter().collect();
    left_out.remove(|name| used.contains(&place.path().join(name)));
    if format != Format::Folder {
        let is_used = |picture: &&PathBuf| used.iter().any(|path| picture.starts_with(path));
        for picture in pictures.places().filter(|picture| !is_used(picture)) {
            let name = relative_name(place.path(), picture);
            left_out.add(LeftOutReason::BesideDataSet, "", &name);
        }
    }
    Ok(left_out)
}

/// The error of a file that no probe accepts.
fn not_a_data_set(place: &Place) -> DataError {
    let path = place.path().to_owned();
    let compression = place.compression();
    if is_picture(place.head()) {
        return DataError::SinglePicture { path };
    }
    if compression.is_compressed() && place.unpacked_head().len() < HEAD_BYTES {
        let reason = "it ends before its first file, or is corrupt";
        return DataError::damaged(&path, compression.archive_name(), &reason);
    }
    match content(place.head()) {
        Content::LfsPointer => DataError::LfsPointer { path },
        Content::Unread(format) => DataError::UnreadFormat { path, format },
        Content::Picture(_) | Content::Other if is_picture_name(&path.to_string_lossy()) => {
            let reason = describe(place.head());
            DataError::BadPicture { path, reason }
        }
        Content::Picture(_) | Content::Other => DataError::NotADataSet { path },
    }
}

impl LocatedSource {
    pub fn format(&self) -> Format {
        self.format
    }

    /// See [`Source::stamp`].
    pub fn stamp(&self) -> Result<Stamp, DataError> {
        self.source.stamp()
    }

    /// What of the folder is not used. It may change while the data set stays the same.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.left_out.clone().into_groups()
    }

    /// See [`Source::open`].
    pub fn open(self) -> Result<Opened, DataError> {
        self.source.open(self.split)
    }
}
