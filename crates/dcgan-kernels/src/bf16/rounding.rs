//! Rounding to bf16, as the instructions `vcvtneps2bf16` and `vcvtne2ps2bf16` do it.

use super::PairRow;
use crate::blocks::Row;

/// The nearest number of bf16 in the upper 16 bits of the result, ties to even; the lower ones are
/// to be dropped. A denormal number becomes zero, and NaN stays NaN.
#[inline(always)]
fn round(value: f32) -> u32 {
    const SIGN: u32 = 1 << 31;
    const QUIET: u32 = 1 << 22;
    let bits = value.to_bits();
    let magnitude = bits & !SIGN;
    let rounded = bits.wrapping_add(0x7fff + ((bits >> 16) & 1));
    let rounded = if magnitude > f32::INFINITY.to_bits() {
        bits | QUIET
    } else {
        rounded
    };
    if magnitude < f32::MIN_POSITIVE.to_bits() {
        bits & SIGN
    } else {
        rounded
    }
}

/// Two numbers in a word.
#[inline(always)]
fn pair(low: f32, high: f32) -> u32 {
    (round(low) >> 16) | (round(high) & 0xffff_0000)
}

/// Rounds rows, with neighbours in a word.
#[inline(always)]
pub(super) fn store_rows(rows: &[Row], target: &mut [PairRow]) {
    for (row, target) in rows.iter().zip(target) {
        for (word, &[low, high]) in target.iter_mut().zip(row.as_chunks().0) {
            *word = pair(low, high);
        }
    }
}

/// Rounds rows, two into each two of the target, with values of the same channel in a word. A last
/// row without a partner gets one of zeros.
#[inline(always)]
pub(super) fn store_pairs(rows: &[Row], target: &mut [PairRow]) {
    let (pairs, last) = rows.as_chunks::<2>();
    let (targets, _) = target.as_chunks_mut::<2>();
    for ([low, high], target) in pairs.iter().zip(targets.iter_mut()) {
        store_pair(low, high, target);
    }
    if let ([row], Some(target)) = (last, targets.get_mut(pairs.len())) {
        store_pair(row, &[0.0; 32], target);
    }
}

#[inline(always)]
fn store_pair(low: &Row, high: &Row, target: &mut [PairRow; 2]) {
    let words = target.as_flattened_mut();
    for ((word, &low), &high) in words.iter_mut().zip(low).zip(high) {
        *word = pair(low, high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_nearest_of_eight_bits() {
        let rounded = |value: f32| f32::from_bits(round(value) & 0xffff_0000);
        assert_eq!(rounded(1.0), 1.0);
        assert_eq!(rounded(-1.003), -1.0);
        assert_eq!(rounded(1.005), 1.0078125);
        // halfway, to even
        assert_eq!(rounded(1.0 + 1.0 / 256.0), 1.0);
        assert_eq!(rounded(1.0 + 3.0 / 256.0), 1.0 + 4.0 / 256.0);
        assert_eq!(rounded(f32::MAX), f32::INFINITY);
        assert_eq!(rounded(f32::NEG_INFINITY), f32::NEG_INFINITY);
        assert_eq!(rounded(1e-39).to_bits(), 0.0_f32.to_bits());
        assert_eq!(rounded(-1e-39).to_bits(), (-0.0_f32).to_bits());
        assert!(rounded(f32::from_bits(0x7f80_0001)).is_nan());
        assert!(rounded(f32::from_bits(0xffff_ffff)).is_nan());
    }

    #[test]
    fn a_row_without_a_partner_gets_zeros() {
        let rows = [[1.0; 32], [2.0; 32], [3.0; 32]];
        let mut target = [[u32::MAX; 16]; 4];
        store_pairs(&rows, &mut target);
        assert_eq!(target[..2], [[0x4000_3f80; 16]; 2]);
        assert_eq!(target[2..], [[0x0000_4040; 16]; 2]);
    }
}
