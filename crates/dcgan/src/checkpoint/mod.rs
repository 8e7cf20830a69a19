//! Weight files that other programs can read, and checkpoints from which a training resumes.
//!
//! Both are safetensors files with a [`FileHeader`] in their metadata, which says what the file
//! holds and how its networks are built.

mod checksum;
mod error;
mod header;
mod read;
mod tensors;
mod write;

pub use error::FileError;
pub use header::{DataSummary, FileHeader, FileKind};
pub use read::{Checkpoint, WeightFile};
pub use write::{save_checkpoint, save_discriminator, save_generator, save_in_half};

/// Length of the number at the start of a file, which is the length of the header after it.
const LENGTH_BYTES: usize = 8;

/// What the names of the averaged weights begin with in checkpoints.
const AVERAGE: &str = "average.";

/// The name of the state that follows what steps measure.
const FEEDBACK: &str = "feedback";
