//! The mark of this program in the pictures that it writes, so that it can be told later that a
//! file is one of its own. Viewers show it as the software or as a comment; pixels do not change.

/// The name of the program in the mark.
const NAME: &[u8] = b"dcgan";

/// A PNG's signature and its first chunk, behind which the mark is.
const PNG_HEAD: usize = 8 + 25;

/// What the mark's chunk in a PNG holds, with its type.
const PNG_TEXT: &[u8] = b"tEXtSoftware\0dcgan";

/// A comment extension of a GIF and the byte that ends the file.
const GIF_END: &[u8] = b"\x21\xfe\x05dcgan\x00\x3b";

/// A chunk that readers of WebP skip, of an even length.
const WEBP_CHUNK: &[u8] = b"NOTE\x06\x00\x00\x00dcgan\x00";

/// Marks an encoded PNG, GIF, WebP or JPEG. Anything else is returned as it is.
pub(crate) fn mark(mut file: Vec<u8>) -> Vec<u8> {
    if file.starts_with(b"\x89PNG") && file.len() > PNG_HEAD {
        let mut chunk = ((PNG_TEXT.len() - 4) as u32).to_be_bytes().to_vec();
        chunk.extend(PNG_TEXT);
        chunk.extend(crc32fast::hash(PNG_TEXT).to_be_bytes());
        file.splice(PNG_HEAD..PNG_HEAD, chunk);
    } else if file.starts_with(b"GIF8") && file.last() == Some(&b'\x3b') {
        file.pop();
        file.extend(GIF_END);
    } else if is_webp(&file) {
        file.extend(WEBP_CHUNK);
        let length = (file.len() - 8) as u32; // WebP files are smaller than 4 GiB
        file[4..8].copy_from_slice(&length.to_le_bytes());
    } else if let Some(at) = behind_jfif_header(&file) {
        file.splice(at..at, jpeg_comment());
    }
    file
}

/// Whether a file is a picture with this mark, by its first and last bytes: some hundreds are
/// enough.
pub fn is_marked(head: &[u8], tail: &[u8]) -> bool {
    if head.starts_with(b"\x89PNG") {
        let text = head.get(PNG_HEAD + 4..);
        return text.is_some_and(|text| text.starts_with(PNG_TEXT));
    }
    if head.starts_with(b"GIF8") {
        return tail.ends_with(GIF_END);
    }
    if is_webp(head) {
        return tail.ends_with(WEBP_CHUNK);
    }
    behind_jfif_header(head).is_some_and(|at| head[at..].starts_with(&jpeg_comment()))
}

fn is_webp(file: &[u8]) -> bool {
    file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP")
}

/// Where the second segment of a JPEG begins, if the first is the JFIF header.
fn behind_jfif_header(file: &[u8]) -> Option<usize> {
    let header = file.strip_prefix(b"\xff\xd8\xff\xe0")?;
    let length = u16::from_be_bytes(*header.first_chunk()?);
    let at = 4 + usize::from(length);
    (at <= file.len()).then_some(at)
}

fn jpeg_comment() -> Vec<u8> {
    let length = (2 + NAME.len()) as u16;
    [b"\xff\xfe".as_slice(), &length.to_be_bytes(), NAME].concat()
}
