//! Finding the format of a data set.

use std::path::Path;

use super::formats::PROBES;
use super::opened::{Opened, Source};
use super::place::{HEAD_BYTES, Place, PlaceKind};
use super::probe::{Found, Mismatch, Probe};
use super::stamp::Stamp;
use crate::decode::is_picture;
use crate::error::DataError;
use crate::format::Format;
use crate::split::Split;

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
    let (format, found) = match format {
        Some(format) => (format, probe_as(&place, format)?),
        None => detect(&place)?,
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
            format,
            split,
            source,
        }),
        Found::Pack => Located::Pack,
    })
}

/// The first format whose probe accepts the place.
fn detect(place: &Place) -> Result<(Format, Found), DataError> {
    for row in PROBES.iter().filter(|row| row.kind == place.kind()) {
        match (row.probe)(place) {
            Ok(found) => return Ok((row.format, found)),
            Err(Mismatch::OtherFormat(_)) => {}
            Err(Mismatch::Unusable(error)) => return Err(error),
        }
    }
    Err(not_a_data_set(place))
}

/// The place as the format that the user names.
fn probe_as(place: &Place, format: Format) -> Result<Found, DataError> {
    let mut reason = None;
    let is_candidate = |row: &&Probe| row.format == format && row.kind == place.kind();
    for row in PROBES.iter().filter(is_candidate) {
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

/// The error of a place that no probe accepts.
fn not_a_data_set(place: &Place) -> DataError {
    let path = place.path().to_owned();
    let compression = place.compression();
    if is_picture(place.head()) {
        DataError::SinglePicture { path }
    } else if compression.is_compressed() && place.unpacked_head().len() < HEAD_BYTES {
        let reason = "it ends before its first file, or is corrupt";
        DataError::damaged(&path, compression.archive_name(), &reason)
    } else {
        DataError::NotADataSet { path }
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

    /// See [`Source::open`].
    pub fn open(self) -> Result<Opened, DataError> {
        self.source.open(self.split)
    }
}
