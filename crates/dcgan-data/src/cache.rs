//! Packs that training makes and uses by itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::{DataError, Skipped};
use super::hash::{HASH_START, hash, hash_text};
use super::ingest::{Watch, ingest};
use super::options::PictureOptions;
use super::pack::{Pack, PackWriter, PackedOptions};
use super::source::{Format, Located, Opened, Split};
use dcgan_support::atomic_file;

/// The form of what is cached: another number, and old packs are not found.
const RECIPE: u32 = 1;

/// Leftovers of programs that were killed are removed when they are so old.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// What became of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// It was not asked for, or the data needs none.
    None,
    /// The pictures come from this file, made earlier.
    Reused(PathBuf),
    /// This file was made, and the pictures come from it.
    Made(PathBuf),
    /// This file could not be made; the pictures come from the source.
    Refused {
        /// The file.
        path: PathBuf,
        /// Why not, in one line.
        reason: String,
    },
}

/// Where the pack of a source lies in a cache folder.
pub(super) fn pack_path(
    folder: &Path,
    source: &Path,
    format: Option<Format>,
    split: Option<Split>,
    options: &PictureOptions,
) -> PathBuf {
    let full = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    let choices = format!(
        "{RECIPE} {format:?} {split:?} {:?}",
        PackedOptions::of(options)
    );
    let key = hash_text(
        hash(HASH_START, full.as_os_str().as_encoded_bytes()),
        &choices,
    );
    let name = full.file_name().unwrap_or_default().to_string_lossy();
    let kept = |character: &char| character.is_alphanumeric() || "-_.".contains(*character);
    let name: String = name.chars().filter(kept).take(40).collect();
    folder.join(format!("{name}-{key:016x}.pack"))
}

/// What tells whether a source has changed since its pack was made.
pub(super) fn stamp(located: &Located) -> Result<u64, DataError> {
    Ok(hash_text(located.stamp()?, located.format().name()))
}

/// The pack at a path, if there is one of the source as it is.
pub(super) fn find(path: &Path, stamp: u64, options: &PictureOptions) -> Option<Pack> {
    let pack = Pack::open(path).ok()?;
    let description = pack.description();
    let is_right = description.stamp == stamp && description.options == PackedOptions::of(options);
    is_right.then_some(pack)
}

/// Why there is no pack.
#[derive(Debug)]
pub(super) enum NoPack {
    /// The pictures are at fault.
    Data(DataError),
    /// The disk is.
    Disk(io::Error),
}

/// Whether so many good pictures and these bad ones are a data set.
pub(super) type Check<'a> = dyn Fn(usize, &[Skipped]) -> Result<(), DataError> + 'a;

/// Packs a source into a file, which is whole or not there.
pub(super) fn make(
    path: &Path,
    opened: &Opened,
    options: &PictureOptions,
    stamp: u64,
    watch: Watch<'_>,
    check: &Check<'_>,
) -> Result<(), NoPack> {
    let mut data_error = None;
    let written = atomic_file::write(path, |file| {
        let mut writer = PackWriter::new(file)?;
        let mut disk_error = None;
        let read = ingest(opened, options, watch, &mut |number, picture| {
            writer.add(opened, number, &picture).map_err(|error| {
                disk_error = Some(error);
                DataError::Interrupted
            })
        });
        if let Some(error) = disk_error {
            return Err(error);
        }
        let skipped = read.and_then(|bad| {
            let skipped = all_skipped(&opened.skipped, bad);
            check(writer.len(), &skipped).map(|()| skipped)
        });
        match skipped {
            Ok(skipped) => writer.finish(opened, options, stamp, &skipped),
            Err(error) => {
                data_error = Some(error);
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    });
    match (data_error, written) {
        (Some(error), _) => Err(NoPack::Data(error)),
        (None, Err(error)) => Err(NoPack::Disk(error)),
        (None, Ok(())) => Ok(()),
    }
}

/// All bad pictures in order of their names.
pub(super) fn all_skipped(known: &[Skipped], bad: Vec<Skipped>) -> Vec<Skipped> {
    let mut skipped = known.to_vec();
    skipped.extend(bad);
    skipped.sort_by(|one, other| one.name.cmp(&other.name));
    skipped
}

/// Makes the cache folder, and clears it of what killed programs have left.
pub(super) fn prepare_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)?.flatten() {
        let is_leftover = entry
            .file_name()
            .to_string_lossy()
            .starts_with(".unfinished-");
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        if is_leftover && age.is_some_and(|age| age > LEFTOVER_AGE) {
            // Another program may have removed it at the same moment.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
