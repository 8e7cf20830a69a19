//! MATLAB's files of version 5: arrays one after the other, each compressed on its own or not
//! (The MathWorks, "MAT-File Format", chapter 1).
//!
//! Of each array only the head is read: its name, its shape and the type of its numbers. The
//! crates for this format unpack whatever a file holds into memory before they look at it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::ZlibDecoder;

use super::DataError;
use super::reader::{file_size, unreadable};
use super::records::MOST_DEFLATED;

/// How a file of version 5 begins, and one of version 7.3, which is HDF5.
pub(super) const MAGIC: &[u8] = b"MATLAB 5.0 MAT-file";
pub(super) const HDF5_MAGIC: &[u8] = b"MATLAB 7.3 MAT-file";

/// The file's header; its last two bytes tell the order of bytes.
const HEADER: usize = 128;

/// A tag: what follows, and how many bytes it has.
const TAG: u64 = 8;

/// Types of elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Elements that a file may have, and bytes that a name or a shape may take.
const MAX_ELEMENTS: usize = 1000;
const MAX_HEAD_PART: u64 = 4096;

/// An array of real numbers in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Array {
    pub name: String,
    /// The side along which neighbours in memory lie comes first.
    pub shape: Vec<u64>,
    pub number: Number,
    element: Element,
    /// Bytes of the unpacked element before its values.
    skip: u64,
}

/// Where an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element {
    offset: u64,
    length: u64,
    compressed: bool,
}

/// How numbers are stored; MATLAB takes the smallest type that holds all of an array.
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
    fn of_type(number: u32) -> Option<Self> {
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
    /// How many numbers it has.
    pub fn len(&self) -> u64 {
        self.shape.iter().product()
    }

    /// The bytes of its values, unpacked.
    ///
    /// # Errors
    ///
    /// A file that cannot be read any more, or ends before them.
    pub fn open(&self, path: &Path) -> Result<Box<dyn Read>, DataError> {
        let file = File::open(path).map_err(|source| unreadable(path, source))?;
        let mut reader = self
            .element
            .open(file)
            .map_err(|error| damaged(path, &error))?;
        io::copy(&mut (&mut reader).take(self.skip), &mut io::sink())
            .map_err(|error| damaged(path, &error))?;
        Ok(Box::new(reader.take(self.len() * self.number.bytes())))
    }

    /// Its values.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn values(&self, path: &Path) -> Result<Vec<f64>, DataError> {
        let mut bytes = Vec::new();
        self.open(path)?
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(path, &error))?;
        let width = self.number.bytes() as usize;
        let values: Vec<f64> = bytes
            .chunks_exact(width)
            .map(|bytes| self.number.value(bytes))
            .collect();
        match values.len() as u64 == self.len() {
            true => Ok(values),
            false => Err(damaged(
                path,
                &format!("its array {} is cut off", self.name),
            )),
        }
    }
}

impl Element {
    /// What it holds, unpacked, from the tag of its array on.
    fn open(self, mut file: impl Read + Seek + 'static) -> io::Result<Box<dyn Read>> {
        file.seek(SeekFrom::Start(self.offset))?;
        let packed = BufReader::new(file.take(self.length));
        Ok(match self.compressed {
            true => Box::new(ZlibDecoder::new(packed)),
            false => Box::new(packed),
        })
    }
}

/// The arrays of real numbers in a file; what else is in it is left out.
///
/// # Errors
///
/// A file that is cut off, or whose numbers do not fit each other.
pub(super) fn arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let open = || File::open(path).map_err(|source| unreadable(path, source));
    let (mut file, size) = (open()?, file_size(path)?);
    let mut header = [0; HEADER];
    file.read_exact(&mut header)
        .map_err(|error| damaged(path, &error))?;
    if !header.starts_with(MAGIC) {
        return Err(damaged(path, &"it does not begin as one of version 5 does"));
    }
    if !header.ends_with(b"IM") {
        let reason = "it is of a machine whose bytes have another order";
        return Err(damaged(path, &reason));
    }
    let (mut arrays, mut offset) = (Vec::new(), HEADER as u64);
    for _ in 0..MAX_ELEMENTS {
        if offset == size {
            return Ok(arrays);
        }
        let (kind, element) =
            next_element(&mut file, offset, size).map_err(|error| damaged(path, &error))?;
        offset = element.offset + element.length;
        if matches!(kind, MATRIX | COMPRESSED) {
            let array = read_head(element, open()?).map_err(|error| damaged(path, &error))?;
            arrays.extend(array);
        }
    }
    Err(damaged(path, &"it has too many arrays"))
}

