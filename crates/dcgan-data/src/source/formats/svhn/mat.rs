//! MATLAB files of version 5: arrays one after the other, each compressed on its own or not (The
//! MathWorks, "MAT-File Format", chapter 1).
//!
//! Of each array only the header is read: its name, its shape and the type of its numbers. The
//! crates for this format unpack everything a file holds into memory first.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use dcgan_support::regular_file;
use flate2::read::ZlibDecoder;

use crate::error::DataError;
use crate::io_reason::{Reason, io_reason};
use crate::source::compression::MAX_DEFLATE_RATIO;
use crate::source::files::{file_size, unreadable};

/// The first bytes of a file of version 5, and of version 7.3, which is HDF5.
pub(super) const MAGIC: &[u8] = b"MATLAB 5.0 MAT-file";
pub(super) const HDF5_MAGIC: &[u8] = b"MATLAB 7.3 MAT-file";

/// The bytes of the file's header, of which the last two give the byte order.
const HEADER: usize = 128;

/// The bytes of a tag: the type and the length of what follows.
const TAG: u64 = 8;

/// Types of elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// The most elements in a file, and the most bytes in a name or a shape.
const MAX_ELEMENTS: usize = 1000;
const MAX_HEADER_PART: u64 = 4096;

/// An array of real numbers in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Array {
    pub name: String,
    /// The lengths of its axes, the fastest first.
    pub shape: Vec<u64>,
    pub number: Number,
    element: Element,
    /// Bytes of the unpacked element before its values.
    values_at: u64,
}

/// Where an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element {
    offset: u64,
    length: u64,
    compressed: bool,
}

/// How numbers are stored. MATLAB picks the smallest type that fits a whole array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Number {
    fn from_type(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            _ => return None,
        })
    }

    fn bytes(self) -> u64 {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn value(self, bytes: &[u8]) -> f64 {
        let low: [u8; 8] = std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0));
        let [a, b, c, d, ..] = low;
        match self {
            Self::I8 => f64::from(a as i8),
            Self::U8 => f64::from(a),
            Self::I16 => f64::from(i16::from_le_bytes([a, b])),
            Self::U16 => f64::from(u16::from_le_bytes([a, b])),
            Self::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::F64 => f64::from_le_bytes(low),
        }
    }
}

impl Array {
    /// The number of its values.
    pub fn len(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Opens the bytes of its values, unpacked.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or ends before them.
    pub fn open(&self, path: &Path) -> Result<Box<dyn Read>, DataError> {
        let file = regular_file::open(path).map_err(|source| unreadable(path, source))?;
        let mut reader = self
            .element
            .open(file)
            .map_err(|error| damaged(path, &io_reason(&error)))?;
        io::copy(&mut (&mut reader).take(self.values_at), &mut io::sink())
            .map_err(|error| damaged(path, &io_reason(&error)))?;
        Ok(Box::new(reader.take(self.len() * self.number.bytes())))
    }

    /// Reads its values.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn values(&self, path: &Path) -> Result<Vec<f64>, DataError> {
        let mut bytes = Vec::new();
        self.open(path)?
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(path, &io_reason(&error)))?;
        let width = self.number.bytes() as usize;
        let values: Vec<f64> = bytes
            .chunks_exact(width)
            .map(|bytes| self.number.value(bytes))
            .collect();
        if values.len() as u64 != self.len() {
            let reason = format!("its array {} is truncated", self.name);
            return Err(damaged(path, &reason));
        }
        Ok(values)
    }
}

impl Element {
    /// Opens its contents, unpacked, beginning with the tag of its array.
    fn open(self, mut file: impl Read + Seek + 'static) -> io::Result<Box<dyn Read>> {
        file.seek(SeekFrom::Start(self.offset))?;
        let packed = BufReader::new(file.take(self.length));
        if self.compressed {
            Ok(Box::new(ZlibDecoder::new(packed)))
        } else {
            Ok(Box::new(packed))
        }
    }
}

/// The arrays of real numbers in a file; everything else is ignored.
///
/// # Errors
///
/// If the file is truncated, corrupt or of another version.
pub(super) fn arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let open = || regular_file::open(path).map_err(|source| unreadable(path, source));
    let (mut file, size) = (open()?, file_size(path)?);
    let mut header = [0; HEADER];
    file.read_exact(&mut header)
        .map_err(|error| damaged(path, &io_reason(&error)))?;
    if !header.starts_with(MAGIC) {
        let reason = "it does not begin as a file of version 5 does";
        return Err(damaged(path, &reason));
    }
    if !header.ends_with(b"IM") {
        let reason = "it is big-endian";
        return Err(damaged(path, &reason));
    }
    let (mut arrays, mut offset) = (Vec::new(), HEADER as u64);
    for _ in 0..MAX_ELEMENTS {
        if offset == size {
            return Ok(arrays);
        }
        let (tag, element) = next_element(&mut file, offset, size)
            .map_err(|error| damaged(path, &io_reason(&error)))?;
        offset = element.offset + element.length;
        if matches!(tag.kind, MATRIX | COMPRESSED) {
            let array =
                read_header(element, open()?).map_err(|error| damaged(path, &io_reason(&error)))?;
            arrays.extend(array);
        }
    }
    Err(damaged(path, &"it has too many arrays"))
}

