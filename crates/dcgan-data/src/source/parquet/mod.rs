//! Parquet shards as Hugging Face has them: a column of pictures (bytes and
//! path), and optional columns of labels and attributes.

mod columns;
mod schema;

use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use ::parquet::data_type::ByteArrayType;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};

use super::format::Split;
use super::listing::{MAX_ENTRIES, too_many};
use super::reader::{Item, Reader, Stream, Take, unreadable};
use super::{DataError, Entries, Opened};
use columns::{Annotations, read_rows};
use schema::Schema;

/// The split that a shard's name tells: `train-00000-of-00019.parquet`.
fn split_of(path: &Path) -> Option<Split> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let begins = |word: &str| name.starts_with(word) || name.contains(&format!("-{word}"));
    match () {
        () if begins("train") => Some(Split::Train),
        () if begins("val") => Some(Split::Valid),
        () if begins("test") => Some(Split::Test),
        () => None,
    }
}

/// The shards of a split; all where names tell no splits.
///
/// # Errors
///
/// [`DataError::NoSplit`] if no shard is of the split.
pub(super) fn shards_of(
    path: &Path,
    mut files: Vec<PathBuf>,
    split: Option<Split>,
) -> Result<Vec<PathBuf>, DataError> {
    let has_splits = files.iter().any(|file| split_of(file).is_some());
    let split = match (split, path.is_file()) {
        (None, true) => Split::All,
        (split, _) => split.unwrap_or(Split::Train),
    };
    if has_splits {
        files.retain(|file| split_of(file).is_none_or(|part| split.takes(part)));
    }
    match files.is_empty() {
        false => Ok(files),
        true => Err(DataError::NoSplit {
            path: path.to_owned(),
            split,
            reason: "no shard is named after that part".to_owned(),
        }),
    }
}

/// Shards that have been looked into.
#[derive(Debug)]
pub(crate) struct Shards {
    shards: Vec<Shard>,
}

#[derive(Debug)]
struct Shard {
    path: PathBuf,
    /// The number of its first picture.
    first: usize,
    rows: usize,
    /// The column of the pictures' bytes.
    bytes: usize,
}

/// Opens shards of one schema.
///
/// # Errors
///
/// [`DataError::Damaged`] for a file that is no parquet, is cut off, or has no
/// column of pictures.
pub(super) fn open(files: &[PathBuf]) -> Result<Opened, DataError> {
    let mut entries = Entries::default();
    let mut annotations: Option<Annotations> = None;
    let mut shards = Vec::new();
    for path in files {
        let (shard, found) = guarded(path, || open_shard(path, &mut entries))?;
        shards.push(shard);
        match &mut annotations {
            Some(all) => guarded(path, || all.append(found))?,
            None => annotations = Some(found),
        }
    }
    if let Some(annotations) = annotations {
        annotations.write(&mut entries);
    }
    Ok(Opened {
        entries,
        reader: Reader::Stream(Stream::Parquet(Shards { shards })),
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// Why a shard could not be read.
enum ShardError {
    Damaged(String),
    Data(DataError),
}

impl From<ParquetError> for ShardError {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<String> for ShardError {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

/// Runs what reads a file; a panic within the `parquet` crate is a damaged file.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ShardError>) -> Result<T, DataError> {
    let damaged = |reason: &str| DataError::damaged(path, "parquet file", &reason);
    match panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ShardError::Damaged(reason))) => Err(damaged(&reason)),
        Ok(Err(ShardError::Data(error))) => Err(error),
        Err(_) => Err(damaged("its structure breaks its reader")),
    }
}

fn open_file(path: &Path) -> Result<SerializedFileReader<File>, ShardError> {
    let file = File::open(path).map_err(|source| ShardError::Data(unreadable(path, source)))?;
    Ok(SerializedFileReader::new(file)?)
}

fn open_shard(path: &Path, entries: &mut Entries) -> Result<(Shard, Annotations), ShardError> {
    let reader = open_file(path)?;
    let schema = Schema::of(&reader)?;
    let annotations = Annotations::read(&reader, &schema)?;
    let first = entries.names.len();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut rows = 0;
    let mut name_row = |name: Option<&str>| {
        match name {
            Some(name) => entries.names.push(name),
            None => entries.names.push(&format!("{stem}/{rows:05}")),
        }
        rows += 1;
        match first + rows > MAX_ENTRIES {
            true => Err(ShardError::Data(too_many())),
            false => Ok(true),
        }
    };
    match schema.path {
        Some(column) => read_rows::<ByteArrayType>(&reader, column, &mut |path| {
            let path =
                path.and_then(|path| std::str::from_utf8(path.data()).ok().map(str::to_owned));
            name_row(path.as_deref().filter(|path| !path.is_empty()))
        })?,
        None => {
            for _ in 0..reader.metadata().file_metadata().num_rows().max(0) {
                name_row(None)?;
            }
        }
    }
    let shard = Shard {
        path: path.to_owned(),
        first,
        rows,
        bytes: schema.bytes,
    };
    Ok((shard, annotations))
}

impl Shards {
    pub fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        for shard in &self.shards {
            if !guarded(&shard.path, || shard.read(take))? {
                break;
            }
        }
        Ok(())
    }
}

impl Shard {
    /// Reads all pictures; false if no more are wanted.
    fn read(&self, take: &mut Take<'_>) -> Result<bool, ShardError> {
        let reader = open_file(&self.path)?;
        let (mut row, mut wanted) = (0, true);
        read_rows::<ByteArrayType>(&reader, self.bytes, &mut |bytes| {
            if row >= self.rows {
                return Err(ShardError::Damaged(
                    "its columns differ in length".to_owned(),
                ));
            }
            let item = match bytes {
                Some(bytes) => Ok(Item::encoded(bytes.data().to_vec())),
                None => Err("has no bytes in its row".to_owned()),
            };
            wanted = take(self.first + row, item);
            row += 1;
            Ok(wanted)
        })?;
        match wanted && row < self.rows {
            true => Err(ShardError::Damaged(
                "its columns differ in length".to_owned(),
            )),
            false => Ok(wanted),
        }
    }
}
