//! Pictures that were decoded once, and are kept in memory as far as it goes.

use super::error::{DataError, Skipped};
use super::facts::{Encoding, Facts, known};
use super::fingerprint::Fingerprint;
use super::ingest::{Prepared, Watch, ingest, prepare};
use super::options::PictureOptions;
use super::pixels::Pixels;
use super::source::{Entries, Opened, Reader};

/// The good pictures of a source.
#[derive(Debug)]
pub(super) struct Loaded {
    pub entries: Entries,
    reader: Reader,
    pictures: Vec<Picture>,
}

/// One good picture.
#[derive(Debug)]
struct Picture {
    /// Its number at the source.
    number: usize,
    content: u64,
    source_size: (u32, u32),
    encoding: Encoding,
    is_grey: bool,
    transparent: bool,
    /// If memory allows.
    kept: Option<Pixels>,
}

impl Loaded {
    /// Decodes all pictures of a source.
    ///
    /// # Errors
    ///
    /// As [`ingest`]; `too_large` for a stream beyond the memory.
    pub fn load(
        opened: Opened,
        options: &PictureOptions,
        watch: Watch<'_>,
        too_large: &(dyn Fn() -> DataError + Sync),
    ) -> Result<(Self, Vec<Skipped>), DataError> {
        let (mut pictures, mut memory_used) = (Vec::new(), 0);
        let can_read_again = opened.reader.is_random_access();
        let skipped = ingest(&opened, options, watch, &mut |number, picture| {
            memory_used += picture.pixels.values.len() as u64;
            let fits = memory_used <= options.memory_limit;
            if !fits && !can_read_again {
                return Err(too_large());
            }
            pictures.push(Picture::new(number, picture, fits));
            Ok(())
        })?;
        // Streams come in an order of their own.
        pictures.sort_by_key(|picture| picture.number);
        let loaded = Self {
            entries: opened.entries,
            reader: opened.reader,
            pictures,
        };
        Ok((loaded, skipped))
    }

    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    pub fn in_memory(&self) -> usize {
        let kept = |picture: &&Picture| picture.kept.is_some();
        self.pictures.iter().filter(kept).count()
    }

    pub fn name(&self, index: usize) -> Option<&str> {
        let picture = self.pictures.get(index)?;
        Some(self.entries.names.get(picture.number))
    }

    pub fn facts(&self, index: usize) -> Option<Facts> {
        let picture = self.pictures.get(index)?;
        Some(Facts {
            content: picture.content,
            source_size: picture.source_size,
            encoding: picture.encoding,
            is_grey: picture.is_grey,
            transparent: picture.transparent,
            label: known(self.entries.label(picture.number)).map(|label| label as usize),
            identity: known(self.entries.identity(picture.number)),
        })
    }

    pub fn attribute_row(&self, index: usize) -> Option<&[u8]> {
        let picture = self.pictures.get(index)?;
        Some(self.entries.attribute_row(picture.number))
    }

    pub fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        for picture in &self.pictures {
            fingerprint.add(self.entries.names.get(picture.number), picture.content);
        }
        fingerprint.value()
    }

    /// The pixels of a picture in memory.
    pub fn kept(&self, index: usize) -> Option<&Pixels> {
        self.pictures.get(index)?.kept.as_ref()
    }

    /// Decodes a picture that is not in memory.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if it has changed or gone.
    pub fn decode_again(
        &self,
        index: usize,
        options: &PictureOptions,
    ) -> Result<Pixels, DataError> {
        let picture = &self.pictures[index];
        let lost = |reason| DataError::PictureLost {
            name: self.entries.names.get(picture.number).to_owned(),
            reason,
        };
        let item = self.reader.read(picture.number, options.image_size);
        let prepared = item.and_then(|item| prepare(item, options)).map_err(lost)?;
        if prepared.content != picture.content {
            return Err(lost("its content has changed".to_owned()));
        }
        Ok(prepared.pixels)
    }
}

impl Picture {
    fn new(number: usize, picture: Prepared, keep: bool) -> Self {
        Self {
            number,
            content: picture.content,
            source_size: picture.source_size,
            encoding: picture.encoding,
            is_grey: picture.pixels.channels == 1,
            transparent: picture.transparent,
            kept: keep.then_some(picture.pixels),
        }
    }
}
