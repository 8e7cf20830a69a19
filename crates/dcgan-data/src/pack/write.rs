//! Writing a pack.

use std::io::{self, Write};

use super::description::{SCHEMA, StoredFingerprint};
use super::{Description, MAGIC, Record, tables_checksum};
use crate::findings::Findings;
use crate::fingerprint::{Fingerprint, content_hash};
use crate::ingest::Prepared;
use crate::options::PictureOptions;
use crate::source::Opened;

/// Writes pictures in any order, and then their tables.
pub(crate) struct PackWriter<'a> {
    writer: &'a mut (dyn Write + Send),
    position: u64,
    records: Vec<NumberedRecord>,
}

/// A record and its picture's index in the source.
struct NumberedRecord {
    index: usize,
    record: Record,
}

impl<'a> PackWriter<'a> {
    pub fn new(writer: &'a mut (dyn Write + Send)) -> io::Result<Self> {
        writer.write_all(MAGIC)?;
        Ok(Self {
            writer,
            position: MAGIC.len() as u64,
            records: Vec::new(),
        })
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len() as u64;
        self.writer.write_all(bytes)
    }

    /// Adds picture `index` of the source.
    pub fn add(&mut self, opened: &Opened, index: usize, picture: &Prepared) -> io::Result<()> {
        let pixels = &picture.pixels;
        let record = Record {
            offset: self.position,
            content: picture.content,
            width: pixels.width,
            height: pixels.height,
            source_width: picture.source_size.0,
            source_height: picture.source_size.1,
            label: opened.entries.label(index),
            identity: opened.entries.identity(index),
            channels: pixels.channels as u8,
            encoding: picture.encoding,
            transparent: picture.transparent,
            is_narrow: picture.found.is_narrow(),
            is_two_valued: picture.found.is_two_valued,
            checksum: content_hash(&pixels.values),
        };
        self.put(&pixels.values)?;
        self.records.push(NumberedRecord { index, record });
        Ok(())
    }

    /// Writes the tables, the description and the trailer.
    pub fn finish(
        mut self,
        opened: &Opened,
        options: &PictureOptions,
        stamp: u64,
        findings: &Findings,
    ) -> io::Result<()> {
        let mut records = std::mem::take(&mut self.records);
        records.sort_by_key(|record| record.index);
        let entries = &opened.entries;
        let name = |index: usize| entries.names.get(index);
        let fingerprint = Fingerprint::of_pictures(
            records
                .iter()
                .map(|NumberedRecord { index, record }| (name(*index), record.content)),
        );
        let mut tables = Vec::new();
        let position = |tables: &Vec<u8>| self.position + tables.len() as u64;
        let records_at = position(&tables);
        for NumberedRecord { record, .. } in &records {
            tables.extend(record.to_bytes());
        }
        let attributes_at = position(&tables);
        for NumberedRecord { index, .. } in &records {
            tables.extend(entries.attribute_row(*index));
        }
        let (name_ends_at, mut end) = (position(&tables), 0);
        for NumberedRecord { index, .. } in &records {
            end += name(*index).len() as u64;
            tables.extend(end.to_le_bytes());
        }
        let names_at = position(&tables);
        for NumberedRecord { index, .. } in &records {
            tables.extend(name(*index).as_bytes());
        }
        let description = Description {
            schema: SCHEMA,
            options: options.into(),
            pictures: records.len() as u64,
            records_at,
            attributes_at,
            name_ends_at,
            names_at,
            classes: entries.classes.clone(),
            attribute_names: entries.attribute_names.clone(),
            stamp,
            fingerprint: StoredFingerprint::Text(fingerprint.to_string()),
            skipped: findings.skipped.clone(),
            remarks: findings.remarks.clone(),
            left_out: findings.left_out.clone(),
            deep_pictures: findings.deep_pictures,
        };
        self.end(&tables, &description)
    }

    fn end(&mut self, tables: &[u8], description: &Description) -> io::Result<()> {
        self.put(tables)?;
        let offset = self.position;
        let text = serde_json::to_vec(description)?;
        self.put(&text)?;
        self.put(&tables_checksum(tables, &text).to_le_bytes())?;
        self.put(&offset.to_le_bytes())?;
        self.put(&(text.len() as u64).to_le_bytes())?;
        self.put(MAGIC)
    }
}
