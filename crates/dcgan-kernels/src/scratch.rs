//! Scratch memory that is reused between calls.
//!
//! Training repeats the same layers thousands of times; allocating their buffers each time would
//! cost page faults comparable to the arithmetic of narrow layers.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

thread_local! {
    static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Floats of a cache line. Buffers are aligned to one.
const LINE: usize = 16;

/// Runs `work` with a buffer of `len` elements whose contents are left over from earlier use.
/// It is aligned to a cache line, so that no vector crosses two.
///
/// A buffer in use is not in the free list, so calls may nest, even when a thread that waits
/// inside `work` runs another task.
pub(crate) fn with<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut buffer = take(len);
    if buffer.len() < len + LINE {
        // not resized: the system clears fresh memory, page by page, when it is first touched
        drop(buffer);
        buffer = vec![0.0; len + LINE];
    }
    let start = buffer.as_ptr().align_offset(LINE * size_of::<f32>());
    let result = work(&mut buffer[start.min(LINE)..][..len]);
    FREE.with_borrow_mut(|free| free.push(buffer));
    result
}

/// The smallest free buffer that is large enough, else the largest.
fn take(len: usize) -> Vec<f32> {
    FREE.with_borrow_mut(|free| {
        let fitting = (0..free.len()).filter(|&i| free[i].len() >= len + LINE);
        let best = fitting
            .min_by_key(|&i| free[i].len())
            .or_else(|| (0..free.len()).max_by_key(|&i| free[i].len()));
        best.map(|i| free.swap_remove(i)).unwrap_or_default()
    })
}

/// Owned memory that is aligned to a cache line.
#[derive(Debug)]
pub(crate) struct AlignedBuffer {
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

impl AlignedBuffer {
    /// Room for `len` numbers, all zero.
    pub fn new(len: usize) -> Self {
        let memory = vec![0.0_f32; len + LINE];
        let start = memory.as_ptr().align_offset(LINE * size_of::<f32>());
        let start = start.min(LINE);
        Self { memory, start, len }
    }
}

impl Deref for AlignedBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[self.start..][..self.len]
    }
}

impl DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..][..self.len]
    }
}
