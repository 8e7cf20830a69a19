//! Files compressed as a whole, with gzip or Zstandard.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use dcgan_support::regular_file;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::files::{head, unreadable};
use crate::error::DataError;
use crate::io_reason::Reason;

/// A compressed file may unpack to this many times its size, or to [`MIN_UNPACKED_LIMIT`]
/// bytes: what expands further was made to fill memories.
const MAX_EXPANSION: u64 = 1000;
const MIN_UNPACKED_LIMIT: u64 = 1 << 30;

/// Deflate compresses by a factor of at most about this.
pub(super) const MAX_DEFLATE_RATIO: u64 = 1100;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstandard,
}

impl Compression {
    /// Detects the compression from the first bytes of a file.
    pub fn detect(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstandard,
            _ => Self::None,
        }
    }

    /// Detects the compression of a file.
    pub fn of_file(path: &Path) -> Result<Self, DataError> {
        Ok(Self::detect(&head(path, 4)?))
    }

    pub fn is_compressed(self) -> bool {
        self != Self::None
    }

    /// What messages call a tar archive of this compression.
    pub fn archive_name(self) -> &'static str {
        match self {
            Self::None => "tar archive",
            Self::Gzip => "tar.gz archive",
            Self::Zstandard => "tar.zst archive",
        }
    }
}

/// Opens a file and unpacks it while it is read.
pub(super) fn open(path: &Path, compression: Compression) -> Result<Box<dyn Read>, DataError> {
    let file = regular_file::open(path).map_err(|source| unreadable(path, source))?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let file = BufReader::with_capacity(1 << 18, file);
    let reader: Box<dyn Read> = match compression {
        Compression::None => return Ok(Box::new(file)),
        Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
        Compression::Zstandard => Box::new(ZstandardFrames {
            next: Some(file),
            frame: None,
        }),
    };
    Ok(Box::new(Bounded {
        reader,
        remaining: length.saturating_mul(MAX_EXPANSION).max(MIN_UNPACKED_LIMIT),
    }))
}

/// Opens a file that may be compressed.
pub(super) fn open_maybe_compressed(path: &Path) -> Result<Box<dyn Read>, DataError> {
    open(path, Compression::of_file(path)?)
}

/// The first bytes of a file, unpacked: fewer if it is short, truncated or corrupt.
pub(super) fn unpacked_head(path: &Path, compression: Compression, length: usize) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(reader) = open(path, compression) {
        // Bytes before an error are kept, and a format may be recognised by them.
        let _ = reader.take(length as u64).read_to_end(&mut head);
    }
    head
}

/// Zstandard frames one after the other, as parallel compressors write them.
struct ZstandardFrames {
    next: Option<BufReader<File>>,
    frame: Option<StreamingDecoder<BufReader<File>, FrameDecoder>>,
}

impl Read for ZstandardFrames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                match frame.read(buffer)? {
                    0 => self.next = self.frame.take().map(StreamingDecoder::into_inner),
                    count => return Ok(count),
                }
            }
            let Some(mut file) = self.next.take() else {
                return Ok(0);
            };
            if file.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(file).map_err(io::Error::other)?);
        }
    }
}

/// A reader that fails beyond a number of bytes.
struct Bounded {
    reader: Box<dyn Read>,
    remaining: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let remaining = self.remaining.checked_sub(count as u64);
        self.remaining = remaining.ok_or_else(|| {
            Reason(format!(
                "it unpacks to more than {MAX_EXPANSION} times its size"
            ))
            .into_io()
        })?;
        Ok(count)
    }
}
