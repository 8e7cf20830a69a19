//! Pictures that were decoded once and are kept in memory, up to a limit.

use crate::error::DataError;
use crate::facts::{Encoding, Facts, known};
use crate::findings::Findings;
use crate::fingerprint::Fingerprint;
use crate::ingest::{Prepared, Progress, ingest, prepare};
use crate::options::PictureOptions;
use crate::pixels::Pixels;
use crate::source::{Entries, Opened, Reader};

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
    /// Its index in the source.
    source_index: usize,
    content: u64,
    source_size: (u32, u32),
    encoding: Encoding,
    is_grey: bool,
    transparent: bool,
    is_narrow: bool,
    is_two_valued: bool,
    /// The pixels, if there is memory for them.
    kept: Option<Pixels>,
}

impl Loaded {
    /// Decodes all pictures of a source.
    ///
    /// # Errors
    ///
    /// As [`ingest`], and `too_large` if a stream does not fit into memory.
    pub fn load(
        opened: Opened,
        options: &PictureOptions,
        progress: Progress<'_>,
        too_large: &(dyn Fn() -> DataError + Sync),
    ) -> Result<(Self, Findings), DataError> {
        let (mut pictures, mut memory_used) = (Vec::new(), 0);
        let can_read_again = opened.reader.is_random_access();
        let ingested = ingest(&opened, options, progress, &mut |source_index, picture| {
            memory_used += picture.pixels.values.len() as u64;
            let fits = memory_used <= options.memory_limit;
            if !fits && !can_read_again {
                return Err(too_large());
            }
            pictures.push(Picture::new(source_index, picture, fits));
            Ok(())
        })?;
        let findings = Findings::new(&opened, ingested);
        // Streams have their own order.
        pictures.sort_by_key(|picture| picture.source_index);
        let loaded = Self {
            entries: opened.entries,
            reader: opened.reader,
            pictures,
        };
        Ok((loaded, findings))
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
        Some(self.entries.names.get(picture.source_index))
    }

    pub fn facts(&self, index: usize) -> Option<Facts> {
        let picture = self.pictures.get(index)?;
        Some(Facts {
            content: picture.content,
            source_size: picture.source_size,
            encoding: picture.encoding,
            is_grey: picture.is_grey,
            transparent: picture.transparent,
            is_narrow: picture.is_narrow,
            is_two_valued: picture.is_two_valued,
            label: known(self.entries.label(picture.source_index)).map(|label| label as usize),
            identity: known(self.entries.identity(picture.source_index)),
        })
    }

    pub fn attribute_row(&self, index: usize) -> Option<&[u8]> {
        let picture = self.pictures.get(index)?;
        Some(self.entries.attribute_row(picture.source_index))
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let names = &self.entries.names;
        let pictures = self.pictures.iter();
        Fingerprint::of_pictures(
            pictures.map(|picture| (names.get(picture.source_index), picture.content)),
        )
    }

    /// The pixels of a picture, if they are in memory.
    pub fn kept(&self, index: usize) -> Option<&Pixels> {
        self.pictures.get(index)?.kept.as_ref()
    }

    /// Decodes a picture that is not in memory.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if its file has changed or is missing.
    pub fn decode_again(
        &self,
        index: usize,
        options: &PictureOptions,
    ) -> Result<Pixels, DataError> {
        let picture = &self.pictures[index];
        let lost = |reason| DataError::PictureLost {
            name: self.entries.names.get(picture.source_index).to_owned(),
            reason,
        };
        // The pictures of a stream are all in memory.
        let item = match &self.reader {
            Reader::RandomAccess(reader) => reader.read(picture.source_index),
            Reader::Stream(_) => Err("can only be read from the beginning".to_owned()),
        };
        let prepared = item.and_then(|item| prepare(item, options)).map_err(lost)?;
        if prepared.content != picture.content {
            return Err(lost("its content has changed".to_owned()));
        }
        Ok(prepared.pixels)
    }
}

impl Picture {
    fn new(source_index: usize, picture: Prepared, keep: bool) -> Self {
        Self {
            source_index,
            content: picture.content,
            source_size: picture.source_size,
            encoding: picture.encoding,
            is_grey: picture.pixels.channels == 1,
            transparent: picture.transparent,
            is_narrow: picture.found.is_narrow(),
            is_two_valued: picture.found.is_two_valued,
            kept: keep.then_some(picture.pixels),
        }
    }
}
