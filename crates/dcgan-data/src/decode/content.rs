//! What a file holds, by its first bytes and its name's ending.

use image::ImageFormat;

/// The first bytes that are examined.
pub(crate) const HEAD_BYTES: usize = 512;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A picture that can be decoded.
    Picture(ImageFormat),
    /// A picture or video of this format, which is not read.
    Unread(&'static str),
    /// The text that Git LFS puts in the place of a file.
    LfsPointer,
    Other,
}

/// Formats that begin with fixed bytes.
const MAGICS: [(&[u8], &str); 16] = [
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "GIMP"),
    (b"%PDF", "PDF"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"\0\0\x01\0", "icon"),
    (b"PF\n", "float map"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
];

/// Endings of formats that cannot be told by their first bytes.
const ENDINGS: [(&[&str], &str); 5] = [
    (
        &[
            "nef", "arw", "dng", "orf", "rw2", "raf", "pef", "srw", "cr2", "cr3", "raw",
        ],
        "raw camera",
    ),
    (&["svg", "svgz"], "SVG"),
    (&["tga"], "TGA"),
    (&["pcx"], "PCX"),
    (&["dcm", "dicom"], "DICOM"),
];

/// What Git LFS's pointers begin with.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What a file that begins with `head` holds.
pub(crate) fn content(head: &[u8]) -> Content {
    if let Some(format) = picture_format(head) {
        return Content::Picture(format);
    }
    if is_lfs_pointer(head) {
        return Content::LfsPointer;
    }
    let magic = MAGICS.iter().find(|(magic, _)| head.starts_with(magic));
    let unread = magic
        .map(|(_, name)| *name)
        .or_else(|| iso_media(head))
        .or_else(|| is_svg(head).then_some("SVG"))
        .or_else(|| (head.get(8..12) == Some(b"AVI ")).then_some("video"))
        .or_else(|| (is_tiff(head) && head.get(8..10) == Some(b"CR")).then_some("raw camera"));
    unread.map_or(Content::Other, Content::Unread)
}

/// The format, which is not read, of a file with this ending (in lower case), whatever it begins
/// with.
pub(crate) fn unread_ending(ending: &str) -> Option<&'static str> {
    let found = ENDINGS
        .iter()
        .find(|(endings, _)| endings.contains(&ending));
    found.map(|(_, name)| *name)
}

/// Whether a file that begins with `head` is a pointer of Git LFS.
pub(crate) fn is_lfs_pointer(head: &[u8]) -> bool {
    head.starts_with(LFS)
}

/// The format of a picture that can be decoded.
pub(crate) fn picture_format(head: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Pnm, Tiff, WebP};
    if is_tiff(head) {
        return (head.get(8..10) != Some(b"CR")).then_some(Tiff);
    }
    match image::guess_format(head).ok()? {
        // Two letters are no proof.
        Pnm => is_pnm(head).then_some(Pnm),
        format @ (Jpeg | Png | WebP | Bmp | Gif) => Some(format),
        _ => None,
    }
}

/// A classic TIFF, or one with 64-bit offsets.
fn is_tiff(head: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]
        .iter()
        .any(|magic| head.starts_with(*magic))
}

/// A letter and a digit, a space, and a number or a comment.
fn is_pnm(head: &[u8]) -> bool {
    let space = head.get(2).is_some_and(u8::is_ascii_whitespace);
    let rest = head.get(2..).unwrap_or_default().trim_ascii_start();
    space
        && rest
            .first()
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'#' || head[1] == b'7')
}

/// The format of a file of boxes (ISO 14496-12) by its brands.
fn iso_media(head: &[u8]) -> Option<&'static str> {
    const HEIC: [&[u8; 4]; 10] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1",
    ];
    const AVIF: [&[u8; 4]; 2] = [b"avif", b"avis"];
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(*head.first_chunk()?) as usize;
    let brands = head.get(8..length.clamp(12, HEAD_BYTES).min(head.len()))?;
    let has = |wanted: &[&[u8; 4]]| {
        brands
            .chunks_exact(4)
            .any(|brand| wanted.iter().any(|wanted| brand == *wanted))
    };
    Some(if has(&AVIF) {
        "AVIF"
    } else if has(&HEIC) {
        "HEIC"
    } else if has(&[b"crx "]) {
        "raw camera"
    } else {
        "video"
    })
}

fn is_svg(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|word| word == b"<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_by_the_first_bytes() {
        let cases: [(&[u8], Content); 14] = [
            (b"\xff\xd8\xff\xe0", Content::Picture(ImageFormat::Jpeg)),
            (b"II*\0\x08\0\0\0\x01", Content::Picture(ImageFormat::Tiff)),
            (b"II*\0\x10\0\0\0CR\x02\0", Content::Unread("raw camera")),
            (b"P5 64 64 255\n", Content::Picture(ImageFormat::Pnm)),
            (b"P5 is a plan", Content::Other),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                Content::Unread("HEIC"),
            ),
            (
                b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf",
                Content::Unread("AVIF"),
            ),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Content::Unread("video")),
            (b"\xff\x0a\x10\x20", Content::Unread("JPEG XL")),
            (b"<?xml version='1.0'?><svg>", Content::Unread("SVG")),
            (b"<html><p>", Content::Other),
            (
                b"version https://git-lfs.github.com/spec/v1\n",
                Content::LfsPointer,
            ),
            (b"{}", Content::Other),
            (b"", Content::Other),
        ];
        for (head, expected) in cases {
            assert_eq!(content(head), expected, "{head:?}");
        }
        for length in 0..28 {
            content(&b"\xff\xff\xff\xffftypmif1\0\0\0\0avifmif1miaf"[..length]);
        }
    }
}
