//! Scratch memory that is kept between calls.
//!
//! Training repeats the same layers thousands of times; asking the system for their buffers
//! anew each time would cost page faults comparable to the arithmetic of narrow layers.

use std::cell::RefCell;

thread_local! {
    static FREE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` with a buffer of `len` elements whose contents are left over from earlier use.
///
/// A buffer in use is not in the free list, so calls may nest, also when a thread that waits
/// inside `work` runs another task.
pub(crate) fn with<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut buffer = take(len);
    if buffer.len() < len {
        buffer.resize(len, 0.0);
    }
    let result = work(&mut buffer[..len]);
    FREE.with_borrow_mut(|free| free.push(buffer));
    result
}

/// The smallest free buffer that is large enough, else the largest one there is.
fn take(len: usize) -> Vec<f32> {
    FREE.with_borrow_mut(|free| {
        let fitting = (0..free.len()).filter(|&i| free[i].len() >= len);
        let best = fitting
            .min_by_key(|&i| free[i].len())
            .or_else(|| (0..free.len()).max_by_key(|&i| free[i].len()));
        best.map(|i| free.swap_remove(i)).unwrap_or_default()
    })
}
