//! The entries of a tar archive: their names, what they are, and why they cannot be read.

use std::io::{self, Read};
use std::path::Path;

use tar::{Archive, Entry, EntryType};

use crate::error::DataError;
use crate::io_reason::io_reason;
use crate::source::compression::{self, Compression};

/// The longest name of an entry.
const MAX_NAME_BYTES: u64 = 1 << 16;

/// Whether a block of 512 bytes is an entry's header with a correct checksum.
pub(in super::super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<512>() else {
        return false;
    };
    let is_octal_digit = |byte: &&u8| (b'0'..=b'7').contains(byte);
    let stated = block[148..156]
        .iter()
        .filter(is_octal_digit)
        .fold(0_u32, |sum, digit| {
            sum * 8 % (1 << 24) + u32::from(digit - b'0')
        });
    // The checksum is computed with blanks in its own place.
    let blanked = block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]);
    block[0] != 0 && blanked.map(|&byte| u32::from(byte)).sum::<u32>() == stated
}

/// A file of an archive that is read from its beginning to its end.
pub(in super::super) type StreamedEntry<'a> = Entry<'a, Box<dyn Read>>;

/// Opens an archive and passes each of its files, with its name, to `visit`, until that returns
/// `false`.
///
/// # Errors
///
/// If the archive is truncated or corrupt, and the errors of `visit`.
pub(in super::super) fn for_each_file_in(
    path: &Path,
    compression: Compression,
    mut visit: impl FnMut(String, &mut StreamedEntry<'_>) -> Result<bool, TarError>,
) -> Result<(), DataError> {
    for_each_entry_in(path, compression, |name, entry, kind| match kind {
        Kind::File => visit(name, entry),
        Kind::Special => Ok(true),
    })
}

/// As [`for_each_file_in`], also for what is no file.
pub(super) fn for_each_entry_in(
    path: &Path,
    compression: Compression,
    visit: impl FnMut(String, &mut StreamedEntry<'_>, Kind) -> Result<bool, TarError>,
) -> Result<(), DataError> {
    let mut archive = Archive::new(compression::open(path, compression)?);
    archive
        .entries()
        .map_err(TarError::from)
        .and_then(|entries| for_each_entry(entries.raw(true), visit))
        .map_err(|error| error.into_data_error(path, compression))
}

/// What an entry is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    File,
    /// A link, a device, a pipe or a file with holes: nothing that is read.
    Special,
}

/// Passes each file and each special entry to `visit` until that returns `false`.
///
/// Long names are put together here: the `tar` crate does not limit their length.
pub(super) fn for_each_entry<'a, R: Read + 'a>(
    entries: tar::Entries<'a, R>,
    mut visit: impl FnMut(String, &mut Entry<'_, R>, Kind) -> Result<bool, TarError>,
) -> Result<(), TarError> {
    let (mut long_name, mut is_sparse) = (None, false);
    for entry in entries {
        let mut entry = entry?;
        if has_more_holes(entry.header()) {
            return Err(TarError::MoreHoles);
        }
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let name = read_name(&mut entry)?;
                let end = name.iter().position(|&byte| byte == 0);
                long_name = Some(name[..end.unwrap_or(name.len())].to_vec());
            }
            EntryType::XHeader => {
                let pax = Pax::from(&*read_name(&mut entry)?);
                is_sparse = pax.is_sparse;
                long_name = pax.path.or(long_name);
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            kind @ (EntryType::Regular
            | EntryType::Continuous
            | EntryType::Link
            | EntryType::Symlink
            | EntryType::Char
            | EntryType::Block
            | EntryType::Fifo
            | EntryType::GNUSparse) => {
                let is_file = matches!(kind, EntryType::Regular | EntryType::Continuous);
                let kind = if is_file && !is_sparse {
                    Kind::File
                } else {
                    Kind::Special
                };
                is_sparse = false;
                let name = long_name
                    .take()
                    .unwrap_or_else(|| entry.path_bytes().into_owned());
                let name = String::from_utf8_lossy(&name).into_owned();
                if !visit(name, &mut entry, kind)? {
                    return Ok(());
                }
            }
            _ => (long_name, is_sparse) = (None, false),
        }
    }
    Ok(())
}

fn read_name(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut name = Vec::new();
    entry.take(MAX_NAME_BYTES).read_to_end(&mut name)?;
    Ok(name)
}

/// Whether an entry's map of holes goes on behind its header, where the `tar` crate would take it
/// for the next entry.
fn has_more_holes(header: &tar::Header) -> bool {
    header.entry_type() == EntryType::GNUSparse
        && header.as_gnu().is_some_and(tar::GnuHeader::is_extended)
}

/// What a pax header says about the entry that follows.
#[derive(Debug, Default, PartialEq)]
struct Pax {
    path: Option<Vec<u8>>,
    /// Whether its content is not that of the file, but has a map of holes.
    is_sparse: bool,
}

impl From<&[u8]> for Pax {
    /// The lines of a header are `length key=value`. What follows a broken one is left out.
    fn from(mut header: &[u8]) -> Self {
        let mut pax = Self::default();
        while let Some((line, rest)) = split_pax(header) {
            if let Some(value) = line.strip_prefix(b"path=") {
                pax.path = Some(value.to_vec());
            }
            if line.starts_with(b"GNU.sparse.") {
                pax.is_sparse = true;
            }
            if let Some(value) = line.strip_prefix(b"GNU.sparse.name=") {
                pax.path = Some(value.to_vec());
            }
            header = rest;
        }
        pax
    }
}

/// The first `key=value` of a pax header, and what follows it.
fn split_pax(header: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = header.iter().position(|&byte| byte == b' ')?;
    let length: usize = std::str::from_utf8(&header[..space]).ok()?.parse().ok()?;
    let line = header.get(space + 1..length)?;
    Some((line.strip_suffix(b"\n").unwrap_or(line), &header[length..]))
}

/// Why the walk through an archive ended early.
pub(in super::super) enum TarError {
    Damaged(io::Error),
    MoreHoles,
    Data(DataError),
}

impl TarError {
    pub fn into_data_error(self, path: &Path, compression: Compression) -> DataError {
        match self {
            Self::Damaged(error) => {
                DataError::damaged(path, compression.archive_name(), &io_reason(&error))
            }
            Self::MoreHoles => DataError::SparseTar {
                path: path.to_owned(),
            },
            Self::Data(error) => error,
        }
    }
}

impl From<io::Error> for TarError {
    fn from(error: io::Error) -> Self {
        Self::Damaged(error)
    }
}

impl From<DataError> for TarError {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_pax_header_is_found_among_other_keys() {
        let path = |header: &[u8]| Pax::from(header).path;
        let found = Some(b"a/b".to_vec());
        assert_eq!(path(b"11 mtime=1\n12 path=a/b\n"), found);
        assert_eq!(path(b"11 mtime=1\n"), None);
        let sparse = Pax::from(&b"22 GNU.sparse.major=1\n23 GNU.sparse.name=a/b\n"[..]);
        assert!(sparse.is_sparse && sparse.path == found);
        for broken in [&b"99 path=a\n"[..], b"0 path=a", b" ", b"x path=a\n", b"2 "] {
            assert_eq!(Pax::from(broken), Pax::default());
        }
    }

    #[test]
    fn a_header_is_recognised_by_its_checksum() {
        let mut header = tar::Header::new_ustar();
        header.set_path("a.png").unwrap();
        header.set_size(5);
        header.set_cksum();
        assert!(is_header(header.as_bytes()));
        let mut bytes = *header.as_bytes();
        bytes[0] ^= 1;
        assert!(!is_header(&bytes));
        assert!(!is_header(&[0; 512]));
        assert!(!is_header(b"short"));
    }
}
