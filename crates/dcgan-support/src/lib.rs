//! What the crates of `dcgan` share: atomic file writes, files opened with care, positioned reads,
//! keyed random numbers, NumPy's headers, errors with a path, sizes and text for people,
//! the mark of our pictures, the median, and traces of host activity.
//!
//! Not meant to be used on its own: its interface changes whenever `dcgan` needs it to.

pub mod atomic_file;
pub mod bytes;
mod early_sync;
pub mod median;
pub mod npy;
pub mod path_error;
pub mod picture_mark;
pub mod printable;
pub mod random;
pub mod read_at;
pub mod regular_file;
pub mod trace;
pub mod unfinished;
