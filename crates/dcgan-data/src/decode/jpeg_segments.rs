//! JPEG files without what no decoder of pixels needs and some stumble over: stray bytes between
//! segments, and comments and metadata, which may be cut off (ITU-T T.81, annex B).

/// A JPEG with nothing but what its pixels need.
pub(super) struct Tidied {
    pub bytes: Vec<u8>,
    /// Whether there was something between its segments.
    pub had_stray_bytes: bool,
}

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;
const COMMENT: u8 = 0xfe;
const ADOBE: u8 = 0xee;
const JFIF: u8 = 0xe0;

/// The bytes of the JFIF header and of Adobe's segment, with their length; shorter ones are invalid.
const JFIF_BYTES: usize = 16;
const ADOBE_BYTES: usize = 14;

/// Tidies a file. `None` if it does not end with an end marker behind a scan.
pub(super) fn tidy(bytes: &[u8]) -> Option<Tidied> {
    let mut tidied = Tidied {
        bytes: b"\xff\xd8".to_vec(),
        had_stray_bytes: false,
    };
    tidied.bytes.reserve(bytes.len());
    let mut at = 2;
    loop {
        let stray = bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        at += stray;
        // Any number of fill bytes may precede a marker.
        at += bytes.get(at..)?.iter().position(|&byte| byte != 0xff)?;
        let marker = bytes[at];
        at += 1;
        tidied.had_stray_bytes |= stray > 0 || marker == 0;
        match marker {
            END_OF_IMAGE => {
                tidied.bytes.extend([0xff, END_OF_IMAGE]);
                return Some(tidied);
            }
            // A stuffed zero outside of a scan, or a marker without a segment.
            0x00 | 0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        let end = at.checked_add(length)?;
        let segment = bytes.get(at..end)?;
        let is_needed = match marker {
            JFIF => length >= JFIF_BYTES && segment[2..].starts_with(b"JFIF"),
            ADOBE => length >= ADOBE_BYTES && segment[2..].starts_with(b"Adobe"),
            0xe0..=0xef | COMMENT => false,
            _ => true,
        };
        if is_needed {
            tidied.bytes.extend([0xff, marker]);
            tidied.bytes.extend(segment);
        }
        at = end.max(at + 2);
        if marker == START_OF_SCAN {
            let scan = scan_end(bytes, at)?;
            tidied.bytes.extend(&bytes[at..scan]);
            at = scan;
        }
    }
}

/// The position of the marker that ends the entropy-coded data.
fn scan_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0xff, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// The contents of the segments of a kind before the first scan.
pub(super) fn segments(bytes: &[u8], kind: u8) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut at = 2;
    let mut next = || -> Option<Option<&[u8]>> {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        at += bytes.get(at..)?.iter().position(|&byte| byte != 0xff)?;
        let marker = bytes[at];
        at += 1;
        match marker {
            END_OF_IMAGE | START_OF_SCAN => return None,
            0x00 | 0x01 | 0xd0..=0xd8 => return Some(None),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        let end = at.checked_add(length.max(2))?;
        // A segment that is cut off by the end of the file still has its beginning.
        let content = bytes.get(at + 2..end.min(bytes.len()))?;
        at = end;
        Some((marker == kind).then_some(content))
    };
    while let Some(segment) = next() {
        found.extend(segment);
    }
    found
}

/// Whether the file's frame is coded progressively, in which case a decoder holds all coefficients.
pub(super) fn is_progressive(bytes: &[u8]) -> bool {
    !segments(bytes, 0xc2).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bytes_and_metadata_are_left_out() {
        let jfif = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
        let file = [
            b"\xff\xd8".as_slice(),
            jfif,
            b"\xff\xe1\0\x08Exif\0\0",
            b"\xff\xee\0\x05Ado",
            b"\x12\0\xff\xdb\0\x03Q",
            b"\xff\xda\0\x02data\xff\0data\xff\xd0more",
            b"\0\0\xff\xc4\0\x03H\xff\xff\xda\0\x02x\xff\xd9junk",
        ]
        .concat();
        let tidied = tidy(&file).unwrap();
        assert!(tidied.had_stray_bytes);
        let expected = [
            b"\xff\xd8".as_slice(),
            jfif,
            b"\xff\xdb\0\x03Q",
            b"\xff\xda\0\x02data\xff\0data\xff\xd0more\0\0",
            b"\xff\xc4\0\x03H\xff\xda\0\x02x\xff\xd9",
        ]
        .concat();
        assert_eq!(tidied.bytes, expected);
        assert_eq!(segments(&file, 0xe1), [b"Exif\0\0"]);
        let untidy = tidy(&tidied.bytes).unwrap();
        assert!(!untidy.had_stray_bytes);
        assert_eq!(untidy.bytes, tidied.bytes);
        for length in 0..file.len() - 6 {
            assert!(tidy(&file[..length]).is_none(), "{length}");
            segments(&file[..length], 0xe1);
        }
    }
}
