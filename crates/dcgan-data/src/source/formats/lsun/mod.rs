//! LSUN (Yu and others 2015): an LMDB directory whose values are pictures.

mod lmdb;

use std::path::{Path, PathBuf};

use crate::decode::HEAD_BYTES;
use crate::error::DataError;
use crate::source::combined::{Classes, combine};
use crate::source::entries::Entries;
use crate::source::files::{file_name, files_of_split, head, of_other_splits, open_file};
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

/// A folder with LMDB files in it, or up to two levels below it.
pub(super) fn in_folder(place: &Place) -> Probed {
    let files = place.listing()?.data_files(|name| {
        name == FILE || (!is_lock(name) && ENDINGS.iter().any(|ending| name.ends_with(ending)))
    });
    let is_lmdb = |file: &PathBuf| {
        let head = || head(file, HEAD_BYTES).unwrap_or_default();
        file_name(file) == FILE || lmdb::is_lmdb(&head())
    };
    let files: Vec<PathBuf> = files.into_iter().filter(is_lmdb).collect();
    if files.is_empty() {
        return Err(Mismatch::OtherFormat("there is no data.mdb in it"));
    }
    Found::source(Lsun {
        path: place.path().to_owned(),
        files,
    })
}

/// A file named `data.mdb` or one that begins as an LMDB file does, or any file if the format is
/// requested.
pub(super) fn in_file(place: &Place) -> Probed {
    let is_named = place.name_ends_in(FILE) && !place.compression().is_compressed();
    if place.is_requested() || is_named || lmdb::is_lmdb(place.head()) {
        let path = place.path().to_owned();
        Found::source(Lsun {
            files: vec![path.clone()],
            path,
        })
    } else {
        Err(Mismatch::OtherFormat("it is not named data.mdb"))
    }
}

/// The endings of LMDB files that are not in a folder of their own.
const ENDINGS: [&str; 2] = [".lmdb", ".mdb"];

fn is_lock(name: &str) -> bool {
    name == "lock.mdb" || name.ends_with("-lock")
}

/// LMDB files, one for each category and split.
#[derive(Debug)]
struct Lsun {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl Source for Lsun {
    fn has_splits(&self) -> bool {
        self.files.len() > 1
    }

    fn pictures(&self) -> Option<usize> {
        let count = |file: &PathBuf| {
            let mut count = 0;
            let found = lmdb::for_each(open_file(file).ok()?, &mut |_, _| {
                count += 1;
                Ok(())
            });
            found.is_ok().then_some(count)
        };
        self.files.iter().map(count).sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        let locks = self
            .files
            .iter()
            .map(|file| file.with_file_name("lock.mdb"));
        locks.chain(self.files.iter().cloned()).collect()
    }

    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(&self.files))
    }

    fn open(self: Box<Self>, split: Option<Split>) -> Result<Opened, DataError> {
        let files = files_of_split(&self.path, &self.files, split, split_of)?;
        let left_out = of_other_splits(&self.files, &files, split_of);
        let opened = match &files[..] {
            [file] => open(file)?,
            files => {
                let parts = files.iter().map(|file| Ok((name_of(file), open(file)?)));
                let parts: Result<Vec<_>, DataError> = parts.collect();
                combine(parts?, Classes::ByPart)
            }
        };
        Ok(Opened { left_out, ..opened })
    }
}

/// What the folder of an LMDB file, or the file itself, is called.
fn name_of(file: &Path) -> String {
    let folder = file.parent().filter(|_| file_name(file) == FILE);
    folder.map_or_else(|| file_name(file), file_name)
}

/// The split that it is named after; without one it counts as the training split.
fn split_of(file: &Path) -> Option<Split> {
    let name = name_of(file).to_lowercase();
    Some(if name.contains("val") {
        Split::Valid
    } else if name.contains("test") {
        Split::Test
    } else {
        Split::Train
    })
}

fn open(path: &Path) -> Result<Opened, DataError> {
    let file = open_file(path)?;
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
    .map_err(|NotLmdb(reason)| DataError::damaged(path, "LMDB", &reason))?;
    if spans.is_empty() {
        let path = path.to_owned();
        return Err(DataError::Empty { path });
    }
    let reader = PictureSpans { file, spans };
    Ok(Opened::new(entries, Reader::random_access(reader)))
}

/// A key as a name. LSUN's keys are hexadecimal digits; binary keys are written as such.
fn name(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => key.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
