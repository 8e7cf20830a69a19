//! PNG files without what is not pixels, and with the end that some lack.
//!
//! Colour profiles and texts are compressed: a file of a megabyte can hold one of a gigabyte, and
//! the decoder would unpack it. Nothing here uses them.

use std::borrow::Cow;

/// The chunks that are left out.
const UNUSED: [&[u8; 4]; 4] = [b"iCCP", b"zTXt", b"iTXt", b"tEXt"];

/// The bytes before the first chunk, and those of a chunk besides its content: length, name and
/// checksum.
pub(super) const SIGNATURE: usize = 8;
const FRAME: usize = 12;

/// The last chunk.
const END: &[u8; FRAME] = b"\0\0\0\0IEND\xaeB`\x82";

/// A chunk within a file.
pub(super) struct Chunk<'a> {
    pub name: &'a [u8; 4],
    pub content: &'a [u8],
    /// The position behind it.
    pub end: usize,
}

/// The file without profiles and texts. What is not a whole chunk is left as it is.
pub(super) fn without_profiles(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut kept: Option<Vec<u8>> = None;
    let mut at = SIGNATURE.min(bytes.len());
    while let Some(Chunk { name, end, .. }) = chunk(bytes, at) {
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

/// The file with an end, if that is all that it lacks: other programs read such files. If the last
/// chunk of pixels lacks some bytes, they may be its checksums only; the decoder will tell.
pub(super) fn with_end(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut at, mut has_pixels) = (SIGNATURE, false);
    while let Some(Chunk { name, end, .. }) = chunk(bytes, at) {
        if name == b"IEND" {
            return None;
        }
        has_pixels |= name == b"IDAT";
        at = end;
    }
    let mut file = bytes.get(..at)?.to_vec();
    if let Some(rest) = bytes[at..].get(8..).filter(|rest| !rest.is_empty()) {
        let length = u32::from_be_bytes(*bytes[at..].first_chunk()?) as usize;
        if &bytes[at + 4..at + 8] == b"IDAT" {
            let content = &rest[..rest.len().min(length)];
            file.extend((content.len() as u32).to_be_bytes());
            file.extend(b"IDAT");
            file.extend(content);
            let mut checksum = flate2::Crc::new();
            checksum.update(b"IDAT");
            checksum.update(content);
            file.extend(checksum.sum().to_be_bytes());
            has_pixels = true;
        }
    }
    file.extend(END);
    has_pixels.then_some(file)
}

/// The chunk at a position.
pub(super) fn chunk(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let rest = bytes.get(at..)?;
    let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    let name = rest.get(4..)?.first_chunk()?;
    let end = at.checked_add(length)?.checked_add(FRAME)?;
    let content = bytes.get(at + 8..end.checked_sub(4)?)?;
    (end <= bytes.len()).then_some(Chunk { name, content, end })
}

/// Whether a file is an animation.
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    let mut at = SIGNATURE;
    while let Some(Chunk { name, end, .. }) = chunk(bytes, at) {
        match name {
            b"acTL" => return true,
            b"IDAT" => return false,
            _ => at = end,
        }
    }
    false
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
