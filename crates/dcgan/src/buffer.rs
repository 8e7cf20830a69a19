//! The memory of tensors, kept from step to step.
//!
//! A training step makes the same tensors as the step before it. Given back to the system in
//! between, their memory would have to be mapped and cleared each time, which costs about as
//! much as batch norm. So what a tensor leaves behind waits here for the next one.

#![expect(
    unsafe_code,
    reason = "Burn takes memory that it did not allocate through an unsafe interface"
)]

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use burn::tensor::{AllocationProperty, Bytes};
use burn_std::{AccessError, AccessPolicy, AllocationController};

/// Buffers of fewer values than this are left to the system.
const SMALLEST: usize = 1 << 14;

/// Values of a cache line, on which buffers start, so that no vector lies across two.
const LINE: usize = 16;

/// What waits for its next use.
static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// Gives all that waits back to the system: before work that needs other sizes.
pub(crate) fn release() {
    FREE.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Memory for `len` values, which are whatever its last use left there.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// `len` values from `start` on; the rest is never looked at.
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    pub fn of(len: usize) -> Self {
        let waiting = match len < SMALLEST {
            true => None,
            false => take(len + LINE),
        };
        let memory = waiting.unwrap_or_else(|| vec![0.0; len + LINE]);
        let start = memory.as_ptr().align_offset(LINE * size_of::<f32>());
        Self {
            start: start.min(LINE),
            memory,
            len,
        }
    }

    /// Hands the memory to a tensor, which gives it back when it is dropped.
    pub fn into_bytes(self) -> Bytes {
        let bytes = self.len * size_of::<f32>();
        // SAFETY: all of the `bytes` that `memory` shows are numbers, hence initialised.
        unsafe { Bytes::from_controller(Box::new(self), bytes) }
    }
}

/// The smallest waiting memory that is large enough, and not more than twice too large.
fn take(len: usize) -> Option<Vec<f32>> {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = (0..free.len()).filter(|&i| (len..=2 * len).contains(&free[i].len()));
    let best = fitting.min_by_key(|&i| free[i].len())?;
    Some(free.swap_remove(best))
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len >= SMALLEST {
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
    fn a_buffer_is_used_again_after_its_tensor_is_dropped() {
        let len = 3 * SMALLEST + 7; // which no other test takes
        let mut first = Buffer::of(len);
        first.fill(2.5);
        let place = first.as_ptr();
        let bytes = first.into_bytes();
        let values: &[f32] = bytemuck::cast_slice(&bytes);
        assert!(values.len() == len && values.iter().all(|&value| value == 2.5));
        drop(bytes);
        assert_eq!(Buffer::of(len).as_ptr(), place);
    }

    #[test]
    fn buffers_start_on_a_cache_line() {
        for len in [1, 100, SMALLEST, SMALLEST + 1] {
            assert_eq!(Buffer::of(len).as_ptr() as usize % 64, 0);
        }
    }
}
