use thiserror::Error;

use crate::checkpoint::FileError;
use crate::config::ConfigError;
use crate::device::DeviceError;
use crate::evaluation::InceptionFileError;
use crate::latent::{ExpressionError, LatentFileError, SeedListError};
use crate::memory::MemoryError;
use crate::model::ModelError;
use crate::pytorch::ImportError;
use crate::ranks::RanksError;
use crate::sample::TruncationError;
use crate::train::TrainError;
use dcgan_data::DataError;
use dcgan_evaluate::EvaluationError;

/// Any error of this crate, for code that reports errors instead of matching them. Each variant is
/// the error type of one area.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// An invalid setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A device cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The pictures cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A network cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A training cannot start or continue.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A training does not fit into memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Processes cannot train together.
    #[error(transparent)]
    Ranks(#[from] RanksError),
    /// A weight file or checkpoint cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A PyTorch file cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Latent vectors cannot be truncated.
    #[error(transparent)]
    Truncation(#[from] TruncationError),
    /// A list of seeds cannot be parsed.
    #[error(transparent)]
    SeedList(#[from] SeedListError),
    /// An expression of seeds cannot be parsed.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// A file of latent vectors cannot be read or written.
    #[error(transparent)]
    LatentFile(#[from] LatentFileError),
    /// Inception's weights cannot be used.
    #[error(transparent)]
    Inception(#[from] InceptionFileError),
    /// Pictures cannot be evaluated.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A picture cannot be encoded or saved.
    #[error(transparent)]
    Picture(#[from] image::ImageError),
    /// A file of the caller cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
