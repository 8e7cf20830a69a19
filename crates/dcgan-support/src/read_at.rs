//! Reading a file at a position, from any number of threads.

use std::fs::File;
use std::io;

use rayon::prelude::*;

/// Bytes that one thread reads at a time.
const PIECE: usize = 1 << 21;

/// Reads what there is at `offset`, up to the length of `buffer`.
#[cfg(unix)]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Reads what there is at `offset`, up to the length of `buffer`.
#[cfg(windows)]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Fills `buffer` from `offset` on, on all threads: what is in the system's cache is copied
/// as fast as memory allows.
///
/// # Errors
/// What the system has against it, and a file that ends before.
pub fn fill_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let pieces = buffer.par_chunks_mut(PIECE).enumerate();
    pieces.try_for_each(|(index, mut piece)| {
        let mut offset = offset + (index * PIECE) as u64;
        while !piece.is_empty() {
            match read_at(file, piece, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    offset += count as u64;
                    piece = &mut piece[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_long_file_is_read_whole_from_any_position_and_a_short_one_is_an_error() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..2 * PIECE + 77).map(|i| (i % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        let mut read = vec![0; bytes.len() - 5];
        fill_at(&file, &mut read, 5).unwrap();
        assert!(read == bytes[5..]);
        let error = fill_at(&file, &mut read, 6).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
