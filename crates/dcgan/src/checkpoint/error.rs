//! What can be wrong with a weight file or a checkpoint.

use std::path::PathBuf;

use thiserror::Error;

use super::FileKind;
use crate::config::{Change, Changes};
use crate::model::ModelError;
use crate::sample::Drawn;
use dcgan_support::path_error::PathError;
use dcgan_support::regular_file::NotRegular;

/// Why a weight file or a checkpoint cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system cannot read or write the file.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The bytes are no safetensors file, or only part of one.
    #[error("{path} is damaged or no weight file ({reason})", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A safetensors file of another program.
    #[error("{path} is a safetensors file without a dcgan configuration", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file of PyTorch.
    #[error("{path} is a file of PyTorch", path = .path.display())]
    PyTorch {
        /// The file.
        path: PathBuf,
    },
    /// A network for other programs.
    #[error("{path} is an ONNX model, which is for other programs", path = .path.display())]
    Onnx {
        /// The file.
        path: PathBuf,
    },
    /// The schema of a newer version.
    #[error("{path} has schema {found}, but only schemas up to {known} are supported", path = .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u64,
        /// The newest schema that is supported.
        known: u32,
    },
    /// A folder, a device or a pipe.
    #[error("cannot read {path}: {found}", path = .path.display())]
    NotAFile {
        /// Where it is.
        path: PathBuf,
        /// What is there.
        found: NotRegular,
    },
    /// A file that holds something else.
    #[error("{path} is a {found}, but a {needed} is needed", path = .path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: FileKind,
        /// What is needed.
        needed: &'static str,
    },
    /// A checkpoint of another run than the folder's.
    #[error("{path} is a checkpoint of another run: {changes}", path = .path.display(), changes = Changes(.changes))]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// From its settings to those of the run.
        changes: Vec<Change>,
    },
    /// Weights that are finite, but so large that what they draw is not.
    #[error("{path} has weights so large that its pictures are NaN or infinite", path = .path.display())]
    DrawsNoNumbers {
        /// The file.
        path: PathBuf,
    },
    /// Weights that no training gives, with which no pictures are drawn.
    #[error("{path} has weights of up to {largest:.0e}, and {drawn}", path = .path.display())]
    Senseless {
        /// The file.
        path: PathBuf,
        /// What is drawn.
        drawn: Drawn,
        /// The largest absolute value of a weight.
        largest: f32,
    },
    /// Weights that 16 bits cannot hold.
    #[error("tensor '{name}' has weights of up to {largest:.0e}, and 16 bits hold at most 65504")]
    TooLargeForHalf {
        /// The tensor.
        name: String,
        /// The largest absolute value of a weight.
        largest: f32,
    },
    /// A folder without a trained generator.
    #[error("{path} is a folder without a generator.safetensors", path = .path.display())]
    NoGenerator {
        /// The folder.
        path: PathBuf,
    },
    /// A run that has not made its first report, which writes its networks.
    #[error("{path} is a run without a report, and so without networks", path = .path.display())]
    NoReport {
        /// The run directory.
        path: PathBuf,
        /// Whether it is being trained.
        is_in_use: bool,
    },
    /// A checkpoint of a training that kept no average of the generator's weights.
    #[error("{path} has no average of weights: it draws with those of its step as it is", path = .path.display())]
    NoAverage {
        /// The file.
        path: PathBuf,
    },
    /// Tensors that do not fit the file's own configuration.
    #[error("{path} is damaged: {source}", path = .path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: ModelError,
    },
}
