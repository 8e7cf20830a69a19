//! Tar archives: plain ones are read at any place, compressed ones from their
//! beginning to their end. Nothing is unpacked to disk.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use tar::{Archive, Entry, EntryType};

use super::listing::{Listing, is_ignored};
use super::reader::{Content, Item, Reader, Span, Stream, Take, open_file, unreadable};
use super::recognise::check;
use super::{DataError, Opened};
use crate::decode::MAX_FILE_BYTES;

/// The longest name of an entry.
const MAX_NAME_BYTES: u64 = 1 << 16;

/// A compressed archive may unpack to so many times its size, or to
/// [`MIN_UNPACKED`]: what expands further was made to fill memories.
const MAX_EXPANSION: u64 = 1000;
const MIN_UNPACKED: u64 = 1 << 30;

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstandard,
}

impl Compression {
    /// By the first bytes of a file.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstandard,
            _ => Self::None,
        }
    }

    /// The archive's name in messages.
    pub fn archive(self) -> &'static str {
        match self {
            Self::None => "tar archive",
            Self::Gzip => "tar.gz archive",
            Self::Zstandard => "tar.zst archive",
        }
    }
}

/// Whether a block of 512 bytes is the header of an entry: its checksum says so.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<512>() else {
        return false;
    };
    let field = block[148..156]
        .iter()
        .filter(|byte| (b'0'..=b'7').contains(byte));
    let stated = field.fold(0_u32, |sum, digit| {
        sum * 8 % (1 << 24) + u32::from(digit - b'0')
    });
    let blank = block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]);
    block[0] != 0 && blank.map(|&byte| u32::from(byte)).sum::<u32>() == stated
}

/// The first bytes of a file, unpacked.
pub(super) fn unpacked_head(path: &Path, compression: Compression) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(reader) = open(path, compression) {
        // What cannot be unpacked has no head, and is recognised as nothing.
        let _ = reader.take(512).read_to_end(&mut head);
    }
    head
}

/// Opens an archive of pictures.
///
/// # Errors
///
/// [`DataError::Damaged`] where it ends too soon or makes no sense.
pub(super) fn open_archive(path: &Path, compression: Compression) -> Result<Opened, DataError> {
    match compression {
        Compression::None => open_plain(path),
        Compression::Gzip | Compression::Zstandard => open_compressed(path, compression),
    }
}

fn open_plain(path: &Path) -> Result<Opened, DataError> {
    let file = open_file(path)?;
    let (mut listing, mut spans) = (Listing::new(), Vec::new());
    let mut archive = Archive::new(file.clone());
    let entries = archive
        .entries_with_seek()
        .map_err(|error| TarError::from(error).of(path, Compression::None))?;
    for_each_file(entries.raw(true), |name, entry| {
        listing.add(name, spans.len())?;
        spans.push(Span {
            file: 0,
            offset: entry.raw_file_position(),
            length: entry.size(),
        });
        Ok(true)
    })
    .map_err(|error| error.of(path, Compression::None))?;
    check_end(path, &spans, file.len())?;
    listing.sort();
    let listing = check(path, listing)?;
    Ok(Opened::of_files(listing, |places| Reader::Spans {
        files: vec![file],
        spans: places.into_iter().map(|place| spans[place]).collect(),
        content: Content::Encoded,
    }))
}

fn open_compressed(path: &Path, compression: Compression) -> Result<Opened, DataError> {
    let (mut listing, mut count) = (Listing::new(), 0);
    let mut archive = Archive::new(open(path, compression)?);
    let entries = archive
        .entries()
        .map_err(|error| TarError::from(error).of(path, compression))?;
    for_each_file(entries.raw(true), |name, _| {
        listing.add(name, count)?;
        count += 1;
        Ok(true)
    })
    .map_err(|error| error.of(path, compression))?;
    listing.sort();
    let listing = check(path, listing)?;
    Ok(Opened::of_files(listing, |places| {
        let mut numbers = vec![None; count];
        for (number, place) in places.into_iter().enumerate() {
            numbers[place] = Some(number);
        }
        Reader::Stream(Stream::Tar(TarStream {
            path: path.to_owned(),
            compression,
            numbers,
        }))
    }))
}

/// A file that ends within an entry has no next header to miss.
fn check_end(path: &Path, spans: &[Span], length: u64) -> Result<(), DataError> {
    let cut = |span: &&Span| span.offset.saturating_add(span.length) > length;
    match spans.iter().find(cut) {
        None => Ok(()),
        Some(_) => Err(DataError::damaged(
            path,
            "tar archive",
            &"it ends within a file",
        )),
    }
}

/// A compressed archive, whose files come in the order that it has them.
#[derive(Debug)]
pub(crate) struct TarStream {
    path: PathBuf,
    compression: Compression,
    /// For each file of the archive its number among the pictures, if it is one.
    numbers: Vec<Option<usize>>,
}

