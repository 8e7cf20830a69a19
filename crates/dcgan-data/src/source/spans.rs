//! Pictures that lie uncompressed within one file.

use std::io::{Read, Seek, SeekFrom};

use super::opened::{Item, RandomAccess};
use super::positioned_file::PositionedFile;
use crate::decode::MAX_FILE_BYTES;

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub offset: u64,
    pub length: u64,
}

/// Picture files within one file, each at its span.
#[derive(Debug)]
pub(super) struct PictureSpans {
    pub file: PositionedFile,
    pub spans: Vec<Span>,
}

impl RandomAccess for PictureSpans {
    fn read(&self, index: usize) -> Result<Item, String> {
        read_span(&self.file, self.spans[index]).map(Item::encoded)
    }
}

/// Reads the bytes of a span.
///
/// # Errors
///
/// The reason, in one line, if the span is too large for a picture or ends after the file.
pub(super) fn read_span(file: &PositionedFile, span: Span) -> Result<Vec<u8>, String> {
    if span.length > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
    }
    let mut file = file.clone();
    let mut bytes = Vec::with_capacity(span.length.min(1 << 20) as usize);
    let read = file
        .seek(SeekFrom::Start(span.offset))
        .and_then(|_| file.take(span.length).read_to_end(&mut bytes));
    match read {
        Ok(count) if count as u64 == span.length => Ok(bytes),
        Ok(count) => Err(format!(
            "is truncated: {count} of its {} bytes are present",
            span.length
        )),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}
