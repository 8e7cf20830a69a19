//! Bare pictures: records of one size, one after the other, in one or several files.

use std::fmt::Debug;
use std::io::{self, Read};
use std::path::Path;

use super::entries::{Entries, NONE};
use super::layout::Layout;
use super::listing::{MAX_ENTRIES, too_many};
use super::opened::{Item, Opened, RandomAccess, Reader, Stream, Take};
use super::positioned_file::PositionedFile;
use super::spans::{Span, read_span};
use crate::error::DataError;

/// Collects the records of several files, arrays or archive entries into one source.
#[derive(Debug)]
pub(super) struct RecordSet {
    /// What messages call a file, such as `idx file`.
    file_kind: &'static str,
    /// The digits of a picture's number in its name.
    digits: usize,
    entries: Entries,
    layout: Option<Layout>,
    parts: Vec<Part>,
}

/// The records of one file, array or archive entry.
pub(super) struct Records<'a> {
    /// The file, for messages.
    pub path: &'a Path,
    /// What the names of its pictures begin with.
    pub name: &'a str,
    /// The number of pictures.
    pub count: u64,
    pub layout: Layout,
    /// Bytes before the first record.
    pub header: u64,
    /// Bytes before the pixels of each record.
    pub prefix: usize,
}

/// Where the records of one file are, and what numbers their pictures have.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The index of the first picture.
    first: usize,
    count: usize,
    header: u64,
    prefix: usize,
}

impl RecordSet {
    pub fn new(file_kind: &'static str) -> Self {
        Self {
            file_kind,
            digits: 5,
            entries: Entries::default(),
            layout: None,
            parts: Vec::new(),
        }
    }

    /// Names pictures by numbers with this many digits, instead of five.
    pub fn with_digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    /// Adds the pictures of a file.
    ///
    /// # Errors
    ///
    /// If its pictures have another size than those before, or are too many.
    pub fn add(&mut self, records: &Records<'_>) -> Result<(), DataError> {
        if *self.layout.get_or_insert(records.layout) != records.layout {
            let reason = format!("the pictures of {} have another size", records.name);
            return Err(DataError::damaged(records.path, self.file_kind, &reason));
        }
        let first = self.entries.len();
        if records.count.saturating_add(first as u64) > MAX_ENTRIES as u64 {
            return Err(too_many());
        }
        let (name, digits) = (records.name, self.digits);
        for number in 0..records.count {
            let name = format!("{name}/{number:0digits$}");
            self.entries.names.push(&name);
        }
        self.parts.push(Part {
            first,
            count: records.count as usize,
            header: records.header,
            prefix: records.prefix,
        });
        Ok(())
    }

    /// Labels the pictures that were added last, one label each.
    pub fn label(&mut self, labels: impl IntoIterator<Item = u32>) {
        let first = self.parts.last().map_or(0, |part| part.first);
        self.entries.labels.resize(first, NONE);
        self.entries.labels.extend(labels);
    }

    /// Names the classes, by their numbers beyond the end of `names`.
    pub fn name_classes(&mut self, names: &[String]) {
        if !self.entries.labels.is_empty() {
            self.entries.labels.resize(self.entries.len(), NONE);
        }
        self.entries.name_classes(names);
    }

    /// Sets the names of the classes, which need not all occur.
    pub fn set_classes(&mut self, classes: Vec<String>) {
        self.entries.classes = classes;
    }

    /// Reads the records of each part at any place of its uncompressed file.
    ///
    /// # Panics
    ///
    /// If nothing was added.
    pub fn into_random_access(self, files: Vec<PositionedFile>) -> Opened {
        let reader = RecordReader {
            files,
            layout: self.layout.expect("a record set has records"),
            parts: self.parts,
        };
        Opened::new(self.entries, Reader::random_access(reader))
    }

    /// Reads the records of each part from its beginning to its end.
    ///
    /// # Panics
    ///
    /// If nothing was added.
    pub fn into_stream(self, files: impl RecordFiles + 'static) -> Opened {
        let stream = RecordStream {
            files,
            layout: self.layout.expect("a record set has records"),
            parts: self.parts,
        };
        Opened::new(self.entries, Reader::stream(stream))
    }
}

/// Records in uncompressed files, one file for each part.
#[derive(Debug)]
struct RecordReader {
    files: Vec<PositionedFile>,
    layout: Layout,
    parts: Vec<Part>,
}

impl RandomAccess for RecordReader {
    fn read(&self, index: usize) -> Result<Item, String> {
        let file = self.parts.partition_point(|part| part.first <= index) - 1;
        let part = self.parts[file];
        let record = (part.prefix + self.layout.bytes()) as u64;
        let start = part.header + part.prefix as u64;
        let span = Span {
            offset: start.saturating_add((index - part.first) as u64 * record),
            length: self.layout.bytes() as u64,
        };
        let bytes = read_span(&self.files[file], span)?;
        Ok(Item::record(&bytes, self.layout))
    }
}

/// The files, arrays or archive entries that hold records behind a compression.
pub(super) trait RecordFiles: Debug + Send + Sync {
    /// Opens one after the other and passes it to `read_part` with the number of its part, until
    /// that returns `false`.
    ///
    /// # Errors
    ///
    /// If a file cannot be opened, is truncated or corrupt.
    fn for_each(&self, read_part: &mut ReadPart<'_>) -> Result<(), DataError>;
}

/// Reads the records of a part. Returns whether to continue with the next one.
pub(super) type ReadPart<'a> = dyn FnMut(usize, &mut dyn Read) -> io::Result<bool> + 'a;

#[derive(Debug)]
struct RecordStream<Files> {
    files: Files,
    layout: Layout,
    parts: Vec<Part>,
}

impl<Files: RecordFiles> Stream for RecordStream<Files> {
    fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        self.files
            .for_each(&mut |part, reader| read_records(self.parts[part], self.layout, reader, take))
    }
}

fn read_records(
    part: Part,
    layout: Layout,
    reader: &mut dyn Read,
    take: &mut Take<'_>,
) -> io::Result<bool> {
    io::copy(&mut reader.take(part.header), &mut io::sink())?;
    let mut record = vec![0; part.prefix + layout.bytes()];
    for index in part.first..part.first + part.count {
        reader.read_exact(&mut record)?;
        let item = Item::record(&record[part.prefix..], layout);
        if !take(index, Ok(item)) {
            return Ok(false);
        }
    }
    Ok(true)
}
