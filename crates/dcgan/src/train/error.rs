//! Why a training cannot start or continue.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::checkpoint::FileError;
use crate::config::{Change, Changes, ConfigError};
use crate::device::DeviceError;
use crate::evaluation::InceptionFileError;
use crate::model::ModelError;
use crate::ranks::RanksError;
use dcgan_data::DataError;
use dcgan_evaluate::EvaluationError;
use dcgan_support::path_error::PathError;

/// Why a training cannot start or continue.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An invalid setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The device cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The pictures cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A picture can no longer be read. Everything up to here is saved.
    #[error("stopped at step {step}, with everything saved: {source}")]
    Lost {
        /// The last step.
        step: u64,
        /// What happened to the picture.
        source: DataError,
    },
    /// A checkpoint or weight file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Inception's weights cannot be used.
    #[error(transparent)]
    Inception(#[from] InceptionFileError),
    /// The fakes cannot be evaluated.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The networks cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The ranks cannot train together.
    #[error(transparent)]
    Ranks(#[from] RanksError),
    /// A file of the run directory cannot be read or written.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The directory of a new run already holds one.
    #[error("{path} already holds a run", path = .0.display())]
    HoldsARun(PathBuf),
    /// A file that a run would write already exists, without a run.
    #[error("{path} already exists and does not belong to a run", path = .0.display())]
    NameTaken(PathBuf),
    /// The directory of a new run cannot be created or written to.
    #[error("cannot write {path}: {source}", path = .path.display())]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// There is no run to resume.
    #[error("{path} holds no run (no config.toml)", path = .0.display())]
    NoRun(PathBuf),
    /// Another process trains in the run directory.
    #[error("another process trains in {path}", path = .0.display())]
    InUse(PathBuf),
    /// Another process trains in the run directory, whose lock file was removed.
    #[error("another process trains in {path}, or has done so, since its run.lock was removed", path = .0.display())]
    LockLost(PathBuf),
    /// All steps of the run are made.
    #[error("the run in {path} is complete at step {step}", path = .path.display())]
    Complete {
        /// The run directory.
        path: PathBuf,
        /// The last step.
        step: u64,
    },
    /// None of the checkpoints can be read.
    #[error("no checkpoint in {path} can be read: {newest}", path = .path.display())]
    NoCheckpoint {
        /// The run directory.
        path: PathBuf,
        /// What is wrong with the newest one.
        newest: FileError,
    },
    /// There are no checkpoints any more.
    #[error("no checkpoint is left in {path}, whose generator has made {step} steps", path = .path.display())]
    CheckpointsGone {
        /// The run directory.
        path: PathBuf,
        /// The steps of its generator.
        step: u64,
    },
    /// `config.toml` is invalid.
    #[error("cannot use {path}: {source}", path = .path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ConfigError,
    },
    /// `config.toml` and all intact checkpoints differ in settings that a run keeps.
    #[error("{config} does not belong to {checkpoint}, the newest checkpoint: {changes}", config = .config.display(), checkpoint = .checkpoint.display(), changes = Changes(.changes))]
    OtherSettings {
        /// The configuration, which was perhaps edited.
        config: PathBuf,
        /// The newest intact checkpoint.
        checkpoint: PathBuf,
        /// From the checkpoint's settings to those of the configuration.
        changes: Vec<Change>,
    },
    /// The networks of the checkpoint to start from are not those of the run.
    #[error("the networks of {path} are others: {changes}", path = .path.display(), changes = Changes(.changes))]
    OtherNetworks {
        /// The checkpoint to start from.
        path: PathBuf,
        /// From its settings to those of the run.
        changes: Vec<Change>,
    },
    /// There are too few pictures for a batch of two.
    #[error("{0} has one usable picture, but a batch needs two")]
    TooFewPictures(String),
    /// There are too few pictures to resume the run.
    #[error(
        "{source_name} now has {pictures} pictures, fewer than the run's batch of {batch_size}"
    )]
    FewerThanABatch {
        /// Where the pictures come from.
        source_name: String,
        /// The number of pictures.
        pictures: usize,
        /// The number of pictures in a batch.
        batch_size: usize,
    },
    /// The run was rolled back several times, and is NaN or infinite again.
    #[error(
        "losses or weights became NaN or infinite at step {step}, as before at {steps}, although \
         the run was rolled back {count} times and took other noise each time",
        steps = Steps(refused),
        count = refused.len()
    )]
    NotFinite {
        /// The step.
        step: u64,
        /// The steps that were refused before, one for each rollback.
        refused: Vec<u64>,
    },
    /// A rank has read other pictures.
    #[error("{rank} finds other pictures in {source_name} than rank 0")]
    OtherPictures {
        /// The rank.
        rank: String,
        /// Where the pictures come from.
        source_name: String,
    },
    /// The networks of a rank differ, because of a hardware fault or a bug.
    #[error("the networks of {rank} differ from those of the other ranks at step {step}")]
    RankDiffers {
        /// The rank.
        rank: String,
        /// The step.
        step: u64,
    },
    /// The run directory was removed.
    #[error("{path} is missing, and nothing of step {step} could be saved", path = .path.display())]
    DirectoryMissing {
        /// The run directory.
        path: PathBuf,
        /// The step.
        step: u64,
    },
}

/// `step 5`, or `steps 5, 7 and 9`.
struct Steps<'a>(&'a [u64]);

impl fmt::Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.0.iter().map(u64::to_string).collect();
        match steps.split_last() {
            None => f.write_str("no step"),
            Some((only, [])) => write!(f, "step {only}"),
            Some((last, others)) => write!(f, "steps {} and {last}", others.join(", ")),
        }
    }
}

impl TrainError {
    /// Whether a file could not be written, which may succeed later.
    pub(super) fn is_write_error(&self) -> bool {
        matches!(
            self,
            Self::Path(_) | Self::DirectoryMissing { .. } | Self::File(FileError::Path(_))
        )
    }

    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        PathError::read(path, source).into()
    }

    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        PathError::write(path, source).into()
    }
}
