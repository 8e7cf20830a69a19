//! Several sources as one, such as the shards of a data set.

use super::entries::{Entries, Names};
use super::opened::{Item, Opened, RandomAccess, Reader, Stream, Take};
use crate::error::DataError;
use crate::left_out::LeftOutList;
use crate::skipped::Skipped;

/// Where the classes of the pictures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Classes {
    /// From the folders within the parts, which are shards of one data set.
    WithinParts,
    /// Each part is a class.
    ByPart,
}

/// Combines sources that have no attributes. The names of a part's pictures get the part's name in
/// front.
pub(super) fn combine(parts: Vec<(String, Opened)>, classes: Classes) -> Opened {
    let mut entries = Entries::default();
    let (mut within, mut with_parts) = (Names::default(), Names::default());
    let mut combined = Combined::default();
    let (mut skipped, mut remarks) = (Vec::new(), Vec::new());
    let mut left_out = LeftOutList::default();
    for (part, opened) in parts {
        combined.firsts.push(within.len());
        combined.counts.push(opened.entries.len());
        for name in opened.entries.names.iter() {
            within.push(name);
            with_parts.push(&format!("{part}/{name}"));
        }
        combined.readers.push(opened.reader);
        skipped.extend(opened.skipped.into_iter().map(|one| Skipped {
            name: format!("{part}/{}", one.name),
            ..one
        }));
        remarks.extend(
            opened
                .remarks
                .iter()
                .map(|remark| format!("{part}: {remark}")),
        );
        for group in opened.left_out.into_groups() {
            let names: Vec<String> = group
                .names
                .iter()
                .map(|name| format!("{part}/{name}"))
                .collect();
            let names = names.iter().map(String::as_str);
            left_out.add_many(group.reason, &group.kind, group.count, names);
        }
    }
    if classes == Classes::WithinParts {
        entries.names = within;
        entries.label_by_folder();
        entries.names = with_parts;
    } else {
        entries.names = with_parts;
        entries.label_by_folder();
    }
    let is_stream = |reader: &Reader| !reader.is_random_access();
    let reader = if combined.readers.iter().any(is_stream) {
        Reader::stream(combined)
    } else {
        Reader::random_access(combined)
    };
    Opened {
        skipped,
        left_out,
        remarks,
        ..Opened::new(entries, reader)
    }
}

/// The readers of the parts, the indices of their first pictures, and the numbers of their pictures.
#[derive(Debug, Default)]
struct Combined {
    firsts: Vec<usize>,
    counts: Vec<usize>,
    readers: Vec<Reader>,
}

impl RandomAccess for Combined {
    fn read(&self, index: usize) -> Result<Item, String> {
        let part = self.firsts.partition_point(|first| *first <= index) - 1;
        match &self.readers[part] {
            Reader::RandomAccess(reader) => reader.read(index - self.firsts[part]),
            Reader::Stream(_) => Err("can only be read from the beginning".to_owned()),
        }
    }
}

impl Stream for Combined {
    fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        let mut goes_on = true;
        let parts = self.firsts.iter().zip(&self.counts).zip(&self.readers);
        for ((first, count), reader) in parts {
            let mut take_of_part = |index: usize, item| {
                goes_on = take(first + index, item);
                goes_on
            };
            match reader {
                Reader::Stream(stream) => stream.read(&mut take_of_part)?,
                Reader::RandomAccess(reader) => {
                    for index in 0..*count {
                        if !take_of_part(index, reader.read(index)) {
                            break;
                        }
                    }
                }
            }
            if !goes_on {
                break;
            }
        }
        Ok(())
    }
}
