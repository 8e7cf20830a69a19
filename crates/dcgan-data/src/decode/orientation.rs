//! How a picture has to be turned to be upright: from EXIF, else from XMP, wherever a format keeps
//! them.

use std::io::Read;

use flate2::read::ZlibDecoder;
use image::ImageFormat;
use image::metadata::Orientation;

use super::jpeg_segments::segments;
use super::png::{self, Chunk};

/// What EXIF data begins with in a JPEG, and by mistake elsewhere.
const EXIF_PREFIX: &[u8] = b"Exif\0\0";
const XMP_PREFIX: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// The most that a compressed text is unpacked to.
const MAX_TEXT: u64 = 1 << 20;

/// The orientation of a file; invalid metadata is no reason to skip a picture.
pub(super) fn of(format: ImageFormat, bytes: &[u8]) -> Orientation {
    let metadata = match format {
        ImageFormat::Jpeg => in_jpeg(bytes),
        ImageFormat::Png => in_png(bytes),
        ImageFormat::WebP => in_webp(bytes),
        ImageFormat::Tiff => Metadata {
            exif: Some(bytes.to_vec()),
            xmp: None,
        },
        _ => Metadata::default(),
    };
    let exif = metadata.exif.as_deref().and_then(in_exif);
    let orientation = exif.or_else(|| in_xmp(metadata.xmp.as_deref()?));
    orientation.unwrap_or(Orientation::NoTransforms)
}

#[derive(Default)]
struct Metadata {
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
}

fn in_exif(exif: &[u8]) -> Option<Orientation> {
    let mut bare = exif;
    while let Some(rest) = bare.strip_prefix(EXIF_PREFIX) {
        bare = rest;
    }
    Orientation::from_exif_chunk(bare)
}

/// `tiff:Orientation="6"` or `<tiff:Orientation>6</tiff:Orientation>`.
fn in_xmp(xmp: &[u8]) -> Option<Orientation> {
    const NAME: &[u8] = b"tiff:Orientation";
    let at = xmp.windows(NAME.len()).position(|word| word == NAME)?;
    let rest = xmp[at + NAME.len()..].trim_ascii_start();
    let rest = rest
        .strip_prefix(b"=")
        .or_else(|| rest.strip_prefix(b">"))?;
    let rest = rest.trim_ascii_start();
    let rest = rest
        .strip_prefix(b"\"")
        .or_else(|| rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let digit = rest.first().filter(|byte| byte.is_ascii_digit())?;
    Orientation::from_exif(digit - b'0')
}

fn in_jpeg(bytes: &[u8]) -> Metadata {
    let mut metadata = Metadata::default();
    for segment in segments(bytes, 0xe1) {
        if segment.starts_with(EXIF_PREFIX) {
            metadata.exif.get_or_insert_with(|| segment.to_vec());
        } else if let Some(xmp) = segment.strip_prefix(XMP_PREFIX) {
            metadata.xmp.get_or_insert_with(|| xmp.to_vec());
        }
    }
    metadata
}

fn in_webp(bytes: &[u8]) -> Metadata {
    let mut metadata = Metadata::default();
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let content = bytes.get(at + 8..).unwrap_or_default();
        let content = &content[..content.len().min(length)];
        match &head[..4] {
            b"EXIF" => metadata.exif = Some(content.to_vec()),
            b"XMP " => metadata.xmp = Some(content.to_vec()),
            _ => {}
        }
        let Some(next) = at.checked_add(8 + length + length % 2) else {
            break;
        };
        at = next;
    }
    metadata
}

