//! A set of pictures of one size, ready to train on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::decode::decode;
use super::demo;
use super::error::{DataError, Skipped};
use super::options::PictureOptions;
use super::order::Augmentation;
use super::pixels::{Pixels, with_channels};
use super::source::{self, DataSource, Files};
use super::transform;

/// The good pictures of a [`DataSource`], each decoded once to know that it is
/// good, and kept in memory as far as [`PictureOptions::memory_limit`] allows.
#[derive(Debug)]
pub struct Dataset {
    origin: Origin,
    options: PictureOptions,
    channels: usize,
    pictures: Vec<Picture>,
    skipped: Vec<Skipped>,
    fingerprint: u64,
}

/// Where pictures are made from when they are not in memory.
#[derive(Debug)]
enum Origin {
    Files(Files),
    Demo { seed: u64 },
}

/// One good picture.
#[derive(Debug)]
struct Picture {
    /// Its number at the origin.
    number: usize,
    /// A hash of the file's content.
    content: u64,
    is_grey: bool,
    /// What [`Origin::prepare`] made of it, if memory allows.
    kept: Option<Pixels>,
}

impl Dataset {
    /// Finds the pictures of `source` and decodes each once, on all cores.
    ///
    /// `progress` is called with the number of pictures done and the number of
    /// all, from several threads and not always in order. Loading ends early
    /// when `should_stop` answers true.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if there are no pictures, if more than half of them
    /// cannot be used, if an option makes no sense, or
    /// [`DataError::Interrupted`]. Fewer bad pictures are [skipped](Self::skipped).
    pub fn load(
        source: &DataSource,
        options: &PictureOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, DataError> {
        options.check()?;
        let (origin, total, mut skipped) = open(source)?;
        let (done, memory_used) = (AtomicUsize::new(0), AtomicU64::new(0));
        let load_one = |number| {
            if should_stop() {
                return Err(DataError::Interrupted);
            }
            let picture = Picture::load(&origin, number, options, &memory_used);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok(picture)
        };
        let loaded: Vec<_> = (0..total)
            .into_par_iter()
            .map(load_one)
            .collect::<Result<_, _>>()?;

        let mut pictures = Vec::with_capacity(total);
        for result in loaded {
            match result {
                Ok(picture) => pictures.push(picture),
                Err(picture) => skipped.push(picture),
            }
        }
        if let DataSource::Path(path) = source {
            check_share(path, pictures.len(), &skipped)?;
        }
        skipped.sort_by(|one, other| one.name.cmp(&other.name));
        let all_grey = pictures.iter().all(|picture| picture.is_grey);
        let channels = options.channels.unwrap_or(if all_grey { 1 } else { 3 });
        let fingerprint = fingerprint(&origin, &pictures);
        Ok(Self {
            origin,
            options: options.clone(),
            channels,
            pictures,
            skipped,
            fingerprint,
        })
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Whether there are no pictures; a loaded data set always has some.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// 1 if pictures are grey, 3 if they have red, green and blue.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The width and the height of every picture in pixels.
    pub fn image_size(&self) -> usize {
        self.options.image_size as usize
    }

    /// The options that the data set was loaded with.
    pub fn options(&self) -> &PictureOptions {
        &self.options
    }

    /// How many of the pictures are kept in memory.
    pub fn in_memory(&self) -> usize {
        let kept = |picture: &&Picture| picture.kept.is_some();
        self.pictures.iter().filter(kept).count()
    }

    /// The name of a picture within its folder or archive, if there is one of
    /// that number.
    pub fn name(&self, index: usize) -> Option<String> {
        let picture = self.pictures.get(index)?;
        Some(self.origin.name(picture.number))
    }

    /// The pictures that were left out, in order of their names.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// A number that changes when the data changes: the 64-bit FNV-1a hash of
    /// the names and contents of all pictures in order. It does not depend on
    /// where the data lies nor on the options.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// One picture, augmented.
    ///
    /// # Shapes
    ///
    /// `image_size × image_size × channels` values from 0 to 255, in rows from
    /// the top, channels last.
    ///
    /// # Errors
    ///
    /// [`DataError::PictureLost`] if the picture is not in memory and its file
    /// has changed or gone, and [`DataError::InvalidOption`] if there is no
    /// picture `index`.
    pub fn picture(&self, index: usize, augmentation: Augmentation) -> Result<Vec<u8>, DataError> {
        let picture = self.pictures.get(index).ok_or_else(|| {
            let count = self.len();
            DataError::InvalidOption(format!("there is no picture {index}, only {count}"))
        })?;
        let decoded_again;
        let pixels = match &picture.kept {
            Some(pixels) => pixels,
            None => {
                decoded_again = self.decode_again(picture)?;
                &decoded_again
            }
        };
        let values = transform::cut(pixels, self.options.image_size, augmentation);
        Ok(with_channels(values, pixels.channels, self.channels))
    }

    fn decode_again(&self, picture: &Picture) -> Result<Pixels, DataError> {
        let lost = |reason| DataError::PictureLost {
            name: self.origin.name(picture.number),
            reason,
        };
        let prepared = self.origin.prepare(picture.number, &self.options);
        let (pixels, content) = prepared.map_err(lost)?;
        if content != picture.content {
            return Err(lost("its content has changed".to_owned()));
        }
        Ok(pixels)
    }

    /// Writes the list of skipped pictures, one `name: reason` a line.
    ///
    /// # Errors
    ///
    /// [`DataError::WriteSkipped`] if the file cannot be written.
    pub fn write_skipped(&self, path: &Path) -> Result<(), DataError> {
        let lines: String = self
            .skipped
            .iter()
            .map(|skipped| format!("{skipped}\n"))
            .collect();
        fs::write(path, lines).map_err(|source| DataError::WriteSkipped {
            path: path.to_owned(),
            source,
        })
    }
}

impl Picture {
    fn load(
        origin: &Origin,
        number: usize,
        options: &PictureOptions,
        memory_used: &AtomicU64,
    ) -> Result<Self, Skipped> {
        let (pixels, content) = origin.prepare(number, options).map_err(|reason| Skipped {
            name: origin.name(number),
            reason,
        })?;
        let bytes = pixels.values.len() as u64;
        let fits = memory_used.fetch_add(bytes, Ordering::Relaxed) + bytes <= options.memory_limit;
        Ok(Self {
            number,
            content,
            is_grey: pixels.channels == 1,
            kept: fits.then_some(pixels),
        })
    }
}

impl Origin {
    fn name(&self, number: usize) -> String {
        match self {
            Self::Files(files) => files.name(number).to_owned(),
            Self::Demo { .. } => format!("demo/{number}"),
        }
    }

    /// Makes a picture ready to be [cut](transform::cut), with a hash of what it
    /// was made from.
    fn prepare(&self, number: usize, options: &PictureOptions) -> Result<(Pixels, u64), String> {
        let (mut pixels, content) = match self {
            Self::Files(files) => {
                let bytes = files.read(number)?;
                (
                    decode(&bytes, options.background)?,
                    hash(HASH_START, &bytes),
                )
            }
            Self::Demo { seed } => {
                let face = demo::face(*seed, number as u64).draw(options.image_size);
                let content = hash(HASH_START, &seed.to_le_bytes());
                (Pixels::from(face).grey_if_possible(), content)
            }
        };
        if options.channels == Some(1) {
            pixels = pixels.into_grey();
        }
        let prepared = transform::prepare(&pixels, options.image_size, options.crop)?;
        Ok((prepared, content))
    }
}

/// Opens a source: where to read, how many pictures, and which are bad already.
fn open(source: &DataSource) -> Result<(Origin, usize, Vec<Skipped>), DataError> {
    match source {
        DataSource::Path(path) => {
            let (files, skipped) = source::find(path)?;
            let total = files.len();
            Ok((Origin::Files(files), total, skipped))
        }
        DataSource::Demo { count: 0, .. } => Err(DataError::InvalidOption(
            "the demo needs at least one face".to_owned(),
        )),
        &DataSource::Demo { count, seed } => {
            Ok((Origin::Demo { seed }, count as usize, Vec::new()))
        }
    }
}

/// Refuses data of which more than half is bad: something is wrong with it.
fn check_share(path: &Path, good: usize, skipped: &[Skipped]) -> Result<(), DataError> {
    if skipped.len() <= good {
        return Ok(());
    }
    Err(DataError::MostlyBad {
        path: PathBuf::from(path),
        total: good + skipped.len(),
        skipped: skipped.to_vec(),
    })
}

fn fingerprint(origin: &Origin, pictures: &[Picture]) -> u64 {
    pictures.iter().fold(HASH_START, |state, picture| {
        let name = origin.name(picture.number);
        let state = hash(state, &(name.len() as u64).to_le_bytes());
        let state = hash(state, name.as_bytes());
        hash(state, &picture.content.to_le_bytes())
    })
}

const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a 64-bit FNV-1a hash (Fowler, Noll, Vo).
fn hash(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, &byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the authors' list of test vectors.
        assert_eq!(hash(HASH_START, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(HASH_START, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(HASH_START, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
