//! The checksum of a file, stored in the file itself: XXH3 with 128 bits over all of its bytes,
//! with zeros in place of the checksum.
//!
//! Detects accidental corruption; it is not a signature. What is read from the file is checked
//! anyway.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use xxhash_rust::xxh3::Xxh3;

/// Stands in for the checksum until it is known.
pub(super) const PLACEHOLDER: &str = "00000000000000000000000000000000";

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// A checksum being computed.
pub(super) struct Checksum(Xxh3);

impl Checksum {
    pub fn new() -> Self {
        Self(Xxh3::new())
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Its 32 hexadecimal digits.
    pub fn digits(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}

/// The checksum of a file whose first bytes, up to the tensors, are `head`. `stated` is the
/// checksum in the head.
pub(super) fn of_file(mut file: &File, head: &[u8], stated: &str) -> io::Result<String> {
    let mut checksum = Checksum::new();
    let mut blank = head.to_vec();
    if let Some(place) = place(head, stated) {
        blank[place..place + stated.len()].fill(b'0');
    }
    checksum.add(&blank);
    file.seek(SeekFrom::Start(head.len() as u64))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(checksum.digits()),
            Ok(count) => checksum.add(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The offset of the checksum's digits in a head.
pub(super) fn place(head: &[u8], digits: &str) -> Option<usize> {
    let windows = &mut head.windows(digits.len().max(1));
    windows.position(|window| window == digits.as_bytes())
}
