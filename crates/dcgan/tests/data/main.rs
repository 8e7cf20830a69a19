//! From folders and archives of real files to batches.

mod archives;
mod batches;
mod folders;
mod pictures;
mod support;
mod transform;
