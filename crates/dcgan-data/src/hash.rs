//! The hash that tells changed data from unchanged data.

/// What a hash of nothing is.
pub(super) const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a 64-bit FNV-1a hash (Fowler, Noll, Vo).
pub(super) fn hash(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, &byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Continues a hash with a text, so that `ab` and `c` are not `a` and `bc`.
pub(super) fn hash_text(state: u64, text: &str) -> u64 {
    let state = hash(state, &(text.len() as u64).to_le_bytes());
    hash(state, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the authors' list of test vectors.
        assert_eq!(hash(HASH_START, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(HASH_START, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(HASH_START, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
