//! Amounts of memory and sizes of files, for people.

use std::fmt;

/// A number of bytes, displayed in KiB, MiB or GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = self.0 as f64 / 1024.0;
        let (size, unit) = match kib {
            0.0..1024.0 => (kib, "KiB"),
            1024.0..1_048_576.0 => (kib / 1024.0, "MiB"),
            _ => (kib / 1_048_576.0, "GiB"),
        };
        let digits = usize::from(unit == "GiB" || size < 9.95);
        f.pad(&format!("{size:.digits$} {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_or_more() {
        for (bytes, text) in [
            (0, "0.0 KiB"),
            (10 * 1024, "10 KiB"),
            (3 << 19, "1.5 MiB"),
            (700 << 20, "700 MiB"),
            (25 << 29, "12.5 GiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(format!("{:>9}", Bytes(1024)), "  1.0 KiB");
    }
}
