//! The header of a NumPy array file (NEP 1): a Python dictionary with the type, the order and the
//! shape. It is read in all versions and written in 1.0.
//!
//! Only what arrays of pictures and labels need is parsed. A parser for all of Python's literals
//! would recurse as deep as a hostile header wants.

use std::io::{self, Read};

/// How every array file begins.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header, in bytes.
const MAX_TEXT: usize = 1 << 16;

/// The type, order and shape of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// NumPy's name of the type, such as `|u1` or `<i8`.
    pub kind: String,
    /// Whether the first axis runs fastest.
    pub fortran_order: bool,
    /// The length of every axis.
    pub shape: Vec<u64>,
    /// Bytes before the first value.
    pub length: u64,
}

impl Header {
    /// Reads a header, and nothing of what follows it.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in one line.
    pub fn read(reader: &mut dyn Read) -> Result<Self, String> {
        let Text { text, before } = read_text(reader).map_err(|error| error.to_string())??;
        let value = |key: &str| {
            let at = text.find(&format!("'{key}'"))? + key.len() + 2;
            Some(text[at..].trim_start().strip_prefix(':')?.trim_start())
        };
        let kind = value("descr").and_then(|text| text.strip_prefix('\'')?.split('\'').next());
        let fortran_order = value("fortran_order").and_then(|text| match text {
            _ if text.starts_with("False") => Some(false),
            _ if text.starts_with("True") => Some(true),
            _ => None,
        });
        let shape = value("shape").and_then(parse_shape);
        match (kind, fortran_order, shape) {
            (Some(kind), Some(fortran_order), Some(shape)) => Ok(Self {
                kind: kind.to_owned(),
                fortran_order,
                shape,
                length: (before + text.len()) as u64,
            }),
            _ => Err("its header lacks the type, the order or the shape".to_owned()),
        }
    }

    /// The bytes of one value, if values are little-endian integers.
    pub fn integer_bytes(&self) -> Option<usize> {
        let big = self.kind.starts_with('>');
        let kind = self.kind.trim_start_matches(['<', '|', '=']);
        match kind {
            "u1" | "i1" => Some(1),
            "u2" | "i2" if !big => Some(2),
            "u4" | "i4" if !big => Some(4),
            "u8" | "i8" if !big => Some(8),
            _ => None,
        }
    }
}

/// The text of a header.
struct Text {
    text: String,
    /// The bytes before it.
    before: usize,
}

fn read_text(reader: &mut dyn Read) -> io::Result<Result<Text, String>> {
    let mut head = [0; 8];
    reader.read_exact(&mut head)?;
    if !head.starts_with(MAGIC) {
        return Ok(Err("it does not begin as NumPy's files do".to_owned()));
    }
    let mut length = [0; 4];
    let length_bytes = if head[6] == 1 { 2 } else { 4 };
    reader.read_exact(&mut length[..length_bytes])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_TEXT {
        return Ok(Err(format!("its header cannot have {length} bytes")));
    }
    let mut text = vec![0; length];
    reader.read_exact(&mut text)?;
    let text = String::from_utf8(text).map_err(|_| "its header is not text".to_owned());
    Ok(text.map(|text| Text {
        text,
        before: head.len() + length_bytes,
    }))
}

/// Parses `(60000, 28, 28)`; numbers may end in Python 2's `L`.
fn parse_shape(text: &str) -> Option<Vec<u64>> {
    let numbers = text.strip_prefix('(')?.split(')').next()?;
    let numbers = numbers.split(',').map(str::trim);
    let numbers = numbers.filter(|number| !number.is_empty());
    numbers
        .map(|number| number.trim_end_matches('L').parse().ok())
        .collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, text: &str) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((text.len() as u16).to_le_bytes()),
            _ => bytes.extend((text.len() as u32).to_le_bytes()),
        }
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn headers_of_all_versions_are_read() {
        let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 28, 28), }  \n";
        for (version, before) in [(1, 10), (2, 12), (3, 12)] {
            let header = Header::read(&mut &file(version, text)[..]).unwrap();
            assert_eq!(header.kind, "|u1");
            assert_eq!(header.shape, [5, 28, 28]);
            assert_eq!(header.length, before + text.len() as u64);
            assert!(!header.fortran_order);
        }
    }

    #[test]
    fn incomplete_headers_are_refused() {
        for text in [
            "",
            "{}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (5, x), }",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (5,), }",
            "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (5,), }",
        ] {
            assert!(Header::read(&mut &file(1, text)[..]).is_err(), "{text}");
        }
        let mut long = file(2, "");
        long[8..12].fill(0xff);
        assert!(Header::read(&mut &long[..]).is_err());
    }
}
