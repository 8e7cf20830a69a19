//! Bare pixels: records of one size, one after the other.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::DataError;
use super::mat;
use super::reader::{Item, Take, unreadable};
use super::tar::{self, Compression};
use super::zip;
use crate::pixels::Pixels;

/// The largest side of a bare picture, and the largest number of its bytes.
const MAX_SIDE: u64 = 1 << 16;
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// Deflate makes at most about so many bytes of one.
pub(super) const MOST_DEFLATED: u64 = 1100;

/// How a picture's pixels lie in their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    width: u32,
    height: u32,
    channels: usize,
    order: Order,
}

/// In which order a picture's bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Row by row, the channels of a pixel together.
    Pixels,
    /// All of red, then all of green, then all of blue, each row by row.
    Planes,
    /// The same, each column by column.
    ColumnPlanes,
}

impl Layout {
    /// `None` if this is no size of a picture that can be.
    pub fn new(width: u64, height: u64, channels: u64, order: Order) -> Option<Self> {
        let sides_fit = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
        let fits = sides_fit
            && matches!(channels, 1 | 3 | 4)
            && width * height * channels <= MAX_RECORD_BYTES;
        fits.then_some(Self {
            width: width as u32,
            height: height as u32,
            channels: channels as usize,
            order,
        })
    }

    /// The bytes of one picture.
    pub fn bytes(self) -> usize {
        self.width as usize * self.height as usize * self.channels
    }

    /// The picture.
    pub fn pixels(self, bytes: &[u8]) -> Pixels {
        let (width, height) = (self.width as usize, self.height as usize);
        let plane = width * height;
        let from_planes = |place: &dyn Fn(usize) -> usize| {
            let places = (0..plane).map(place);
            places
                .flat_map(|at| (0..self.channels).map(move |channel| bytes[channel * plane + at]))
                .collect()
        };
        let values = match self.order {
            Order::Pixels => bytes.to_vec(),
            Order::Planes => from_planes(&|at| at),
            Order::ColumnPlanes => from_planes(&|at| at % width * height + at / width),
        };
        Pixels {
            width: self.width,
            height: self.height,
            channels: self.channels,
            values,
        }
    }
}

/// Some records that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The number of its first picture.
    pub first: usize,
    pub count: usize,
}

/// Where a stream of records is read from.
#[derive(Debug)]
pub(super) enum RecordSource {
    /// Files, gzipped or not.
    Files(Vec<PathBuf>),
    /// Entries of a zip archive.
    ZipEntries(PathBuf, zip::Archive, Vec<usize>),
    /// Files of a tar archive by their names, in its order.
    TarFiles(PathBuf, Compression, Vec<String>),
    /// Arrays in MATLAB's files.
    MatArrays(Vec<(PathBuf, mat::Array)>),
}

/// Records behind a compression.
#[derive(Debug)]
pub(crate) struct RecordStream {
    pub(super) source: RecordSource,
    /// For each file or entry what is in it, and how many bytes come before.
    pub(super) parts: Vec<(Part, u64)>,
    /// Bytes before the pixels of each record.
    pub(super) prefix: usize,
    pub(super) layout: Layout,
}

impl RecordStream {
    pub fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        match &self.source {
            RecordSource::Files(paths) => {
                for (index, path) in paths.iter().enumerate() {
                    let mut reader = open_maybe_gzip(path)?;
                    let read = self.read_part(index, &mut reader, take);
                    if !read.map_err(|error| DataError::damaged(path, "file", &error))? {
                        break;
                    }
                }
            }
            RecordSource::ZipEntries(path, archive, places) => {
                for (index, &place) in places.iter().enumerate() {
                    let read = archive.with_entry(path, place, |mut entry| {
                        self.read_part(index, &mut entry, take)
                    })?;
                    if !read.map_err(|error| DataError::damaged(path, "zip archive", &error))? {
                        break;
                    }
                }
            }
            RecordSource::MatArrays(arrays) => {
                for (index, (path, array)) in arrays.iter().enumerate() {
                    let read = self.read_part(index, &mut array.open(path)?, take);
                    if !read.map_err(|error| DataError::damaged(path, "MATLAB file", &error))? {
                        break;
                    }
                }
            }
            RecordSource::TarFiles(path, compression, names) => {
                let mut archive = ::tar::Archive::new(tar::open(path, *compression)?);
                let damaged = |error| DataError::damaged(path, compression.archive(), &error);
                let entries = archive.entries().map_err(damaged)?.raw(true);
                tar::for_each_file(entries, |name, entry| {
                    match names.iter().position(|known| *known == name) {
                        Some(index) => Ok(self.read_part(index, entry, take)?),
                        None => Ok(true),
                    }
                })
                .map_err(|error| error.of(path, *compression))?;
            }
        }
        Ok(())
    }

    /// Reads one part; false if no more is wanted.
    fn read_part(
        &self,
        index: usize,
        reader: &mut dyn Read,
        take: &mut Take<'_>,
    ) -> io::Result<bool> {
        let (part, skip) = self.parts[index];
        io::copy(&mut reader.take(skip), &mut io::sink())?;
        let mut record = vec![0; self.prefix + self.layout.bytes()];
        for number in part.first..part.first + part.count {
            reader.read_exact(&mut record)?;
            let item = Item::record(&record[self.prefix..], self.layout);
            if !take(number, Ok(item)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A file, unpacked as it is read if it is gzipped.
pub(super) fn open_maybe_gzip(path: &Path) -> Result<Box<dyn Read>, DataError> {
    tar::open(path, compression_of(path)?)
}

/// How a file is compressed, by its first bytes.
pub(super) fn compression_of(path: &Path) -> Result<Compression, DataError> {
    Ok(Compression::of(&head(path, 4)?))
}

/// The first bytes of a file.
pub(super) fn head(path: &Path, length: u64) -> Result<Vec<u8>, DataError> {
    let mut head = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(length).read_to_end(&mut head))
        .map_err(|source| unreadable(path, source))?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_pixels() {
        let planar = Layout::new(2, 1, 3, Order::Planes).unwrap();
        assert_eq!(
            planar.pixels(&[1, 2, 3, 4, 5, 6]).values,
            [1, 3, 5, 2, 4, 6]
        );
        let columns = Layout::new(3, 2, 1, Order::ColumnPlanes).unwrap();
        assert_eq!(
            columns.pixels(&[1, 4, 2, 5, 3, 6]).values,
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn sizes_that_no_picture_has_are_refused() {
        for (width, height, channels) in [
            (0, 1, 1),
            (1, 0, 3),
            (1, 1, 2),
            (1 << 20, 1, 1),
            (1 << 16, 1 << 16, 3),
            (u64::MAX, u64::MAX, 3),
        ] {
            assert_eq!(Layout::new(width, height, channels, Order::Pixels), None);
        }
    }
}
