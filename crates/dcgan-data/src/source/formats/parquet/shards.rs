//! Reading parquet shards.

use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use dcgan_support::regular_file;
use parquet::data_type::ByteArrayType;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::columns::{Annotations, read_elements, read_rows};
use super::error::ShardError;
use super::schema::Schema;
use crate::error::DataError;
use crate::left_out::{LeftOutList, LeftOutReason};
use crate::source::entries::Entries;
use crate::source::files::{file_name, file_stem, unreadable};
use crate::source::listing::{MAX_ENTRIES, too_many};
use crate::source::opened::{Item, Opened, Reader, Stream, Take};

/// Shards whose columns are known.
#[derive(Debug)]
struct Shards(Vec<Shard>);

#[derive(Debug)]
struct Shard {
    path: PathBuf,
    /// The index of its first picture.
    first: usize,
    rows: usize,
    /// The column of the pictures' bytes.
    bytes: usize,
    /// Whether the column has a list of pictures in each row; then `rows` counts the pictures.
    holds_lists: bool,
}

/// Opens shards of one schema. Of several files those without pictures, such as captions, are left
/// out.
///
/// # Errors
///
/// [`DataError::Damaged`] if a file is not parquet or is truncated, and [`DataError::Unusable`] if
/// no file has a column of pictures.
pub(super) fn open(files: &[PathBuf]) -> Result<Opened, DataError> {
    let mut entries = Entries::default();
    let mut annotations: Option<Annotations> = None;
    let mut shards = Vec::new();
    let (mut left_out, mut unusable) = (LeftOutList::default(), None);
    for path in files {
        let (shard, found) = match guarded(path, || open_shard(path, &mut entries)) {
            Ok(found) => found,
            Err(error @ DataError::Unusable { .. }) => {
                let kind = "parquet files without pictures";
                left_out.add(LeftOutReason::NotAPicture, kind, &file_name(path));
                unusable.get_or_insert(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        shards.push(shard);
        match &mut annotations {
            Some(all) => guarded(path, || all.append(found))?,
            None => annotations = Some(found),
        }
    }
    if let (true, Some(error)) = (shards.is_empty(), unusable) {
        return Err(error);
    }
    if let Some(annotations) = annotations {
        annotations.write(&mut entries);
    }
    let opened = Opened::new(entries, Reader::stream(Shards(shards)));
    Ok(Opened { left_out, ..opened })
}

/// The number of pictures in the files that have any; `None` if one is damaged. Of lists the rows
/// are counted.
pub(super) fn count(files: &[PathBuf]) -> Option<usize> {
    let rows = |path: &PathBuf| {
        let count = || {
            let reader = open_file(path)?;
            Schema::read(&reader)?;
            Ok(reader.metadata().file_metadata().num_rows().max(0) as usize)
        };
        match guarded(path, count) {
            Ok(rows) => Some(rows),
            Err(DataError::Unusable { .. }) => Some(0),
            Err(_) => None,
        }
    };
    files.iter().map(rows).sum()
}

/// Calls `read`, which reads a file. A panic in the `parquet` crate means that the file is corrupt.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ShardError>) -> Result<T, DataError> {
    let damaged = |reason: &str| DataError::damaged(path, "parquet file", &reason);
    match panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ShardError::Damaged(reason))) => Err(damaged(&reason)),
        Ok(Err(ShardError::Unusable(reason))) => Err(DataError::Unusable {
            path: path.to_owned(),
            reason,
        }),
        Ok(Err(ShardError::Data(error))) => Err(error),
        Err(_) => Err(damaged("its structure is invalid")),
    }
}

fn open_file(path: &Path) -> Result<SerializedFileReader<File>, ShardError> {
    let file =
        regular_file::open(path).map_err(|source| ShardError::Data(unreadable(path, source)))?;
    Ok(SerializedFileReader::new(file)?)
}

fn open_shard(path: &Path, entries: &mut Entries) -> Result<(Shard, Annotations), ShardError> {
    let reader = open_file(path)?;
    let schema = Schema::read(&reader)?;
    let annotations = Annotations::read(&reader, &schema)?;
    let first = entries.names.len();
    let stem = file_stem(path);
    if schema.holds_lists {
        let rows = name_elements(&reader, schema.bytes, &stem, entries)?;
        let shard = Shard {
            path: path.to_owned(),
            first,
            rows: rows.len(),
            bytes: schema.bytes,
            holds_lists: true,
        };
        return Ok((shard, annotations.of_pictures(&rows)));
    }
    let mut rows = 0;
    let mut name_row = |name: Option<&str>| {
        match name {
            Some(name) => entries.names.push(name),
            None => entries.names.push(&format!("{stem}/{rows:05}")),
        }
        rows += 1;
        if first + rows > MAX_ENTRIES {
            return Err(ShardError::Data(too_many()));
        }
        Ok(true)
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
        holds_lists: false,
    };
    Ok((shard, annotations))
}

/// Names the pictures of lists by their rows and places in them. Returns each picture's row.
fn name_elements(
    reader: &SerializedFileReader<File>,
    column: usize,
    stem: &str,
    entries: &mut Entries,
) -> Result<Vec<usize>, ShardError> {
    let (mut rows, mut place) = (Vec::new(), 0);
    read_elements::<ByteArrayType>(reader, column, &mut |row, _| {
        place = if rows.last() == Some(&row) {
            place + 1
        } else {
            0
        };
        let suffix = if place == 0 {
            String::new()
        } else {
            format!("-{place}")
        };
        entries.names.push(&format!("{stem}/{row:05}{suffix}"));
        rows.push(row);
        if entries.names.len() > MAX_ENTRIES {
            return Err(ShardError::Data(too_many()));
        }
        Ok(true)
    })?;
    Ok(rows)
}

impl Stream for Shards {
    fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        for shard in &self.0 {
            if !guarded(&shard.path, || shard.read(take))? {
                break;
            }
        }
        Ok(())
    }
}

impl Shard {
    /// Reads all pictures. Returns whether more are wanted.
    fn read(&self, take: &mut Take<'_>) -> Result<bool, ShardError> {
        let reader = open_file(&self.path)?;
        let (mut row, mut wanted) = (0, true);
        if self.holds_lists {
            read_elements::<ByteArrayType>(&reader, self.bytes, &mut |_, bytes| {
                if row >= self.rows {
                    return Err(columns_differ());
                }
                wanted = take(self.first + row, Ok(Item::encoded(bytes.data().to_vec())));
                row += 1;
                Ok(wanted)
            })?;
            return Ok(wanted);
        }
        read_rows::<ByteArrayType>(&reader, self.bytes, &mut |bytes| {
            if row >= self.rows {
                return Err(columns_differ());
            }
            let item = match bytes {
                Some(bytes) => Ok(Item::encoded(bytes.data().to_vec())),
                None => Err("has no bytes in its row".to_owned()),
            };
            wanted = take(self.first + row, item);
            row += 1;
            Ok(wanted)
        })?;
        if wanted && row < self.rows {
            return Err(columns_differ());
        }
        Ok(wanted)
    }
}

fn columns_differ() -> ShardError {
    ShardError::Damaged("its columns differ in length".to_owned())
}
