//! Prefetching.
//!
//! A processor predicts sequential reads by itself, but panels end after a few pages and continue
//! elsewhere.

#![expect(
    unsafe_code,
    reason = "the instruction takes a pointer, though it never faults"
)]

use bytemuck::Pod;

/// Words of 32 bits in a cache line.
const LINE: usize = 16;

/// Begins to fetch a row of words of 32 bits into the innermost cache.
#[inline(always)]
pub(crate) fn prefetch<Word, const N: usize>(row: &[Word; N]) {
    const { assert!(size_of::<Word>() == 4) }
    for line in row.chunks_exact(LINE) {
        fetch(&line[0]);
    }
}

/// Begins to fetch stored rows, whose words are cache lines, into the innermost cache.
#[inline(always)]
pub(crate) fn prefetch_rows<T: Pod>(rows: &[T]) {
    let words: &[u32] = bytemuck::cast_slice(rows);
    for line in words.chunks_exact(LINE) {
        fetch(&line[0]);
    }
}

/// Begins to fetch the line with the value at `index`, if there is one, into the innermost
/// cache.
#[inline(always)]
pub(crate) fn prefetch_from(values: &[f32], index: usize) {
    if let Some(value) = values.get(index) {
        fetch(value);
    }
}

/// Does nothing on processors without a stable instruction for it.
#[inline(always)]
fn fetch<Word>(value: &Word) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint that changes nothing but caches, with the address of a living value;
        // every x86-64 processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