fn in_png(bytes: &[u8]) -> Metadata {
    let mut metadata = Metadata::default();
    let mut at = png::SIGNATURE;
    while let Some(Chunk { name, content, end }) = png::chunk(bytes, at) {
        at = end;
        match name {
            b"eXIf" => metadata.exif = Some(content.to_vec()),
            b"iTXt" | b"tEXt" | b"zTXt" => {
                let Some((keyword, text)) = text_of(name, content) else {
                    continue;
                };
                if keyword == b"XML:com.adobe.xmp" || keyword == b"Raw profile type xmp" {
                    metadata.xmp.get_or_insert(text);
                } else if [
                    b"Raw profile type exif".as_slice(),
                    b"Raw profile type APP1",
                ]
                .contains(&keyword)
                    && let Some(profile) = raw_profile(&text)
                {
                    metadata.exif.get_or_insert(profile);
                }
            }
            _ => {}
        }
    }
    metadata
}

/// The keyword and the text of a text chunk, if the keyword may matter here.
fn text_of<'a>(name: &[u8; 4], content: &'a [u8]) -> Option<(&'a [u8], Vec<u8>)> {
    let end = content.iter().position(|&byte| byte == 0)?;
    let (keyword, rest) = (&content[..end], &content[end + 1..]);
    let unpacked = |packed: &[u8]| {
        let mut text = Vec::new();
        // What comes before an error may be enough.
        let _ = ZlibDecoder::new(packed)
            .take(MAX_TEXT)
            .read_to_end(&mut text);
        text
    };
    if !keyword.starts_with(b"Raw profile") && keyword != b"XML:com.adobe.xmp" {
        return None;
    }
    let text = match name {
        b"tEXt" => rest.to_vec(),
        b"zTXt" => unpacked(rest.get(1..)?),
        _ => {
            // Two flags, and the language and the translated keyword, each with a zero at its end.
            let is_packed = *rest.first()? == 1;
            let mut parts = rest.get(2..)?.splitn(3, |&byte| byte == 0);
            let text = parts.nth(2)?;
            if is_packed {
                unpacked(text)
            } else {
                text.to_vec()
            }
        }
    };
    Some((keyword, text))
}

/// ImageMagick's raw profile: a name, a length, and hexadecimal digits.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (_, length) = (words.next()?, words.next()?.parse::<usize>().ok()?);
    let digits: Vec<u8> = words.flat_map(str::bytes).collect();
    let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let profile: Option<Vec<u8>> = digits
        .chunks_exact(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect();
    let mut profile = profile?;
    profile.truncate(length);
    Some(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXIF: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

    #[test]
    fn exif_is_read_behind_its_prefix() {
        for prefix in [&b""[..], EXIF_PREFIX, b"Exif\0\0Exif\0\0"] {
            let exif = [prefix, EXIF].concat();
            assert_eq!(in_exif(&exif), Some(Orientation::Rotate90));
        }
        assert_eq!(in_exif(b"Exif\0\0?"), None);
    }

    #[test]
    fn xmp_has_an_attribute_or_an_element() {
        for xmp in [
            "<rdf tiff:Orientation=\"6\"/>",
            "<rdf tiff:Orientation = '6'/>",
            "<tiff:Orientation>6</tiff:Orientation>",
        ] {
            assert_eq!(in_xmp(xmp.as_bytes()), Some(Orientation::Rotate90), "{xmp}");
        }
        for xmp in [
            "<tiff:Orientation>",
            "tiff:Orientation=\"",
            "tiff:Orientation=\"x",
            "",
        ] {
            assert_eq!(in_xmp(xmp.as_bytes()), None, "{xmp}");
        }
    }

    #[test]
    fn a_raw_profile_is_hexadecimal() {
        let digits: String = EXIF.iter().map(|byte| format!("{byte:02x}")).collect();
        let (one, two) = digits.split_at(20);
        let text = format!("\nexif\n      {}\n{one}\n{two}\n", EXIF.len());
        assert_eq!(raw_profile(text.as_bytes()).as_deref(), Some(EXIF));
        for broken in ["", "\nexif\n", "\nexif\nx\n00", "\nexif\n 1\nzz"] {
            assert_eq!(raw_profile(broken.as_bytes()), None, "{broken:?}");
        }
    }
}
