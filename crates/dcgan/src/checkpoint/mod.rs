//! What a run leaves behind in files: weights that other programs can read, and
//! checkpoints that a training goes on from.
//!
//! Both are safetensors files with a [`FileHeader`] in their metadata, so a file
//! says itself what it is and how its networks are built.

mod checksum;
mod error;
mod header;
mod read;
mod write;

pub use error::FileError;
pub use header::{DataSummary, FileHeader, FileKind};
pub use read::{Checkpoint, WeightFile};
pub use write::{save_checkpoint, save_discriminator, save_generator};
