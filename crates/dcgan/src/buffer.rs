//! The memory of tensors, reused from step to step.
//!
//! A training step allocates the same tensors as the step before it. If their memory went back to
//! the system in between, it would have to be mapped and zeroed again, which costs about as much as
//! batch norm. So the memory of a dropped tensor is kept for the next one.
//!
//! There is one pool for the process. Of each size it holds at most as much as was in use at the
//! same time, since memory is only allocated when none that fits is free; [`release`] empties it.

#![expect(
    unsafe_code,
    reason = "Burn takes memory that it did not allocate through an unsafe interface"
)]

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use burn::tensor::{AllocationProperty, Bytes};
use burn_std::{AccessError, AccessPolicy, AllocationController};

/// Buffers of fewer values than this are not pooled.
const MIN_POOLED_LEN: usize = 1 << 14;

/// The values in a cache line. Buffers start on one, so that no SIMD vector spans two.
const CACHE_LINE: usize = 16;

/// The memory that waits to be reused.
static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// Returns all free memory to the system, before work that needs other sizes.
pub(crate) fn release() {
    FREE.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Memory for `len` values. They are arbitrary at first: what its last use left there.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// The values are `len` from `start` on; the rest is unused.
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    pub fn new(len: usize) -> Self {
        let pooled = if len < MIN_POOLED_LEN {
            None
        } else {
            take(len + CACHE_LINE)
        };
        let memory = pooled.unwrap_or_else(|| vec![0.0; len + CACHE_LINE]);
        let start = memory.as_ptr().align_offset(CACHE_LINE * size_of::<f32>());
        Self {
            start: start.min(CACHE_LINE),
            memory,
            len,
        }
    }

    /// Turns the memory into that of a tensor, which returns it to the pool when it is dropped.
    pub fn into_bytes(self) -> Bytes {
        let bytes = self.len * size_of::<f32>();
        // SAFETY: all of the `bytes` that `memory` shows are numbers, hence initialised.
        unsafe { Bytes::from_controller(Box::new(self), bytes) }
    }
}

/// The smallest free memory that is large enough, and at most twice as large as needed.
fn take(len: usize) -> Option<Vec<f32>> {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = (0..free.len()).filter(|&i| (len..=2 * len).contains(&free[i].len()));
    let best = fitting.min_by_key(|&i| free[i].len())?;
    Some(free.swap_remove(best))
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len >= MIN_POOLED_LEN {
            let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
            free.push(std::mem::take(&mut self.memory));
        }
    }
}

impl AsRef<[f32]> for Buffer {
    fn as_ref(&self) -> &[f32] {
        self
    }
}

impl AsMut<[f32]> for Buffer {
    fn as_mut(&mut self) -> &mut [f32] {
        self
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[self.start..][..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..][..self.len]
    }
}

impl AllocationController for Buffer {
    fn alloc_align(&self) -> usize {
        align_of::<f32>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    unsafe fn memory_mut(
        &mut self,
        _: AccessPolicy,
    ) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self[..]);
        let (start, len) = (bytes.as_mut_ptr().cast(), bytes.len());
        // SAFETY: the same bytes for as long as `self` is borrowed; the caller promises to write
        // none that is not initialised.
        Ok(unsafe { std::slice::from_raw_parts_mut(start, len) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let bytes: &[u8] = bytemuck::cast_slice(&self[..]);
        // SAFETY: the same bytes for as long as `self` is borrowed, to be read alone.
        Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_reused_after_its_tensor_is_dropped() {
        let len = 3 * MIN_POOLED_LEN + 7; // which no other test takes
        let mut first = Buffer::new(len);
        first.fill(2.5);
        let place = first.as_ptr();
        let bytes = first.into_bytes();
        let values: &[f32] = bytemuck::cast_slice(&bytes);
        assert!(values.len() == len && values.iter().all(|&value| value == 2.5));
        drop(bytes);
        assert_eq!(Buffer::new(len).as_ptr(), place);
    }

    #[test]
    fn buffers_start_on_a_cache_line() {
        for len in [1, 100, MIN_POOLED_LEN, MIN_POOLED_LEN + 1] {
            assert_eq!(Buffer::new(len).as_ptr() as usize % 64, 0);
        }
    }
}
