//! Writing a pack.

use std::io::{self, Write};

use super::{Description, MAGIC, PackedOptions, Record};
use crate::error::Skipped;
use crate::fingerprint::Fingerprint;
use crate::ingest::Prepared;
use crate::options::PictureOptions;
use crate::source::Opened;

/// Takes pictures in any order and writes them with their tables.
pub(crate) struct PackWriter<'a> {
    writer: &'a mut (dyn Write + Send),
    position: u64,
    /// With each picture's number at the source.
    records: Vec<(usize, Record)>,
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

    /// Adds the picture `number` of the source.
    pub fn add(&mut self, opened: &Opened, number: usize, picture: &Prepared) -> io::Result<()> {
        let pixels = &picture.pixels;
        let record = Record {
            offset: self.position,
            content: picture.content,
            width: pixels.width,
            height: pixels.height,
            source_width: picture.source_size.0,
            source_height: picture.source_size.1,
            label: opened.entries.label(number),
            identity: opened.entries.identity(number),
            channels: pixels.channels as u8,
            encoding: picture.encoding,
            transparent: picture.transparent,
        };
        self.put(&pixels.values)?;
        self.records.push((number, record));
        Ok(())
    }

    /// Writes the tables, and with them the end.
    pub fn finish(
        mut self,
        opened: &Opened,
        options: &PictureOptions,
        stamp: u64,
        skipped: &[Skipped],
    ) -> io::Result<()> {
        let mut records = std::mem::take(&mut self.records);
        records.sort_by_key(|(number, _)| *number);
        let entries = &opened.entries;
        let mut fingerprint = Fingerprint::new();
        let records_at = self.position;
        for (number, record) in &records {
            fingerprint.add(entries.names.get(*number), record.content);
            self.put(&record.to_bytes())?;
        }
        let attributes_at = self.position;
        for (number, _) in &records {
            self.put(entries.attribute_row(*number))?;
        }
        let (name_ends_at, mut end) = (self.position, 0);
        for (number, _) in &records {
            end += entries.names.get(*number).len() as u64;
            self.put(&end.to_le_bytes())?;
        }
        let names_at = self.position;
        for (number, _) in &records {
            self.put(entries.names.get(*number).as_bytes())?;
        }
        let description = Description {
            options: PackedOptions::of(options),
            pictures: records.len() as u64,
            records_at,
            attributes_at,
            name_ends_at,
            names_at,
            classes: entries.classes.clone(),
            attribute_names: entries.attribute_names.clone(),
            stamp,
            fingerprint: fingerprint.value(),
            skipped: skipped.to_vec(),
            remarks: opened.remarks.clone(),
        };
        self.end(&description)
    }

    fn end(&mut self, description: &Description) -> io::Result<()> {
        let place = self.position;
        let text = serde_json::to_vec(description)?;
        self.put(&text)?;
        self.put(&place.to_le_bytes())?;
        self.put(&(text.len() as u64).to_le_bytes())?;
        self.put(MAGIC)
    }
}