fn damaged(path: &Path, reason: &dyn fmt::Display) -> DataError {
    DataError::damaged(path, "MATLAB file", reason)
}

/// The type of the element at an offset, and where what it holds is.
fn next_element(file: &mut File, offset: u64, size: u64) -> io::Result<(u32, Element)> {
    file.seek(SeekFrom::Start(offset))?;
    let [kind, length] = read_words(file)?;
    let (start, length) = (offset + TAG, u64::from(length));
    let compressed = kind == COMPRESSED;
    // an array's own tag is part of what is compressed, and so it is of what is not
    let first = if compressed { start } else { offset };
    match start + length <= size {
        true => Ok((
            kind,
            Element {
                offset: first,
                length: start + length - first,
                compressed,
            },
        )),
        false => Err(io::Error::other("it ends within an array")),
    }
}

fn read_words(reader: &mut dyn Read) -> io::Result<[u32; 2]> {
    let mut tag = [0; TAG as usize];
    reader.read_exact(&mut tag)?;
    let [a, b, c, d, rest @ ..] = tag;
    Ok([[a, b, c, d], rest].map(u32::from_le_bytes))
}

/// The head of an array; none if it is not one of real numbers.
fn read_head(element: Element, file: File) -> io::Result<Option<Array>> {
    let mut head = Head {
        reader: element.open(file)?,
        skip: 0,
    };
    let [kind, _] = head.words()?;
    let (_, flags) = head.part()?;
    let (_, shape) = head.part()?;
    let (_, name) = head.part()?;
    // 6 to 13: doubles to 32-bit integers; bit 3 of the second byte: complex numbers
    let real = matches!(flags[..], [6..=13, more, ..] if more & 8 == 0);
    if kind != MATRIX || !real {
        return Ok(None);
    }
    let sides = shape.as_chunks::<4>().0.iter();
    let shape: Option<Vec<u64>> = sides
        .map(|&side| u64::try_from(i32::from_le_bytes(side)).ok())
        .collect();
    let name = String::from_utf8_lossy(&name).into_owned();
    let wrong = |what: &str| io::Error::other(format!("its array {name} {what}"));
    let [kind, length] = head.words()?;
    let (kind, length) = match kind >> 16 {
        0 => (kind, u64::from(length)),
        // few bytes lie within their tag
        length => {
            head.skip -= 4;
            (kind & 0xffff, u64::from(length))
        }
    };
    let number = Number::of_type(kind).ok_or_else(|| wrong("has numbers of no known type"))?;
    let count = shape.as_ref().and_then(|shape| {
        let product = |count: u64, &side: &u64| count.checked_mul(side);
        shape.iter().try_fold(1, product)
    });
    if count.and_then(|count| count.checked_mul(number.bytes())) != Some(length) {
        return Err(wrong("has another number of values than its shape says"));
    }
    let most = match element.compressed {
        true => element.length.saturating_mul(MOST_DEFLATED),
        false => element.length,
    };
    if length > most {
        return Err(wrong("has more values than its bytes can hold"));
    }
    Ok(Some(Array {
        shape: shape.unwrap_or_default(),
        name,
        number,
        element,
        skip: head.skip,
    }))
}

/// The beginning of an array as it is read.
struct Head {
    reader: Box<dyn Read>,
    /// Bytes read.
    skip: u64,
}

impl Head {
    fn words(&mut self) -> io::Result<[u32; 2]> {
        self.skip += TAG;
        read_words(&mut self.reader)
    }

    /// A part with its tag, filled up to a multiple of 8 bytes.
    fn part(&mut self) -> io::Result<(u32, Vec<u8>)> {
        let [kind, second] = self.words()?;
        if kind >> 16 != 0 {
            let mut bytes = second.to_le_bytes().to_vec();
            bytes.truncate((kind >> 16) as usize);
            return Ok((kind & 0xffff, bytes));
        }
        let length = u64::from(second);
        if length > MAX_HEAD_PART {
            return Err(io::Error::other("the head of an array is too long"));
        }
        let mut bytes = vec![0; length.next_multiple_of(8) as usize];
        self.reader.read_exact(&mut bytes)?;
        self.skip += bytes.len() as u64;
        bytes.truncate(length as usize);
        Ok((kind, bytes))
    }
}
