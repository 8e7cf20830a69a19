//! Asking for memory before it is needed.
//!
//! A processor guesses what comes next while it reads on in a straight line, but panels end
//! after a few pages, and what follows lies elsewhere.

#![expect(
    unsafe_code,
    reason = "the instruction takes a pointer, though it never faults"
)]

use super::panels::Row;

/// Begins to fetch a row into the innermost cache. Nothing on processors without a stable
/// instruction for it.
#[inline(always)]
pub(super) fn prefetch(row: &Row) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 16;
        for line in row.chunks_exact(LINE) {
            // SAFETY: a hint that changes nothing but caches, with the address of a living
            // value; every x86-64 processor has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}
