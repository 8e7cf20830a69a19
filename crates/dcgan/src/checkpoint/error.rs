//! What can be wrong with a weight file or a checkpoint.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::FileKind;
use crate::model::ModelError;

/// Why a file could not be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file or its folder cannot be reached.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bytes are no safetensors file, or only a part of one.
    #[error("{path} is damaged or no weight file ({reason}): take another checkpoint or an intact copy", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// A safetensors file of another program.
    #[error("{path} is a safetensors file without a dcgan configuration: dcgan reads the files that it wrote itself", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file of PyTorch.
    #[error("{path} is a file of PyTorch: `dcgan import {path} -o {output}` makes a file of it that dcgan reads", path = .path.display(), output = .path.with_extension("safetensors").display())]
    PyTorch {
        /// The file.
        path: PathBuf,
    },
    /// A file of another version's form.
    #[error("{path} has schema {found}, and this program reads schemas up to {known}: take the dcgan version that wrote it", path = .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u64,
        /// The schema of this version.
        known: u32,
    },
    /// A folder, a device or a pipe.
    #[error("{path} is no file: give a checkpoint, a generator.safetensors or a run folder", path = .path.display())]
    NoFile {
        /// What is there.
        path: PathBuf,
    },
    /// A file that holds something else.
    #[error("{path} is a {found}, and a {needed} is needed", path = .path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: FileKind,
        /// What would do.
        needed: &'static str,
    },
    /// A folder without a trained generator.
    #[error("{path} is a folder without a generator.safetensors: give a run folder that has reported once, a checkpoint, or a generator file", path = .path.display())]
    NoGenerator {
        /// The folder.
        path: PathBuf,
    },
    /// Tensors that do not belong to the file's own configuration.
    #[error("{path} is damaged: {source}", path = .path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: ModelError,
    },
}