/// The error of a file that is truncated or corrupt.
pub(super) fn damaged(path: &Path, reason: &dyn fmt::Display) -> DataError {
    DataError::damaged(path, "MATLAB file", reason)
}

/// The tag of the element at an offset, and where its contents are.
fn next_element(file: &mut File, offset: u64, size: u64) -> io::Result<(Tag, Element)> {
    file.seek(SeekFrom::Start(offset))?;
    let tag = Tag::read(file)?;
    let start = offset + TAG;
    let end = start + u64::from(tag.length);
    if end > size {
        return Err(Reason("it ends within an array".to_owned()).into_io());
    }
    // The tag of an array is part of the compressed bytes; without compression there is no other.
    let compressed = tag.kind == COMPRESSED;
    let first = if compressed { start } else { offset };
    let element = Element {
        offset: first,
        length: end - first,
        compressed,
    };
    Ok((tag, element))
}

/// The first 8 bytes of an element.
#[derive(Clone, Copy)]
struct Tag {
    /// The type; if its upper half is set, that is a length and the contents lie in `length`.
    kind: u32,
    length: u32,
}

impl Tag {
    fn read(reader: &mut dyn Read) -> io::Result<Self> {
        let mut tag = [0; TAG as usize];
        reader.read_exact(&mut tag)?;
        let [a, b, c, d, length @ ..] = tag;
        Ok(Self {
            kind: u32::from_le_bytes([a, b, c, d]),
            length: u32::from_le_bytes(length),
        })
    }

    /// The type and the length of contents that lie within the tag.
    fn small(self) -> Option<(u32, u32)> {
        (self.kind >> 16 != 0).then_some((self.kind & 0xffff, self.kind >> 16))
    }
}

/// Reads the header of an array; `None` if its values are not real numbers.
fn read_header(element: Element, file: File) -> io::Result<Option<Array>> {
    let mut header = HeaderReader {
        reader: element.open(file)?,
        position: 0,
    };
    let kind = header.tag()?.kind;
    let flags = header.part()?;
    let shape = header.part()?;
    let name = header.part()?;
    // Classes 6 to 13 are doubles to 32-bit integers; bit 3 of the second byte: complex numbers.
    let real = matches!(flags[..], [6..=13, more, ..] if more & 8 == 0);
    if kind != MATRIX || !real {
        return Ok(None);
    }
    let sides = shape.as_chunks::<4>().0.iter();
    let shape: Option<Vec<u64>> = sides
        .map(|&side| u64::try_from(i32::from_le_bytes(side)).ok())
        .collect();
    let name = String::from_utf8_lossy(&name).into_owned();
    let wrong = |what: &str| Reason(format!("its array {name} {what}")).into_io();
    let tag = header.tag()?;
    let (kind, length) = match tag.small() {
        Some(small) => {
            // The values lie in the second half of the tag.
            header.position -= TAG / 2;
            small
        }
        None => (tag.kind, tag.length),
    };
    let length = u64::from(length);
    let number = Number::from_type(kind).ok_or_else(|| wrong("has numbers of an unknown type"))?;
    let count = shape.as_ref().and_then(|shape| {
        let product = |count: u64, &side: &u64| count.checked_mul(side);
        shape.iter().try_fold(1, product)
    });
    if count.and_then(|count| count.checked_mul(number.bytes())) != Some(length) {
        return Err(wrong("does not have as many values as its shape says"));
    }
    let most = if element.compressed {
        element.length.saturating_mul(MAX_DEFLATE_RATIO)
    } else {
        element.length
    };
    if length > most {
        return Err(wrong("has more values than its bytes can hold"));
    }
    Ok(Some(Array {
        shape: shape.unwrap_or_default(),
        name,
        number,
        element,
        values_at: header.position,
    }))
}

/// Reads the header of an array.
struct HeaderReader {
    reader: Box<dyn Read>,
    /// The number of bytes read.
    position: u64,
}

impl HeaderReader {
    fn tag(&mut self) -> io::Result<Tag> {
        self.position += TAG;
        Tag::read(&mut self.reader)
    }

    /// The contents of an element, which are padded to a multiple of 8 bytes.
    fn part(&mut self) -> io::Result<Vec<u8>> {
        let tag = self.tag()?;
        if let Some((_, length)) = tag.small() {
            let mut bytes = tag.length.to_le_bytes().to_vec();
            bytes.truncate(length as usize);
            return Ok(bytes);
        }
        let length = u64::from(tag.length);
        if length > MAX_HEADER_PART {
            return Err(Reason("the header of an array is too long".to_owned()).into_io());
        }
        let mut bytes = vec![0; length.next_multiple_of(8) as usize];
        self.reader.read_exact(&mut bytes)?;
        self.position += bytes.len() as u64;
        bytes.truncate(length as usize);
        Ok(bytes)
    }
}
