//! Names that several entries of a zip archive have.
//!
//! The `zip` crate keeps the last entry of each name. The others are only in the table of contents
//! itself.

use std::collections::HashSet;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::source::files::open_file;

/// The first bytes of a row of the table of contents, and the bytes of its fixed part.
const SIGNATURE: &[u8; 4] = b"PK\x01\x02";
const ROW: usize = 46;

/// A remark on names that occur more than once in the table of contents, which begins at `start`
/// and has `different` names.
pub(super) fn remark(path: &Path, start: u64, different: usize) -> Option<String> {
    let mut rows = Rows::open(path, start).ok()?;
    let (mut seen, mut first, mut count) = (HashSet::with_capacity(different), None, 0_u64);
    while let Ok(Some(name)) = rows.next_name() {
        if name.ends_with(b"/") {
            continue; // a folder
        }
        if let Some(name) = seen.replace(name) {
            count += 1;
            first.get_or_insert(name);
        }
    }
    let first = String::from_utf8_lossy(&first?).into_owned();
    let entries = if count == 1 {
        "entry is"
    } else {
        "entries are"
    };
    Some(format!(
        "{count} {entries} left out: the archive has another of the same name later, the first one \
         {first}"
    ))
}

/// Reads the table of contents row by row.
struct Rows(Box<dyn Read>);

impl Rows {
    fn open(path: &Path, start: u64) -> io::Result<Self> {
        let mut file = open_file(path).map_err(io::Error::other)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self(Box::new(BufReader::new(file))))
    }

    /// The name in the next row; `None` after the last.
    fn next_name(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut row = [0; ROW];
        self.0.read_exact(&mut row)?;
        if !row.starts_with(SIGNATURE) {
            return Ok(None);
        }
        let length = |at: usize| u16::from_le_bytes([row[at], row[at + 1]]);
        let mut name = vec![0; length(28).into()];
        self.0.read_exact(&mut name)?;
        let rest = u64::from(length(30)) + u64::from(length(32));
        io::copy(&mut (&mut self.0).take(rest), &mut io::sink())?;
        Ok(Some(name))
    }
}
