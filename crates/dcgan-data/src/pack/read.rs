//! Reading a pack that is mapped into memory.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::Mmap;

use super::description::SCHEMA;
use super::{Description, MAGIC, Record, TRAILER};
use crate::error::DataError;
use crate::facts::{Facts, known};
use crate::pixels::PixelsView;
use crate::source::NONE;

/// The mapped pages are released after this many bytes of pictures: the system may keep them in
/// its cache, but they no longer count as memory of the process. The system also maps the pages
/// around those that are read, so the memory in use is a multiple of this.
const MAX_TOUCHED_BYTES: usize = 16 << 20;

/// A pack whose tables have been checked.
#[derive(Debug)]
pub(crate) struct Pack {
    map: Mmap,
    description: Description,
    /// Bytes of pictures read since the pages were last released.
    touched: AtomicUsize,
}

impl Pack {
    /// Maps a file into memory.
    ///
    /// # Errors
    ///
    /// [`DataError::Damaged`] if its tables do not fit its size or each other, and
    /// [`DataError::PackTooNew`].
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let map = map(&file).map_err(unreadable)?;
        let damaged = |reason: &str| DataError::damaged(path, "pack", &reason);
        let description = read_description(&map).ok_or_else(|| damaged("its end is missing"))?;
        if description.schema > SCHEMA {
            return Err(DataError::PackTooNew {
                path: path.to_owned(),
                schema: description.schema,
                newest: SCHEMA,
            });
        }
        Self::check(map, description).map_err(damaged)
    }

    fn check(map: Mmap, description: Description) -> Result<Self, &'static str> {
        let pack = Self {
            map,
            description,
            touched: AtomicUsize::new(0),
        };
        let description = &pack.description;
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
        .filter(|()| description.names_at <= pack.map.len() as u64)
        .ok_or("its tables overlap")?;
        if description.pictures == 0 {
            return Err("it holds no pictures");
        }
        let names_length = pack.map.len() as u64 - description.names_at;
        let mut name_end = 0;
        for index in 0..pack.len() {
            let record = pack.record(index).ok_or("a record is invalid")?;
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
            let next = pack.name_end(index);
            if next < name_end || next > names_length {
                return Err("a name is invalid");
            }
            name_end = next;
        }
        pack.release_pages();
        Ok(pack)
    }

    pub fn description(&self) -> &Description {
        &self.description
    }

    pub fn len(&self) -> usize {
        self.description.pictures as usize
    }

    fn record(&self, index: usize) -> Option<Record> {
        let at = self.description.records_at as usize + index * Record::BYTES;
        Record::from_bytes(self.map.get(at..)?.first_chunk()?)
    }

    fn name_end(&self, index: usize) -> u64 {
        let at = self.description.name_ends_at as usize + index * 8;
        let bytes = self.map.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    pub fn name(&self, index: usize) -> Cow<'_, str> {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.name_end(before));
        let at = |end: u64| (self.description.names_at + end) as usize;
        let bytes = self.map.get(at(start)..at(self.name_end(index)));
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
            label: known(record.label).map(|label| label as usize),
            identity: known(record.identity),
        })
    }

    pub fn attribute_row(&self, index: usize) -> Option<&[u8]> {
        let width = self.description.attribute_names.len();
        let at = self.description.attributes_at as usize + index * width;
        (index < self.len()).then(|| self.map.get(at..at + width))?
    }

    /// The pixels of a picture, in place.
    pub fn pixels(&self, index: usize) -> Option<PixelsView<'_>> {
        let record = self.record(index)?;
        let length = record.length() as usize;
        if self.touched.fetch_add(length, Ordering::Relaxed) > MAX_TOUCHED_BYTES {
            self.touched.store(0, Ordering::Relaxed);
            self.release_pages();
        }
        let start = record.offset as usize;
        Some(PixelsView {
            width: record.width,
            height: record.height,
            channels: usize::from(record.channels),
            values: self.map.get(start..start + length)?,
        })
    }

    /// Releases the mapped pages; those that are read again are mapped again.
    #[cfg_attr(
        unix,
        expect(
            unsafe_code,
            reason = "`memmap2` cannot know that the pages are backed by a file"
        )
    )]
    fn release_pages(&self) {
        #[cfg(unix)]
        // SAFETY: the map is shared, read-only and backed by a file, so released pages are read
        // again from the file with the same bytes.
        unsafe {
            // This only saves memory, so failing is harmless.
            let _ = self
                .map
                .unchecked_advise(memmap2::UncheckedAdvice::DontNeed);
        }
    }
}

#[expect(unsafe_code, reason = "other programs could change a mapped file")]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the bytes must not change while they are mapped. This program never writes into an
    // existing pack: it writes a temporary file and renames it. If another program truncates a
    // pack in use, reading it raises SIGBUS.
    unsafe { Mmap::map(file) }
}

fn read_description(map: &[u8]) -> Option<Description> {
    let trailer = map.get(map.len().checked_sub(TRAILER)?..)?;
    if !trailer.ends_with(MAGIC) || !map.starts_with(MAGIC) {
        return None;
    }
    let offset = u64::from_le_bytes(*trailer.first_chunk()?);
    let length = u64::from_le_bytes(*trailer[8..].first_chunk()?);
    let offset = usize::try_from(offset).ok()?;
    let end = offset.checked_add(usize::try_from(length).ok()?)?;
    serde_json::from_slice(map.get(offset..end)?).ok()
}
