//! The checksum of a file, which lies in the file: XXH3 of 128 bits over all of its bytes,
//! with zeros where the checksum itself is.
//!
//! It finds what disks and cables do to a file. It is no signature: who changes a file on
//! purpose can compute it too, so what is read is checked all the same.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use xxhash_rust::xxh3::Xxh3;

/// What stands for the checksum while it is not known: as many digits.
pub(super) const NONE: &str = "00000000000000000000000000000000";

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// A checksum in the making.
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

/// The checksum of a file whose first bytes, up to the tensors, are `head`; `stated` is what
/// the head says it is.
pub(super) fn of_file(mut file: &File, head: &[u8], stated: &str) -> io::Result<String> {
    let mut checksum = Checksum::new();
    let mut blank = head.to_vec();
    if let Some(place) = place(head, stated) {
        blank[place..place + stated.len()].fill(b'0');
    }
    checksum.add(&blank);
    file.seek(SeekFrom::Start(head.len() as u64))?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(checksum.digits()),
            Ok(count) => checksum.add(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Where the checksum's digits begin in a head: the first place where they are.
pub(super) fn place(head: &[u8], digits: &str) -> Option<usize> {
    let windows = &mut head.windows(digits.len().max(1));
    windows.position(|window| window == digits.as_bytes())
}
