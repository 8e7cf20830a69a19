//! Reading a file at a position, from any number of threads.

use std::fs::File;
use std::io;

use rayon::prelude::*;

/// The bytes that a thread reads at a time.
const CHUNK_BYTES: usize = 1 << 21;

/// Reads at `offset`, up to the length of `buffer`. Returns the number of bytes read.
#[cfg(unix)]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Reads at `offset`, up to the length of `buffer`. Returns the number of bytes read.
#[cfg(windows)]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Fills `buffer` beginning at `offset`, on all threads: a cached file is copied as fast as memory
/// allows.
///
/// # Errors
/// If the file cannot be read or ends too early.
pub fn fill_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let chunks = buffer.par_chunks_mut(CHUNK_BYTES).enumerate();
    chunks.try_for_each(|(index, chunk)| {
        read_exact_at(file, chunk, offset + (index * CHUNK_BYTES) as u64)
    })
}

/// Fills `buffer` beginning at `offset`, on this thread.
///
/// # Errors
/// If the file cannot be read or ends too early.
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                offset += count as u64;
                buffer = &mut buffer[count..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_long_file_is_read_from_any_position_and_a_short_one_is_an_error() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..2 * CHUNK_BYTES + 77).map(|i| (i % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        let mut read = vec![0; bytes.len() - 5];
        fill_at(&file, &mut read, 5).unwrap();
        assert!(read == bytes[5..]);
        let error = fill_at(&file, &mut read, 6).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
