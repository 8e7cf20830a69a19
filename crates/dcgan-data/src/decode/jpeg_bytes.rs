//! The bytes of a JPEG as its decoder reads them: four at a time, thousands of times a picture.
//!
//! `zune_core::bytestream::ZCursor` copies those four with a call of `memcpy`, and builds an error that is
//! dropped at once. Reading with a single load makes decoding 6 % faster.

use zune_core::bytestream::{ZByteIoError, ZByteReaderTrait, ZSeekFrom};

/// Bytes in memory, and a position that may lie behind their end.
pub(super) struct JpegBytes<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> JpegBytes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }
}

impl ZByteReaderTrait for JpegBytes<'_> {
    #[inline(always)]
    fn read_byte_no_error(&mut self) -> u8 {
        let Some(&byte) = self.bytes.get(self.position) else {
            return 0;
        };
        self.position += 1;
        byte
    }

    #[inline(always)]
    fn read_exact_bytes(&mut self, target: &mut [u8]) -> Result<(), ZByteIoError> {
        let end = self.position.saturating_add(target.len());
        // of a known length once this is inlined
        let Some(bytes) = self.bytes.get(self.position..end) else {
            if target.is_empty() {
                return Ok(()); // behind the end, too
            }
            let left = self.rest().len();
            return Err(ZByteIoError::NotEnoughBytes(left, target.len()));
        };
        target.copy_from_slice(bytes);
        self.position = end;
        Ok(())
    }

    fn read_bytes(&mut self, target: &mut [u8]) -> Result<usize, ZByteIoError> {
        let count = self.peek_bytes(target)?;
        self.position += count;
        Ok(count)
    }

    fn peek_bytes(&mut self, target: &mut [u8]) -> Result<usize, ZByteIoError> {
        let rest = self.rest();
        let count = rest.len().min(target.len());
        target[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn peek_exact_bytes(&mut self, target: &mut [u8]) -> Result<(), ZByteIoError> {
        let position = self.position;
        let read = self.read_exact_bytes(target);
        self.position = position;
        read
    }

    #[inline(always)]
    fn z_seek(&mut self, to: ZSeekFrom) -> Result<u64, ZByteIoError> {
        let target = match to {
            ZSeekFrom::Start(position) => usize::try_from(position).ok(),
            ZSeekFrom::End(offset) => moved(self.bytes.len(), offset),
            ZSeekFrom::Current(offset) => moved(self.position, offset),
        };
        self.position = target.ok_or(ZByteIoError::SeekError("before the beginning"))?;
        Ok(self.position as u64)
    }

    #[inline(always)]
    fn is_eof(&mut self) -> Result<bool, ZByteIoError> {
        Ok(self.position >= self.bytes.len())
    }

    #[inline(always)]
    fn z_position(&mut self) -> Result<u64, ZByteIoError> {
        Ok(self.position as u64)
    }

    fn read_remaining(&mut self, target: &mut Vec<u8>) -> Result<usize, ZByteIoError> {
        let rest = self.rest();
        target.extend_from_slice(rest);
        self.position += rest.len();
        Ok(rest.len())
    }
}

#[inline(always)]
fn moved(from: usize, offset: i64) -> Option<usize> {
    from.checked_add_signed(isize::try_from(offset).ok()?)
}

#[cfg(test)]
mod tests {
    use zune_core::bytestream::ZCursor;

    use super::*;

    /// What a sequence of calls returns, which may end behind the bytes and go back. What a failed call leaves in its
    /// buffer does not count.
    fn calls(reader: &mut impl ZByteReaderTrait) -> Vec<String> {
        let mut said = Vec::new();
        for step in 0..60_i64 {
            let mut buffer = vec![0; (step % 5) as usize];
            let done = match step * 7 % 6 {
                0 => reader.read_exact_bytes(&mut buffer).ok().map(|()| 0),
                1 => reader.read_bytes(&mut buffer).ok(),
                2 => reader.peek_bytes(&mut buffer).ok(),
                3 => reader.peek_exact_bytes(&mut buffer).ok().map(|()| 0),
                4 => Some(reader.read_byte_no_error().into()),
                _ => {
                    let places = [
                        ZSeekFrom::Current(-3),
                        ZSeekFrom::End(2),
                        ZSeekFrom::Start(1),
                        ZSeekFrom::Current(-40),
                    ];
                    let to = reader.z_seek(places[step as usize / 6 % 4]);
                    to.ok().map(|to| to as usize)
                }
            };
            let answer = done.map(|done| (done, buffer));
            let at = (reader.z_position().ok(), reader.is_eof().ok());
            said.push(format!("{step}: {answer:?}, {at:?}"));
        }
        said
    }

    #[test]
    fn every_call_does_what_the_usual_cursor_does() {
        for length in [0, 1, 3, 4, 9, 40] {
            let bytes: Vec<u8> = (1..=length).collect();
            let expected = calls(&mut ZCursor::new(&bytes));
            assert_eq!(calls(&mut JpegBytes::new(&bytes)), expected, "{length}");
        }
    }
}
