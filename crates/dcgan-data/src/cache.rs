//! The cache: packs that are made and reused automatically.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dcgan_support::{atomic_file, unfinished};

use crate::error::DataError;
use crate::findings::Findings;
use crate::fingerprint::Hasher;
use crate::format::Format;
use crate::ingest::{Progress, ingest};
use crate::options::{PackedOptions, PictureOptions};
use crate::pack::{Pack, PackWriter, begins_as_pack};
use crate::source::{LocatedSource, Opened};
use crate::split::Split;

/// The version of what is cached. Packs of other versions are not found.
const CACHE_VERSION: u32 = 3;

/// What the temporary files of earlier versions begin with, which were not locked.
const OLD_UNFINISHED: &str = ".unfinished-";

/// They are removed when they are older than this.
const MAX_LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How the cache was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// It was not asked for, or the data does not need it.
    None,
    /// The pictures come from this file, which was made earlier.
    Reused(PathBuf),
    /// The pictures come from this file, which was made now.
    Made(PathBuf),
    /// The pictures come from this file, which was damaged and was made again.
    Remade {
        /// The file.
        path: PathBuf,
        /// What was wrong with it, in one line.
        reason: String,
    },
    /// This file could not be made; the pictures come from the source.
    Refused {
        /// The file.
        path: PathBuf,
        /// Why, in one line.
        reason: String,
    },
}

/// The path of a source's pack in a cache folder.
pub(crate) fn pack_path(
    folder: &Path,
    source: &Path,
    format: Option<Format>,
    split: Option<Split>,
    options: &PictureOptions,
) -> PathBuf {
    let full = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    let choices = format!(
        "{CACHE_VERSION} {format:?} {split:?} {:?} {}",
        PackedOptions::from(options),
        options.own_pictures
    );
    let key = Hasher::new()
        .bytes(full.as_os_str().as_encoded_bytes())
        .bytes(choices.as_bytes())
        .finish();
    let name = full.file_name().unwrap_or_default().to_string_lossy();
    let kept = |character: &char| character.is_alphanumeric() || "-_.".contains(*character);
    let name: String = name.chars().filter(kept).take(40).collect();
    folder.join(format!("{name}-{key:016x}.pack"))
}

/// A number that differs if a source has changed since its pack was made.
pub(crate) fn stamp(located: &LocatedSource) -> Result<u64, DataError> {
    Ok(Hasher::new()
        .number(located.stamp()?.value())
        .bytes(located.format().name().as_bytes())
        .finish())
}

/// What there is in the cache.
pub(crate) enum Cached {
    /// The pack of the source in its present state.
    Current(Box<Pack>),
    /// Nothing, or the pack of an earlier state.
    Nothing,
    /// A file that cannot be used, and why.
    Damaged(DataError),
}

/// Looks for a source's pack at a path.
pub(crate) fn find(path: &Path, stamp: u64, options: &PictureOptions) -> Cached {
    match Pack::open(path) {
        Ok(pack) => {
            let description = pack.description();
            if description.stamp == stamp && description.options == options.into() {
                Cached::Current(Box::new(pack))
            } else {
                Cached::Nothing
            }
        }
        Err(DataError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Cached::Nothing
        }
        Err(error) => Cached::Damaged(error),
    }
}

/// The error of a picture that is not in a pack of the cache as it was put there. The file is
/// removed, so that it is made again the next time.
pub(crate) fn damaged(pack: &Pack, index: usize, reason: String) -> DataError {
    let path = pack.path().to_owned();
    DataError::CacheDamaged {
        is_removed: fs::remove_file(&path).is_ok() || !path.exists(),
        path,
        name: pack.name(index).into_owned(),
        reason,
    }
}

/// Why no pack was made.
#[derive(Debug)]
pub(crate) enum NoPack {
    /// The pictures cannot be used.
    Data(DataError),
    /// The file cannot be written.
    Disk(io::Error),
}

/// Decides from the number of good pictures and from what was found besides whether a data set is
/// usable.
pub(crate) type Check<'a> = dyn Fn(usize, &Findings) -> Result<(), DataError> + 'a;

/// What was put into a pack.
pub(crate) struct Made {
    pub pictures: usize,
    pub findings: Findings,
}

/// How a pack is made.
#[derive(Clone, Copy)]
pub(crate) struct Recipe<'a> {
    /// How the pictures are prepared; the levels are those of the pictures, and not
    /// [`Levels::Auto`](crate::Levels::Auto).
    pub options: &'a PictureOptions,
    /// The options that the pack is found by.
    pub named: &'a PictureOptions,
    /// The state of the source.
    pub stamp: u64,
}

/// Packs a source into a file, which is complete or does not exist.
pub(crate) fn make(
    path: &Path,
    opened: &Opened,
    recipe: Recipe<'_>,
    progress: Progress<'_>,
    check: &Check<'_>,
) -> Result<Made, NoPack> {
    let mut data_error = None;
    let mut made = Made {
        pictures: 0,
        findings: Findings::default(),
    };
    let written = atomic_file::write(path, |file| {
        let mut writer = PackWriter::new(file)?;
        let mut disk_error = None;
        let read = ingest(opened, recipe.options, progress, &mut |index, picture| {
            writer.add(opened, index, &picture).map_err(|error| {
                disk_error = Some(error);
                DataError::Interrupted
            })
        });
        if let Some(error) = disk_error {
            return Err(error);
        }
        let findings = read.and_then(|ingested| {
            let findings = Findings::new(opened, ingested);
            check(writer.len(), &findings).map(|()| findings)
        });
        match findings {
            Ok(findings) => {
                made.pictures = writer.len();
                made.findings = findings;
                writer.finish(opened, recipe.named, recipe.stamp, &made.findings)
            }
            Err(error) => {
                data_error = Some(error);
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    });
    match (data_error, written) {
        (Some(error), _) => Err(NoPack::Data(error)),
        (None, Err(error)) => Err(NoPack::Disk(error)),
        (None, Ok(())) => Ok(made),
    }
}

/// Creates the cache folder and removes what killed programs have left in it.
pub(crate) fn prepare_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    unfinished::remove_leftovers(folder);
    for entry in fs::read_dir(folder)?.flatten() {
        let is_leftover = entry
            .file_name()
            .to_string_lossy()
            .starts_with(OLD_UNFINISHED);
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        let is_old = age.is_some_and(|age| age > MAX_LEFTOVER_AGE);
        if is_leftover && is_old && begins_as_pack(&entry.path()) {
            // Another program may be removing it at the same time.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
