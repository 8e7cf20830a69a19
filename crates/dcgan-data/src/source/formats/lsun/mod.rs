//! LSUN (Yu and others 2015): an LMDB directory whose values are pictures.

mod lmdb;

use std::path::PathBuf;

use crate::error::DataError;
use crate::source::entries::Entries;
use crate::source::files::open_file;
use crate::source::listing::{MAX_ENTRIES, too_many};
use crate::source::opened::{Opened, Reader, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::spans::PictureSpans;
use crate::source::stamp::Stamp;
use crate::split::Split;
use lmdb::NotLmdb;

/// The file within an LMDB directory.
const FILE: &str = "data.mdb";

/// A folder with `data.mdb` in it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let file = place.path().join(FILE);
    if file.is_file() {
        Found::source(Lsun(file))
    } else {
        Err(Mismatch::OtherFormat("there is no data.mdb in it"))
    }
}

/// A file named `data.mdb`, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    let is_named = place.name_ends_in(FILE) && !place.compression().is_compressed();
    if place.is_requested() || is_named {
        Found::source(Lsun(place.path().to_owned()))
    } else {
        Err(Mismatch::OtherFormat("it is not named data.mdb"))
    }
}

/// The LMDB file.
#[derive(Debug)]
struct Lsun(PathBuf);

impl Source for Lsun {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_file(&self.0))
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        let path = self.0;
        let file = open_file(&path)?;
        let mut entries = Entries::default();
        let mut spans = Vec::new();
        lmdb::for_each(file.clone(), &mut |key, span| {
            if spans.len() >= MAX_ENTRIES {
                return Err(NotLmdb(too_many().to_string()));
            }
            entries.names.push(&name(key));
            spans.push(span);
            Ok(())
        })
        .map_err(|NotLmdb(reason)| DataError::damaged(&path, "LMDB", &reason))?;
        if spans.is_empty() {
            return Err(DataError::Empty { path });
        }
        let reader = PictureSpans { file, spans };
        Ok(Opened::new(entries, Reader::random_access(reader)))
    }
}

/// A key as a name. LSUN's keys are hexadecimal digits; binary keys are written as such.
fn name(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => key.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
