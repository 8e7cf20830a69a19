//! Detecting truncated picture files, and completing those that other programs read too.
//!
//! Decoders differ in how they treat a truncated file: some report it, others fill in the rest.
//! Every format marks its end, so this walks the outer structure of a file and looks for it.

use std::borrow::Cow;

use image::ImageFormat;

use super::{jpeg_segments, png};

/// A file with everything that its pixels need.
pub(super) struct Complete<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// Whether something was missing or superfluous.
    pub is_repaired: bool,
}

/// Checks that a file is not truncated. An end that only marks the end may be missing.
///
/// # Errors
///
/// What is missing, in one line.
pub(super) fn complete(format: ImageFormat, bytes: &[u8]) -> Result<Complete<'_>, String> {
    let unchanged = Complete {
        bytes: Cow::Borrowed(bytes),
        is_repaired: false,
    };
    let repaired = |bytes: Vec<u8>| Complete {
        bytes: Cow::Owned(bytes),
        is_repaired: true,
    };
    let (found, expected) = match format {
        ImageFormat::Jpeg => {
            let tidied = jpeg_segments::tidy(bytes).map(|tidied| Complete {
                bytes: Cow::Owned(tidied.bytes),
                is_repaired: tidied.had_stray_bytes,
            });
            (tidied, "its end marker")
        }
        ImageFormat::Png => match png_end(bytes) {
            Some(end) if end <= bytes.len() => (Some(unchanged), ""),
            _ => (png::with_end(bytes).map(repaired), "its IEND chunk"),
        },
        ImageFormat::Gif => match gif_end(bytes) {
            Some(end) if end <= bytes.len() => (Some(unchanged), ""),
            _ => (gif_with_trailer(bytes).map(repaired), "its trailer"),
        },
        ImageFormat::WebP | ImageFormat::Bmp => {
            let (end, expected) = match format {
                ImageFormat::WebP => (webp_end(bytes), "the length in its header"),
                _ => (bmp_end(bytes), "its last row"),
            };
            let is_complete = end.is_some_and(|end| end <= bytes.len());
            (is_complete.then_some(unchanged), expected)
        }
        _ => (Some(unchanged), ""),
    };
    found.ok_or_else(|| {
        format!(
            "is truncated: it ends after {} bytes, before {expected}",
            bytes.len()
        )
    })
}

/// The position after the IEND chunk.
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at: usize = 8;
    loop {
        let length = u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        let name = bytes.get(at + 4..at + 8)?;
        // Length, name and checksum have four bytes each.
        at = at.checked_add(length as usize)?.checked_add(12)?;
        if name == b"IEND" {
            return Some(at);
        }
    }
}

/// The position after the trailer that follows the last frame.
fn gif_end(bytes: &[u8]) -> Option<usize> {
    const SCREEN_FLAGS: usize = 10;
    let mut at = 13 + color_table_bytes(*bytes.get(SCREEN_FLAGS)?);
    loop {
        let introducer = *bytes.get(at)?;
        at = match introducer {
            0x2c => {
                let table = color_table_bytes(*bytes.get(at + 9)?);
                // A descriptor of ten bytes, a color table, the code size.
                gif_blocks_end(bytes, at + 10 + table + 1)?
            }
            0x21 => gif_blocks_end(bytes, at + 2)?,
            0x3b => return Some(at + 1),
            _ => at + 1,
        };
    }
}

/// The file up to its first whole frame, with a trailer. The empty sub-block at the frame's end may
/// be missing too.
fn gif_with_trailer(bytes: &[u8]) -> Option<Vec<u8>> {
    const SCREEN_FLAGS: usize = 10;
    let mut at = 13 + color_table_bytes(*bytes.get(SCREEN_FLAGS)?);
    loop {
        match *bytes.get(at)? {
            0x2c => break,
            0x21 => at = gif_blocks_end(bytes, at + 2)?,
            0x3b => return None,
            _ => at += 1,
        }
    }
    let table = color_table_bytes(*bytes.get(at + 9)?);
    let blocks = at + 10 + table + 1;
    let end = match gif_blocks_end(bytes, blocks) {
        Some(end) => end,
        None => whole_blocks_end(bytes, blocks)?,
    };
    let mut file = bytes.get(..end)?.to_vec();
    file.extend([0, 0x3b]);
    Some(file)
}

