//! The fingerprint of a data set.

use super::hash::{HASH_START, hash, hash_text};

/// A hash over the names and contents of pictures in order.
#[derive(Debug)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub fn new() -> Self {
        Self(HASH_START)
    }

    pub fn add(&mut self, name: &str, content: u64) {
        self.0 = hash(hash_text(self.0, name), &content.to_le_bytes());
    }

    pub fn value(&self) -> u64 {
        self.0
    }
}
