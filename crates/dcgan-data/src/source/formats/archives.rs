//! Folders of archives, such as WebDataset's tar shards and the parts of a download; and other data
//! sets that are single files in a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::format::Format;
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::source::combined::{Classes, combine};
use crate::source::detect::detect_file;
use crate::source::files::file_name;
use crate::source::folder_listing::relative_name;
use crate::source::opened::{Opened, Source};
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};
use crate::source::stamp::Stamp;
use crate::split::Split;

/// The endings of files that are data sets by themselves.
const ENDINGS: [&str; 8] = [
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".npz", ".npy",
];

/// A data set in a folder, or what makes it unusable.
pub(in crate::source) type DataSetInFile = (Format, Result<Box<dyn Source>, DataError>);

/// Zip archives in a folder.
pub(super) fn zips_in_folder(place: &Place) -> Probed {
    of_format(place, Format::Zip, "there is no zip archive in it")
}

/// Tar archives in a folder.
pub(super) fn tars_in_folder(place: &Place) -> Probed {
    of_format(place, Format::Tar, "there is no tar archive in it")
}

/// A NumPy file in a folder.
pub(super) fn numpy_in_folder(place: &Place) -> Probed {
    of_format(place, Format::NumPy, "there is no .npy or .npz file in it")
}

fn of_format(place: &Place, format: Format, otherwise: &'static str) -> Probed {
    let mut found = data_sets_in_files(place)?.into_iter();
    match found.find(|(found, _)| *found == format) {
        Some((_, Ok(source))) => Ok(Found::Source(source)),
        Some((_, Err(error))) => Err(error.into()),
        None => Err(Mismatch::OtherFormat(otherwise)),
    }
}

/// The data sets that are files in a folder, or up to two levels below it. Archives of pictures are
/// one data set; an archive whose content lies unpacked beside it is none.
///
/// # Errors
///
/// If the folder cannot be listed.
pub(in crate::source) fn data_sets_in_files(
    place: &Place,
) -> Result<Vec<DataSetInFile>, DataError> {
    let listing = place.listing()?;
    let files = listing.data_files(|name| {
        let name = name.to_lowercase();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    });
    let unpacked: BTreeSet<&Path> = listing
        .pictures
        .places()
        .flat_map(|picture| picture.ancestors().skip(1))
        .collect();
    let (mut zips, mut tars, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for path in files
        .into_iter()
        .filter(|path| !unpacked.contains(&*without_endings(path)))
    {
        match Place::new(&path, false).and_then(|file| detect_file(&file)) {
            Ok((Format::Zip, Found::Source(source))) => zips.push((path, source)),
            Ok((Format::Tar, Found::Source(source))) => tars.push((path, source)),
            Ok((format, Found::Source(source))) => others.push((format, Ok(source))),
            Ok((_, Found::Pack)) | Err(DataError::NotADataSet { .. }) => {}
            Err(error) => others.push((Format::Zip, Err(error))),
        }
    }
    // Of NumPy files that hold other things than pictures none is a data set.
    let holds_pictures = |source: &dyn Source| source.pictures() != Some(0);
    others.retain(|(format, source)| {
        *format != Format::NumPy
            || source
                .as_ref()
                .is_ok_and(|source| holds_pictures(&**source))
    });
    for (format, archives) in [(Format::Zip, zips), (Format::Tar, tars)] {
        if !archives.is_empty() {
            let source: Box<dyn Source> = Box::new(Archives {
                root: place.path().to_owned(),
                archives,
            });
            others.push((format, Ok(source)));
        }
    }
    Ok(others)
}

/// `folder/train` for `folder/train.tar.gz`.
fn without_endings(path: &Path) -> PathBuf {
    let name = file_name(path);
    let lower = name.to_lowercase();
    let ending = ENDINGS.iter().filter(|ending| lower.ends_with(*ending));
    let longest = ending.map(|ending| ending.len()).max().unwrap_or(0);
    path.with_file_name(&name[..name.len() - longest])
}

/// Archives of pictures, in order of their names.
#[derive(Debug)]
struct Archives {
    root: PathBuf,
    archives: Vec<(PathBuf, Box<dyn Source>)>,
}

impl Source for Archives {
    fn stamp(&self) -> Result<Stamp, DataError> {
        Ok(Stamp::of_files(self.archives.iter().map(|(path, _)| path)))
    }

    fn pictures(&self) -> Option<usize> {
        let sources = self.archives.iter().map(|(_, source)| source);
        sources.map(|source| source.pictures()).sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.archives.iter().map(|(path, _)| path.clone()).collect()
    }

    fn open(self: Box<Self>, _: Option<Split>) -> Result<Opened, DataError> {
        let Self { root, archives } = *self;
        let mut parts = Vec::new();
        let mut left_out = LeftOutList::default();
        let (mut without, count) = (None, archives.len());
        for (path, source) in archives {
            let name = relative_name(&root, &path);
            match source.open(None) {
                Ok(opened) => parts.push((name, opened)),
                // A shard of nothing but captions, say.
                Err(error @ (DataError::NoPictures { .. } | DataError::Empty { .. }))
                    if count > 1 =>
                {
                    left_out.add(
                        LeftOutReason::NotAPicture,
                        "archives without pictures",
                        &name,
                    );
                    without.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        match without {
            Some(error) if parts.is_empty() => Err(error),
            _ => {
                let mut opened = combine(parts, Classes::WithinParts);
                opened.left_out.append(&left_out.into_groups());
                Ok(opened)
            }
        }
    }
}
