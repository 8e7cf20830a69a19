//! A file that many threads read at once, each at its own position.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use dcgan_support::read_at::read_at;

/// One open file with a position of its own. Clones share the file, not the
/// position, so each thread can read through a clone without a lock.
#[derive(Clone, Debug)]
pub(crate) struct PositionedFile {
    file: Arc<File>,
    length: u64,
    position: u64,
}

impl PositionedFile {
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(file),
            length,
            position: 0,
        })
    }

    /// The file's length in bytes, as it was when it was opened.
    pub fn len(&self) -> u64 {
        self.length
    }
}

impl Read for PositionedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for PositionedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn clones_share_the_file_but_not_the_position() -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        file.write_all(b"0123456789")?;
        let mut one = PositionedFile::new(file)?;
        let mut other = one.clone();
        other.seek(SeekFrom::End(-3))?;

        let (mut head, mut tail) = ([0; 4], String::new());
        one.read_exact(&mut head)?;
        other.read_to_string(&mut tail)?;
        assert_eq!((&head, tail.as_str()), (b"0123", "789"));
        assert!(one.seek(SeekFrom::Current(-5)).is_err());
        Ok(())
    }
}
