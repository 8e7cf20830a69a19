//! What the crates of `dcgan` share: files written whole or not at all, positioned reads, random
//! numbers keyed by what they are for, errors with a path, the median, and traces of host activity.
//!
//! Not meant to be used by itself; its interface changes whenever `dcgan` needs it to.

pub mod atomic_file;
pub mod median;
pub mod path_error;
pub mod random;
pub mod read_at;
pub mod trace;
