//! Why a picture cannot be used, in our words: a decoder's own are about its insides.

use std::io;

use image::{ImageError, ImageFormat};

use super::content::{Content, HEAD_BYTES, content};

/// The reasons that begin like this are those of damaged files, which can be downloaded again.
const DAMAGE: [&str; 3] = ["is truncated", "is corrupt", "is an empty file"];

/// Whether a picture cannot be used because its file is damaged.
pub(crate) fn is_damage(reason: &str) -> bool {
    DAMAGE.iter().any(|beginning| reason.starts_with(beginning))
}

/// Describes bytes that are not a supported picture.
pub(crate) fn describe(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let text = head.trim_ascii_start();
    match content(head) {
        Content::LfsPointer => {
            return "is a pointer of Git LFS and not the picture: run `git lfs pull`".to_owned();
        }
        Content::Unread(format) => {
            return format!("is {format}, which is not read: convert it");
        }
        Content::Picture(_) | Content::Other => {}
    }
    if bytes.is_empty() {
        "is an empty file".to_owned()
    } else if head.iter().all(|&byte| byte == 0) {
        "is not a picture: it begins with zeros".to_owned()
    } else if text.starts_with(b"<") {
        "is not a picture but an HTML or XML page".to_owned()
    } else if head
        .iter()
        .all(|&byte| byte >= 32 || byte.is_ascii_whitespace())
    {
        "is not a picture but text".to_owned()
    } else {
        "is not a picture".to_owned()
    }
}

/// Why a decoder failed.
pub(super) fn of_error(format: ImageFormat, error: ImageError) -> String {
    let name = name(format);
    match error {
        ImageError::Unsupported(_) => format!(
            "is a {name} of a rare kind, which is not read: save it again with another program"
        ),
        ImageError::Limits(_) => "is too large to be decoded: reduce it".to_owned(),
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "is truncated: it ends within its pixels".to_owned()
        }
        _ => format!("is corrupt: its {name} data is invalid"),
    }
}

fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Pnm => "PNM",
        _ => "BMP",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_pictures_are_described() {
        let cases: [(&[u8], &str); 7] = [
            (b"", "empty"),
            (b"\n <!DOCTYPE html>", "HTML"),
            (b"hello", "text"),
            (&[0; 100], "zeros"),
            (&[7, 1, 200, 3], "not a picture"),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                "is HEIC, which is not read",
            ),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                "git lfs pull",
            ),
        ];
        for (bytes, expected) in cases {
            let reason = describe(bytes);
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn only_damaged_files_can_be_downloaded_again() {
        assert!(is_damage("is truncated: it ends within its pixels"));
        assert!(is_damage("is corrupt: its PNG data is invalid"));
        assert!(!is_damage("is HEIC, which is not read: convert it"));
        assert!(!is_damage("is too large to be decoded: reduce it"));
    }
}
