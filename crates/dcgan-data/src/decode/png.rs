//! PNG files without what is not pixels.
//!
//! Colour profiles and texts are compressed: a file of a megabyte can hold one of a gigabyte, and
//! the decoder would unpack it. Nothing here uses them.

use std::borrow::Cow;

/// The chunks that are left out.
const UNUSED: [&[u8; 4]; 4] = [b"iCCP", b"zTXt", b"iTXt", b"tEXt"];

/// The bytes before the first chunk, and those of a chunk besides its content: length, name and
/// checksum.
const SIGNATURE: usize = 8;
const FRAME: usize = 12;

/// The file without profiles and texts. What is not a whole chunk is left as it is.
pub(super) fn without_profiles(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut kept: Option<Vec<u8>> = None;
    let mut at = SIGNATURE.min(bytes.len());
    while let Some((name, end)) = chunk(bytes, at) {
        if UNUSED.contains(&name) {
            kept.get_or_insert_with(|| bytes[..at].to_vec());
        } else if let Some(kept) = &mut kept {
            kept.extend_from_slice(&bytes[at..end]);
        }
        at = end;
    }
    match kept {
        Some(mut kept) => {
            kept.extend_from_slice(&bytes[at..]);
            Cow::Owned(kept)
        }
        None => Cow::Borrowed(bytes),
    }
}

/// The name of the chunk at a position, and where it ends.
fn chunk(bytes: &[u8], at: usize) -> Option<(&[u8; 4], usize)> {
    let rest = bytes.get(at..)?;
    let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    let name = rest.get(4..)?.first_chunk()?;
    let end = at.checked_add(length)?.checked_add(FRAME)?;
    (end <= bytes.len()).then_some((name, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for name in names {
            bytes.extend(3_u32.to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(b"abcCRC!");
        }
        bytes
    }

    #[test]
    fn profiles_and_texts_are_left_out_and_all_else_is_kept() {
        let with = file(&[
            "IHDR", "iCCP", "gAMA", "zTXt", "IDAT", "iTXt", "tEXt", "IEND",
        ]);
        let without = file(&["IHDR", "gAMA", "IDAT", "IEND"]);
        assert_eq!(*without_profiles(&with), without);
        assert!(matches!(without_profiles(&without), Cow::Borrowed(_)));
        let cut = [&with[..], b"\0\0\xff\xffiCCPxx"].concat();
        assert_eq!(
            *without_profiles(&cut),
            [&without[..], b"\0\0\xff\xffiCCPxx"].concat()
        );
        for length in 0..with.len() {
            without_profiles(&with[..length]);
        }
    }
}
