//! Scratch memory that is kept between calls.
//!
//! Training repeats the same layers thousands of times; asking the system for their buffers
//! anew each time would cost page faults comparable to the arithmetic of narrow layers.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

thread_local! {
    static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Floats of a cache line, on which buffers start.
const LINE: usize = 16;

/// Runs `work` with a buffer of `len` elements whose contents are left over from earlier use.
/// It starts on a cache line, so that no vector lies across two.
///
/// A buffer in use is not in the free list, so calls may nest, also when a thread that waits
/// inside `work` runs another task.
pub(crate) fn with<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut buffer = take(len);
    if buffer.len() < len + LINE {
        // Not resized: fresh memory is cleared by the system, where and when it is touched.
        drop(buffer);
        buffer = vec![0.0; len + LINE];
    }
    let start = buffer.as_ptr().align_offset(LINE * size_of::<f32>());
    let result = work(&mut buffer[start.min(LINE)..][..len]);
    FREE.with_borrow_mut(|free| free.push(buffer));
    result
}

/// The smallest free buffer that is large enough, else the largest one there is.
fn take(len: usize) -> Vec<f32> {
    FREE.with_borrow_mut(|free| {
        let fitting = (0..free.len()).filter(|&i| free[i].len() >= len + LINE);
        let best = fitting
            .min_by_key(|&i| free[i].len())
            .or_else(|| (0..free.len()).max_by_key(|&i| free[i].len()));
        best.map(|i| free.swap_remove(i)).unwrap_or_default()
    })
}

/// Memory that starts on a cache line and is kept by its owner.
#[derive(Debug)]
pub(crate) struct Kept {
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

impl Kept {
    /// Room for `len` numbers, all zero.
    pub fn new(len: usize) -> Self {
        let memory = vec![0.0_f32; len + LINE];
        let start = memory.as_ptr().align_offset(LINE * size_of::<f32>());
        let start = start.min(LINE);
        Self { memory, start, len }
    }
}

impl Deref for Kept {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[self.start..][..self.len]
    }
}

impl DerefMut for Kept {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..][..self.len]
    }
}
