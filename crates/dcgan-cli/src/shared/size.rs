//! Sizes on disk.

use std::fs;
use std::path::Path;

/// Bytes in a unit that people read.
pub fn human(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    let mut size = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = next;
    }
    if size < 10.0 {
        format!("{size:.1} {unit}")
    } else {
        format!("{size:.0} {unit}")
    }
}

/// The bytes of all files below a folder. What cannot be read counts as nothing; links are not
/// followed.
pub fn of_folder(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(found) = entry.metadata() else {
            continue;
        };
        bytes += if found.is_dir() {
            of_folder(&entry.path())
        } else {
            found.len()
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_or_more() {
        assert_eq!(human(0), "0.0 KiB");
        assert_eq!(human(10 * 1024), "10 KiB");
        assert_eq!(human(3 << 19), "1.5 MiB");
        assert_eq!(human(5 << 40), "5120 GiB");
    }
}
