//! The framing of event files, that of TFRecord: length, checksum of the length, bytes, checksum of the
//! bytes.

use std::fs::File;
use std::io::{self, Read, Write};

/// The bytes around a record's own.
const FRAME: u64 = 8 + 4 + 4;

/// Writes a record.
pub fn write(writer: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    writer.write_all(&length)?;
    writer.write_all(&masked_checksum(&length).to_le_bytes())?;
    writer.write_all(bytes)?;
    writer.write_all(&masked_checksum(bytes).to_le_bytes())
}

/// Reads the intact records at the start of a file: calls `each` with a record and the offset behind
/// it, until it returns false or a record is damaged or not complete.
pub fn read(file: &File, mut each: impl FnMut(&[u8], u64) -> bool) -> io::Result<()> {
    let size = file.metadata()?.len();
    let mut reader = io::BufReader::new(file);
    let mut end = 0_u64;
    let mut bytes = Vec::new();
    while size - end >= FRAME {
        let (mut length, mut checksum) = ([0; 8], [0; 4]);
        reader.read_exact(&mut length)?;
        reader.read_exact(&mut checksum)?;
        let bytes_left = size - end - FRAME;
        if checksum != masked_checksum(&length).to_le_bytes() {
            break;
        }
        let length = u64::from_le_bytes(length);
        if length > bytes_left {
            break;
        }
        bytes.clear();
        reader.by_ref().take(length).read_to_end(&mut bytes)?;
        reader.read_exact(&mut checksum)?;
        end += FRAME + length;
        if checksum != masked_checksum(&bytes).to_le_bytes() || !each(&bytes, end) {
            break;
        }
    }
    Ok(())
}

/// CRC-32C, masked as TFRecord does, so that a record can hold records.
fn masked_checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}
