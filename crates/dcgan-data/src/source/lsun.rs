//! LSUN (Yu and others 2015): an LMDB directory whose values are pictures.

use std::path::Path;

use super::listing::{MAX_ENTRIES, too_many};
use super::lmdb::{self, NotLmdb};
use super::reader::{Content, Reader, Span, open_file};
use super::{DataError, Entries, Opened};

/// The file within the directory.
pub(super) const FILE: &str = "data.mdb";

/// Lists the pictures of an LMDB file.
///
/// # Errors
///
/// [`DataError::Damaged`] if the file is none or is cut off.
pub(super) fn open(path: &Path) -> Result<Opened, DataError> {
    let file = open_file(path)?;
    let mut entries = Entries::default();
    let mut spans = Vec::new();
    let walked = lmdb::for_each(file.clone(), &mut |key, offset, length| {
        if spans.len() >= MAX_ENTRIES {
            return Err(NotLmdb(too_many().to_string()));
        }
        entries.names.push(&name(key));
        spans.push(Span {
            file: 0,
            offset,
            length,
        });
        Ok(())
    });
    walked.map_err(|NotLmdb(reason)| DataError::damaged(path, "LMDB", &reason))?;
    if spans.is_empty() {
        return Err(DataError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(Opened {
        entries,
        reader: Reader::Spans {
            files: vec![file],
            spans,
            content: Content::Encoded,
        },
        skipped: Vec::new(),
        remarks: Vec::new(),
    })
}

/// A key as a name: LSUN's are hexadecimal digits; any others become such.
fn name(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => key.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
