//! Reading a pack.
//!
//! Its tables are read once, its pixels when they are needed. Other programs may change the file
//! in the meantime: nothing is read through a memory map, where a truncated file would end the
//! process, and what is read is compared with its checksum.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use dcgan_support::read_at::read_exact_at;
use dcgan_support::regular_file;

use super::description::SCHEMA;
use super::{CHECKSUM, Description, MAGIC, Record, TRAILER, tables_checksum};
use crate::error::DataError;
use crate::facts::{Facts, known};
use crate::fingerprint::content_hash;
use crate::pixels::Pixels;
use crate::source::NONE;

/// The most that the tables of a pack, or its description, may take in memory.
const MAX_TABLES_BYTES: u64 = 4 << 30;

/// A pack whose tables have been checked.
#[derive(Debug)]
pub(crate) struct Pack {
    path: PathBuf,
    file: File,
    state: FileState,
    description: Description,
    /// From the first record to the last name.
    tables: Vec<u8>,
}

/// What of a file changes when it is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    fn new(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Pack {
    /// Opens a file and reads its tables.
    ///
    /// # Errors
    ///
    /// [`DataError::Damaged`] if the tables do not fit their checksum, the size of the file or each
    /// other, and [`DataError::PackTooNew`].
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let damaged = |reason: &str| DataError::damaged(path, "pack", &reason);
        let file = regular_file::open(path).map_err(unreadable)?;
        let state = FileState::new(&file).map_err(unreadable)?;
        let end = read_end(&file, state.length)
            .map_err(unreadable)?
            .ok_or_else(|| damaged("its end is missing"))?;
        let Ok(description) = serde_json::from_slice::<Description>(&end.description) else {
            return Err(damaged("its description is invalid"));
        };
        if description.schema > SCHEMA {
            return Err(DataError::PackTooNew {
                path: path.to_owned(),
                schema: description.schema,
                newest: SCHEMA,
            });
        }
        let length = end.tables_end.checked_sub(description.records_at);
        let length = length
            .filter(|&length| length <= MAX_TABLES_BYTES)
            .ok_or_else(|| damaged("its tables overlap"))?;
        let tables = read_range(&file, description.records_at, length).map_err(unreadable)?;
        let checksum = description
            .has_checksums()
            .then(|| tables_checksum(&tables, &end.description));
        if checksum != end.checksum {
            return Err(damaged("its tables have changed"));
        }
        let pack = Self {
            path: path.to_owned(),
            file,
            state,
            description,
            tables,
        };
        pack.check().map_err(damaged)?;
        Ok(pack)
    }

    fn check(&self) -> Result<(), &'static str> {
        let description = &self.description;
        let tables_end = description.records_at + self.tables.len() as u64;
        let table = |at: u64, width: u64, next: u64| {
            let bytes = description.pictures.checked_mul(width)?;
            (at.checked_add(bytes)? <= next).then_some(())
        };
        let width = description.attribute_names.len() as u64;
        table(
            description.records_at,
            Record::BYTES as u64,
            description.attributes_at,
        )
        .and_then(|()| table(description.attributes_at, width, description.name_ends_at))
        .and_then(|()| table(description.name_ends_at, 8, description.names_at))
        .filter(|()| description.names_at <= tables_end)
        .ok_or("its tables overlap")?;
        if description.pictures == 0 {
            return Err("it holds no pictures");
        }
        let names_length = tables_end - description.names_at;
        let mut name_end = 0;
        for index in 0..self.len() {
            let record = self.record(index).ok_or("a record is invalid")?;
            let end = record.offset.checked_add(record.length());
            let known_label =
                record.label == NONE || (record.label as usize) < description.classes.len();
            let is_valid = matches!(record.channels, 1 | 3)
                && record.width >= description.options.image_size
                && record.height >= description.options.image_size
                && description.options.image_size > 0
                && end.is_some_and(|end| end <= description.records_at)
                && known_label;
            if !is_valid {
                return Err("a record is invalid");
            }
            let next = self.name_end(index);
            if next < name_end || next > names_length {
                return Err("a name is invalid");
            }
            name_end = next;
        }
        Ok(())
    }

    pub fn description(&self) -> &Description {
        &self.description
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn len(&self) -> usize {
        self.description.pictures as usize
    }

    /// What is in the tables from a position in the file on.
    fn table(&self, at: u64) -> &[u8] {
        let at = (at - self.description.records_at) as usize;
        self.tables.get(at..).unwrap_or_default()
    }

    fn record(&self, index: usize) -> Option<Record> {
        let records = self.table(self.description.records_at);
        Record::from_bytes(records.get(index * Record::BYTES..)?.first_chunk()?)
    }

    fn name_end(&self, index: usize) -> u64 {
        let ends = self.table(self.description.name_ends_at);
        let bytes = ends.get(index * 8..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    pub fn name(&self, index: usize) -> Cow<'_, str> {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.name_end(before));
        let names = self.table(self.description.names_at);
        let bytes = names.get(start as usize..self.name_end(index) as usize);
        String::from_utf8_lossy(bytes.unwrap_or_default())
    }

    pub fn facts(&self, index: usize) -> Option<Facts> {
        if index >= self.len() {
            return None;
        }
        let record = self.record(index)?;
        Some(Facts {
            content: record.content,
            source_size: (record.source_width, record.source_height),
            encoding: record.encoding,
            is_grey: record.channels == 1,
            transparent: record.transparent,
            is_narrow: record.is_narrow,
            is_two_valued: record.is_two_valued,
            label: known(record.label).map(|label| label as usize),
            identity: known(record.identity),
        })
    }

    pub fn attribute_row(&self, index: usize) -> Option<&[u8]> {
        let width = self.description.attribute_names.len();
        let rows = self.table(self.description.attributes_at);
        (index < self.len()).then(|| rows.get(index * width..(index + 1) * width))?
    }

    /// Reads the pixels of a picture.
    ///
    /// # Errors
    ///
    /// Why they are not those that were packed, in one line.
    pub fn pixels(&self, index: usize) -> Result<Pixels, String> {
        let record = self.record(index).ok_or("is not in the pack")?;
        let mut values = vec![0; record.length() as usize];
        read_exact_at(&self.file, &mut values, record.offset).map_err(|error| {
            match error.kind() {
                io::ErrorKind::UnexpectedEof => "is missing: the file was truncated".to_owned(),
                _ => format!("cannot be read: {error}"),
            }
        })?;
        let is_as_packed = if self.description.has_checksums() {
            content_hash(&values) == record.checksum
        } else {
            FileState::new(&self.file).is_ok_and(|state| state == self.state)
        };
        if !is_as_packed {
            return Err("is not as it was packed: the file was changed".to_owned());
        }
        Ok(Pixels {
            width: record.width,
            height: record.height,
            channels: usize::from(record.channels),
            values,
        })
    }
}

/// What is behind the tables.
struct End {
    /// Where the tables end.
    tables_end: u64,
    description: Vec<u8>,
    checksum: Option<u64>,
}

/// Reads what is behind the tables; `None` if it is not the end of a pack.
fn read_end(file: &File, length: u64) -> io::Result<Option<End>> {
    let Some(trailer_at) = length.checked_sub(TRAILER as u64) else {
        return Ok(None);
    };
    let (mut head, mut trailer) = ([0; MAGIC.len()], [0; TRAILER]);
    read_exact_at(file, &mut head, 0)?;
    read_exact_at(file, &mut trailer, trailer_at)?;
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| trailer[at + byte]));
    let (tables_end, description) = (number(0), number(8));
    if head != *MAGIC || !trailer.ends_with(MAGIC) || description > MAX_TABLES_BYTES {
        return Ok(None);
    }
    let after = tables_end
        .checked_add(description)
        .and_then(|end| trailer_at.checked_sub(end));
    let checksum = match after {
        Some(0) => None,
        Some(bytes) if bytes == CHECKSUM as u64 => {
            let mut checksum = [0; CHECKSUM];
            read_exact_at(file, &mut checksum, trailer_at - bytes)?;
            Some(u64::from_le_bytes(checksum))
        }
        _ => return Ok(None),
    };
    Ok(Some(End {
        tables_end,
        description: read_range(file, tables_end, description)?,
        checksum,
    }))
}

/// Reads a part of a file that may be large.
fn read_range(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length)?;
    bytes.resize(length, 0);
    read_exact_at(file, &mut bytes, offset)?;
    Ok(bytes)
}
