//! One file of prepared pictures, of which any can be read at any time.
//!
//! ```text
//! "dcganPK1"                      8 bytes
//! pixels                          one picture after the other, 8-bit
//! records                         56 bytes for each picture, in order
//! attributes                      a byte for each attribute of each picture: 0 or 1
//! ends of names                   8 bytes each
//! names                           UTF-8, one after the other
//! description                     JSON
//! checksum                        8 bytes: xxh3 of the records, names, … and the description
//! offset and length of the description, "dcganPK1"    24 bytes
//! ```
//!
//! All numbers are little-endian. A file is written from its beginning to its end, which takes no
//! more memory than its tables. Each record has a checksum of its pixels. Packs before schema 3
//! have no checksums.

mod description;
mod read;
mod write;

pub(crate) use description::Description;
pub(crate) use read::Pack;
pub(crate) use write::PackWriter;

use std::io::Read;
use std::path::Path;

use dcgan_support::regular_file;

use crate::error::DataError;
use crate::facts::Encoding;
use crate::fingerprint::Hasher;
use crate::options::PackedOptions;

/// The first and last bytes of a pack.
const MAGIC: &[u8; 8] = b"dcganPK1";

/// The bytes at the end: offset and length of the description, and [`MAGIC`].
const TRAILER: usize = 24;

/// The bytes of the checksum before them.
const CHECKSUM: usize = 8;

/// Whether a file that begins with `head` is a pack.
pub fn is_pack(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Whether a file begins as a pack does. Folders and files that cannot be opened do not.
pub(crate) fn begins_as_pack(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = regular_file::open(path).and_then(|file| file.take(8).read_to_end(&mut head));
    read.is_ok() && is_pack(&head)
}

/// The options that a pack was made with; `None` if the file is not a pack.
///
/// # Errors
///
/// If the pack is truncated or corrupt.
pub fn packed_options(path: &Path) -> Result<Option<PackedOptions>, DataError> {
    if !begins_as_pack(path) {
        return Ok(None); // what cannot be opened is reported when the data is loaded
    }
    Ok(Some(Pack::open(path)?.description().options))
}

/// The checksum of everything behind the pixels.
fn tables_checksum(tables: &[u8], description: &[u8]) -> u64 {
    Hasher::new().bytes(tables).bytes(description).finish()
}

/// A picture's row in the table of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    /// The position of its pixels in the file.
    offset: u64,
    content: u64,
    width: u32,
    height: u32,
    source_width: u32,
    source_height: u32,
    label: u32,
    identity: u32,
    channels: u8,
    encoding: Encoding,
    transparent: bool,
    is_narrow: bool,
    is_two_valued: bool,
    /// The checksum of its pixels; 0 before schema 3.
    checksum: u64,
}

impl Record {
    const BYTES: usize = 56;

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.content.to_le_bytes());
        let numbers = [
            self.width,
            self.height,
            self.source_width,
            self.source_height,
            self.label,
            self.identity,
        ];
        for (place, number) in bytes[16..40].chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes[40] = self.channels;
        bytes[41] = self.encoding.number();
        bytes[42] = self.transparent.into();
        bytes[43] = self.is_narrow.into();
        bytes[44] = self.is_two_valued.into();
        bytes[48..].copy_from_slice(&self.checksum.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let short = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        Some(Self {
            offset: long(0),
            content: long(8),
            width: short(16),
            height: short(20),
            source_width: short(24),
            source_height: short(28),
            label: short(32),
            identity: short(36),
            channels: bytes[40],
            encoding: Encoding::from_number(bytes[41])?,
            transparent: bytes[42] != 0,
            is_narrow: bytes[43] != 0,
            is_two_valued: bytes[44] != 0,
            checksum: long(48),
        })
    }

    /// The number of bytes of its pixels.
    fn length(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        pixels.saturating_mul(u64::from(self.channels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_from_its_bytes() {
        let record = Record {
            offset: u64::MAX - 1,
            content: 2,
            width: 3,
            height: 4,
            source_width: 5,
            source_height: 6,
            label: 7,
            identity: u32::MAX,
            channels: 3,
            encoding: Encoding::Bare,
            transparent: true,
            is_narrow: true,
            is_two_valued: false,
            checksum: 8,
        };
        assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
        let mut bytes = record.to_bytes();
        bytes[41] = 99;
        assert_eq!(Record::from_bytes(&bytes), None);
    }
}
