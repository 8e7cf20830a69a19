//! NumPy array files of integers.

use std::io;
use std::path::Path;

use dcgan_support::atomic_file;
use dcgan_support::npy::header;

/// Writes a one-dimensional array of integers atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn write_integers(path: &Path, values: &[i64]) -> io::Result<()> {
    atomic_file::write(path, |writer| {
        writer.write_all(&header("<i8", &[values.len() as u64]))?;
        for value in values {
            writer.write_all(&value.to_le_bytes())?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_dimensional_shape_is_written_as_a_tuple() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        write_integers(&path, &[3, -1]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes[10..128]);
        assert!(text.starts_with("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }"));
        assert!(text.trim_end_matches(' ').ends_with('\n'));
        assert_eq!(bytes[128..], [[3, 0, 0, 0, 0, 0, 0, 0], [255; 8]].concat());
    }
}