/// The end of the file, if a chain of sub-blocks ends there with a whole one.
fn whole_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let first = at;
    while let Some(length) = bytes.get(at) {
        at += 1 + usize::from(*length);
    }
    (at == bytes.len() && at > first).then_some(at)
}

/// Whether a GIF has more than one frame.
pub(super) fn gif_is_animated(bytes: &[u8]) -> bool {
    const SCREEN_FLAGS: usize = 10;
    let mut frames = 0;
    let mut walk = || -> Option<()> {
        let mut at = 13 + color_table_bytes(*bytes.get(SCREEN_FLAGS)?);
        while frames < 2 {
            at = match *bytes.get(at)? {
                0x2c => {
                    frames += 1;
                    let table = color_table_bytes(*bytes.get(at + 9)?);
                    gif_blocks_end(bytes, at + 10 + table + 1)?
                }
                0x21 => gif_blocks_end(bytes, at + 2)?,
                0x3b => return None,
                _ => at + 1,
            };
        }
        None
    };
    let _ = walk();
    frames > 1
}

fn color_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// The position after a chain of sub-blocks, which ends with an empty one.
fn gif_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// The end according to the RIFF header.
fn webp_end(bytes: &[u8]) -> Option<usize> {
    8_usize.checked_add(little_endian_u32(bytes, 4)? as usize)
}

/// The end of the rows of pixels, or of the compressed data.
fn bmp_end(bytes: &[u8]) -> Option<usize> {
    const CORE_HEADER_BYTES: u32 = 12;
    let pixels_at = u64::from(little_endian_u32(bytes, 10)?);
    let (width, height, bits, compression) = if little_endian_u32(bytes, 14)? == CORE_HEADER_BYTES {
        let [width, height] = [18, 20].map(|at| little_endian_u16(bytes, at).map(u64::from));
        (width?, height?, little_endian_u16(bytes, 24)?, 0)
    } else {
        let width = little_endian_u32(bytes, 18)? as i32;
        // A negative height means that rows are stored from the top.
        let height = little_endian_u32(bytes, 22)? as i32;
        (
            u64::from(width.unsigned_abs()),
            u64::from(height.unsigned_abs()),
            little_endian_u16(bytes, 28)?,
            little_endian_u32(bytes, 30)?,
        )
    };
    let data_bytes = match compression {
        // Run-length encoded: the header states the number of bytes.
        1 | 2 => u64::from(little_endian_u32(bytes, 34)?),
        // Rows are padded to four bytes.
        _ => (width * u64::from(bits))
            .div_ceil(32)
            .checked_mul(4 * height)?,
    };
    usize::try_from(pixels_at.checked_add(data_bytes)?).ok()
}

fn little_endian_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn little_endian_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_marker_of_a_jpeg_thumbnail_is_not_the_end() {
        // An application segment of six bytes that holds an end marker.
        let mut bytes = b"\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd9".to_vec();
        assert!(complete(ImageFormat::Jpeg, &bytes).is_err());
        bytes.extend(b"\xff\xda\x00\x02data\xff\x00data\xff\xd0data");
        assert!(complete(ImageFormat::Jpeg, &bytes).is_err());
        bytes.extend(b"\xff\xff\xd9junk");
        assert!(complete(ImageFormat::Jpeg, &bytes).is_ok());
    }

    #[test]
    fn no_bytes_make_the_walk_panic_or_loop_for_ever() {
        let formats = [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::Gif,
            ImageFormat::WebP,
            ImageFormat::Bmp,
        ];
        for format in formats {
            for fill in [0, 0x21, 0x2c, 0x7f, 0xff] {
                for length in 0..64 {
                    let bytes = vec![fill; length];
                    let _ = (complete(format, &bytes), gif_is_animated(&bytes));
                }
            }
        }
    }
}
