//! Which files count as pictures by their names, and which are not looked at.

/// Endings of picture files, in lower case. The actual format is detected from the content.
const PICTURE_EXTENSIONS: [&str; 15] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif", "tif", "tiff", "pgm", "ppm",
    "pbm", "pnm",
];

/// Endings of files that are not opened to see whether they are pictures: there may be as many of
/// them as pictures.
const OTHER_EXTENSIONS: [&str; 14] = [
    "json", "txt", "xml", "csv", "tsv", "md", "html", "yaml", "yml", "toml", "py", "cls", "npy",
    "parquet",
];

/// The components of a name. Some Windows programs write `\` into archives.
pub(super) fn parts(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(['/', '\\'])
}

/// Whether a file, or a folder above it, is hidden or an operating system's own.
pub(super) fn is_ignored(name: &str) -> bool {
    let is_hidden = |part: &str| part.starts_with('.') && part != "." && part != "..";
    is_systems_own(name) || parts(name).any(is_hidden)
}

/// Whether a file is an operating system's own, such as macOS' `._a.jpg` beside `a.jpg`.
pub(super) fn is_systems_own(name: &str) -> bool {
    const NAMES: [&str; 3] = ["__MACOSX", "Thumbs.db", "desktop.ini"];
    parts(name).any(|part| {
        part.starts_with("._") || NAMES.iter().any(|name| part.eq_ignore_ascii_case(name))
    })
}

/// Whether a name has a picture's ending.
pub(super) fn is_picture_name(name: &str) -> bool {
    extension(name).is_some_and(|ending| PICTURE_EXTENSIONS.contains(&ending.as_str()))
}

/// Whether a name has an ending that no picture has.
pub(super) fn is_no_picture_name(name: &str) -> bool {
    extension(name).is_some_and(|ending| OTHER_EXTENSIONS.contains(&ending.as_str()))
}

/// What follows the last dot of a file's name, in lower case.
pub(super) fn extension(name: &str) -> Option<String> {
    let (stem, ending) = parts(name).next_back()?.rsplit_once('.')?;
    let is_ending = !stem.is_empty() && (1..=16).contains(&ending.len());
    is_ending.then(|| ending.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_recognised_by_their_endings_in_any_case() {
        for name in [
            "a.jpg", "a/b.JPEG", "a.b.Png", "x.webp", "x.bmp", "x.GIF", "x.tif",
        ] {
            assert!(is_picture_name(name), "{name}");
        }
        for name in ["a.txt", "jpg", "a.jpg/b", "a.", "a.jpg.zip", ""] {
            assert!(!is_picture_name(name), "{name}");
        }
    }

    #[test]
    fn hidden_and_system_files_are_ignored_at_any_depth() {
        for name in [
            ".a.jpg",
            "a/.b/c.jpg",
            "__MACOSX/a/._b.jpg",
            "a/Thumbs.db",
            ".DS_Store",
        ] {
            assert!(is_ignored(name), "{name}");
        }
        for name in ["a.jpg", "../a.jpg", "./a.jpg", "a..b/c.jpg"] {
            assert!(!is_ignored(name), "{name}");
        }
    }
}
