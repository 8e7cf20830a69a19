//! NumPy array files (NEP 1, format 1.0).

use std::io;
use std::path::Path;

use dcgan_support::atomic_file;

/// The header of an array file: a Python dictionary, padded so that the values start at a multiple
/// of 64 bytes. `dtype` is NumPy's name of their type, such as `<f4`.
pub fn header(dtype: &str, shape: &[u64]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(u64::to_string).collect();
    // a tuple of one needs its comma
    let comma = if shape.len() == 1 { "," } else { "" };
    let text = format!(
        "{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({}{comma}), }}",
        sides.join(", ")
    );
    let magic = b"\x93NUMPY\x01\x00";
    let unpadded = magic.len() + 2 + text.len() + 1;
    let padding = unpadded.next_multiple_of(64) - unpadded;
    let length = (text.len() + padding + 1) as u16;
    let mut header = magic.to_vec();
    header.extend(length.to_le_bytes());
    header.extend(text.bytes());
    header.extend(std::iter::repeat_n(b' ', padding));
    header.push(b'\n');
    header
}

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