impl TarStream {
    pub fn read(&self, take: &mut Take<'_>) -> Result<(), DataError> {
        let mut archive = Archive::new(open(&self.path, self.compression)?);
        let damaged = |error| DataError::damaged(&self.path, self.compression.archive(), &error);
        let mut file = 0;
        let entries = archive.entries().map_err(damaged)?.raw(true);
        for_each_file(entries, |_, entry| {
            let number = self.numbers.get(file).copied().flatten();
            file += 1;
            let Some(number) = number else {
                return Ok(true);
            };
            if entry.size() > MAX_FILE_BYTES {
                let reason = format!("is larger than {} MiB", MAX_FILE_BYTES >> 20);
                return Ok(take(number, Err(reason)));
            }
            let mut bytes = Vec::with_capacity(entry.size().min(1 << 20) as usize);
            entry.read_to_end(&mut bytes)?;
            Ok(take(number, Ok(Item::encoded(bytes))))
        })
        .map_err(|error| error.of(&self.path, self.compression))
    }
}

/// Gives every file with its name to `visit`, until that answers false.
///
/// Long names are put together here: within the `tar` crate nothing limits them.
pub(super) fn for_each_file<'a, R: Read + 'a>(
    entries: tar::Entries<'a, R>,
    mut visit: impl FnMut(String, &mut Entry<'a, R>) -> Result<bool, TarError>,
) -> Result<(), TarError> {
    let mut long_name = None;
    for entry in entries {
        let mut entry = entry?;
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let name = read_name(&mut entry)?;
                let end = name.iter().position(|&byte| byte == 0);
                long_name = Some(name[..end.unwrap_or(name.len())].to_vec());
            }
            EntryType::XHeader => {
                long_name = extended_path(&read_name(&mut entry)?).or(long_name);
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            EntryType::Regular | EntryType::Continuous => {
                let name = long_name
                    .take()
                    .unwrap_or_else(|| entry.path_bytes().into_owned());
                let name = String::from_utf8_lossy(&name).into_owned();
                if !is_ignored(&name) && !visit(name, &mut entry)? {
                    return Ok(());
                }
            }
            _ => long_name = None,
        }
    }
    Ok(())
}

fn read_name(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut name = Vec::new();
    entry.take(MAX_NAME_BYTES).read_to_end(&mut name)?;
    Ok(name)
}

/// The path in a pax header: lines of `length key=value`.
fn extended_path(mut header: &[u8]) -> Option<Vec<u8>> {
    let mut path = None;
    while let Some(space) = header.iter().position(|&byte| byte == b' ') {
        let length: usize = std::str::from_utf8(&header[..space]).ok()?.parse().ok()?;
        let line = header.get(space + 1..length)?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if let Some(value) = line.strip_prefix(b"path=") {
            path = Some(value.to_vec());
        }
        header = &header[length..];
    }
    path
}

/// What ends the walk through an archive.
pub(super) enum TarError {
    Damaged(io::Error),
    Data(DataError),
}

impl TarError {
    pub fn of(self, path: &Path, compression: Compression) -> DataError {
        match self {
            Self::Damaged(error) => DataError::damaged(path, compression.archive(), &error),
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

/// Opens a file and unpacks it as it is read.
pub(super) fn open(path: &Path, compression: Compression) -> Result<Box<dyn Read>, DataError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let file = BufReader::with_capacity(1 << 18, file);
    let reader: Box<dyn Read> = match compression {
        Compression::None => return Ok(Box::new(file)),
        Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
        Compression::Zstandard => Box::new(Frames {
            next: Some(file),
            frame: None,
        }),
    };
    Ok(Box::new(Bounded {
        reader,
        left: length.saturating_mul(MAX_EXPANSION).max(MIN_UNPACKED),
    }))
}

/// Zstandard frames one after the other, as parallel compressors write them.
struct Frames {
    next: Option<BufReader<File>>,
    frame: Option<StreamingDecoder<BufReader<File>, ruzstd::decoding::FrameDecoder>>,
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::io::BufRead;
        loop {
            if let Some(frame) = &mut self.frame {
                match frame.read(buffer)? {
                    0 => self.next = self.frame.take().map(StreamingDecoder::into_inner),
                    count => return Ok(count),
                }
            }
            let Some(mut file) = self.next.take() else {
                return Ok(0);
            };
            if file.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(file).map_err(io::Error::other)?);
        }
    }
}

/// A reader that gives no more than it should.
struct Bounded {
    reader: Box<dyn Read>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than {MAX_EXPANSION} times its size"
            ))
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_pax_header_is_found_among_other_keys() {
        assert_eq!(
            extended_path(b"11 mtime=1\n12 path=a/b\n"),
            Some(b"a/b".to_vec())
        );
        assert_eq!(extended_path(b"11 mtime=1\n"), None);
        for broken in [&b"99 path=a\n"[..], b"0 path=a", b" ", b"x path=a\n", b"2 "] {
            assert_eq!(extended_path(broken), None);
        }
    }

    #[test]
    fn a_header_is_known_by_its_checksum() {
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
