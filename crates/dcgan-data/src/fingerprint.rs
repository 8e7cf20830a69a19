//! The fingerprint of a data set, and the hash it is made with.

use std::fmt;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The hash of a picture's bytes, or of its bare pixels.
pub(crate) fn content_hash(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// Hashes a sequence of values.
#[derive(Clone)]
pub(crate) struct Hasher(Xxh3);

impl Hasher {
    pub fn new() -> Self {
        Self(Xxh3::new())
    }

    /// Adds bytes with their length, so that `ab`, `c` differs from `a`, `bc`.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// The hash of all values so far.
    pub fn finish(&self) -> u64 {
        self.0.digest()
    }
}

/// Identifies the names and contents of a data set's pictures, in order. It does not depend on
/// where the data set lies, how it is stored, or the options it is loaded with.
///
/// Fingerprints are stored as text. Those of packs and runs from before xxh3 was used are
/// 64-bit FNV-1a hashes without a prefix: they cannot be compared with newer ones.
///
/// ```
/// use dcgan_data::Fingerprint;
///
/// let stored = Fingerprint::from_text("xxh3:00c0ffee00c0ffee");
/// let old = Fingerprint::from_text("603e3a1e1f4c3a62");
/// assert_eq!(stored.matches(&stored), Some(true));
/// assert_eq!(stored.matches(&old), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

/// What the text of an xxh3 fingerprint begins with.
const XXH3: &str = "xxh3:";

impl Fingerprint {
    /// The fingerprint of pictures given by their names and the hashes of their contents.
    pub(crate) fn of_pictures<Name: AsRef<str>>(
        pictures: impl IntoIterator<Item = (Name, u64)>,
    ) -> Self {
        let mut hasher = Hasher::new();
        for (name, content) in pictures {
            hasher.bytes(name.as_ref().as_bytes()).number(content);
        }
        Self(format!("{XXH3}{:016x}", hasher.finish()))
    }

    /// A fingerprint that was stored as text. Text that is not a fingerprint matches only itself.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The fingerprint that a pack of the first schema stores as a number.
    pub(crate) fn from_fnv(hash: u64) -> Self {
        Self(format!("{hash:016x}"))
    }

    /// Whether two fingerprints are of the same pictures; `None` if they were made with different
    /// hashes and cannot be compared.
    pub fn matches(&self, other: &Self) -> Option<bool> {
        let kind = |fingerprint: &Self| fingerprint.0.starts_with(XXH3);
        (kind(self) == kind(other)).then(|| self == other)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_contents_in_order_make_the_fingerprint() {
        let of = |pictures: &[(&str, u64)]| Fingerprint::of_pictures(pictures.iter().copied());
        let fingerprint = of(&[("a", 1), ("b", 2)]);
        assert_eq!(fingerprint.matches(&of(&[("a", 1), ("b", 2)])), Some(true));
        for other in [
            of(&[("b", 2), ("a", 1)]),
            of(&[("a", 2), ("b", 2)]),
            of(&[("a", 1)]),
            of(&[("ab", 1), ("", 2)]),
        ] {
            assert_eq!(fingerprint.matches(&other), Some(false));
        }
    }

    #[test]
    fn a_stored_fingerprint_is_read_back() {
        let fingerprint = Fingerprint::of_pictures([("a", 1)]);
        assert!(fingerprint.to_string().starts_with("xxh3:"));
        assert_eq!(
            Fingerprint::from_text(&fingerprint.to_string()),
            fingerprint
        );
    }

    #[test]
    fn the_hash_never_changes() {
        // From the reference implementation.
        assert_eq!(content_hash(b""), 0x2d06_8005_38d3_94c2);
        assert_eq!(Hasher::new().finish(), content_hash(b""));
    }

    #[test]
    fn fingerprints_of_different_hashes_are_not_compared() {
        let [old, other] = [1, 2].map(Fingerprint::from_fnv);
        assert_eq!(old.matches(&other), Some(false));
        assert_eq!(old.matches(&old), Some(true));
        assert_eq!(old.matches(&Fingerprint::of_pictures([("a", 1)])), None);
    }
}
