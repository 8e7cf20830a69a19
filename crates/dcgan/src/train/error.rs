//! What can stop a training.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::checkpoint::FileError;
use crate::config::ConfigError;
use crate::device::DeviceError;
use crate::model::ModelError;
use crate::ranks::RanksError;
use dcgan_data::DataError;

/// Why a training could not start or go on.
#[derive(Debug, Error)]
pub enum TrainError {
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The device cannot do what is asked of it.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The pictures cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A checkpoint or weight file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Networks that cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The folder of a new run is that of an old one.
    #[error("{path} already holds a run: go on with it by `dcgan train --resume {path}`, or name another folder with --out", path = .0.display())]
    HoldsARun(PathBuf),
    /// Something of the name of a run's file is in the way.
    #[error("{path} is already there and is no run's: name another folder with --out", path = .0.display())]
    NameTaken(PathBuf),
    /// The folder of a new run cannot be made or written to.
    #[error("cannot write {path}: {source}; free it, or name another folder with --out", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no run to go on with.
    #[error("{path} holds no run (no config.toml): give the folder that `dcgan train` made", path = .0.display())]
    NoRun(PathBuf),
    /// Data without enough pictures to go on with.
    #[error(
        "{source_name} has {pictures} pictures now, fewer than the run's batch of {batch_size}: put the pictures back, or begin another run"
    )]
    FewerThanABatch {
        /// Where they come from.
        source_name: String,
        /// How many there are.
        pictures: usize,
        /// How many a batch has.
        batch_size: usize,
    },
    /// No checkpoint can be read.
    #[error("no checkpoint in {path} can be read, {newest}; begin another run", path = .path.display())]
    NoCheckpoint {
        /// The run folder.
        path: PathBuf,
        /// What is wrong with the newest one.
        newest: FileError,
    },
    /// The run has ended.
    #[error("the run in {path} is complete at step {step}: go on with more --epochs or --steps than that", path = .path.display())]
    Complete {
        /// The run folder.
        path: PathBuf,
        /// Its last step.
        step: u64,
    },
    /// A `config.toml` that does not parse.
    #[error("{path} cannot be used: {source}", path = .path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ConfigError,
    },
    /// `config.toml` describes other networks than the checkpoint holds.
    #[error("{config} describes other networks than {checkpoint} holds: undo the change", config = .config.display(), checkpoint = .checkpoint.display())]
    OtherNetworks {
        /// The edited configuration.
        config: PathBuf,
        /// The newest checkpoint that can be read.
        checkpoint: PathBuf,
    },
    /// Too few pictures for a batch of two.
    #[error("{0} has one usable picture, and a batch needs two: add pictures")]
    TooFewPictures(String),
    /// The networks are no numbers any more, whatever the noise.
    #[error(
        "losses or weights became infinite or NaN at step {step}, as they did before at {}: each time the training went back and took other noise, at most {} times; the checkpoints are from before it; begin another run with a lower --learning-rate",
        words(.refused), .refused.len()
    )]
    NotFinite {
        /// The step.
        step: u64,
        /// The steps that were refused before.
        refused: Vec<u64>,
    },
    /// The ranks cannot train together.
    #[error(transparent)]
    Ranks(#[from] RanksError),
    /// A rank that reads other pictures.
    #[error(
        "{rank} finds other pictures in {source_name} than rank 0: copy the same files to every machine"
    )]
    OtherPictures {
        /// Which one.
        rank: String,
        /// Where the pictures come from.
        source_name: String,
    },
    /// A rank whose networks are not those of the others.
    #[error(
        "the networks of {rank} differ from those of the other ranks at step {step}, which only a fault of its machine or of this program explains: go on from the last checkpoint with --resume, without that machine"
    )]
    RankDiffers {
        /// Which one.
        rank: String,
        /// The step.
        step: u64,
    },
    /// Another process has the run.
    #[error("another process trains in {path}: wait for it, stop it, or name another folder with --out", path = .0.display())]
    InUse(PathBuf),
    /// The folder of the run is no longer where it was.
    #[error("{path} has gone, and nothing of step {step} could be saved: put it back and go on with `dcgan train --resume {path}`, or begin another run; with --on-write-error continue the folder is made anew", path = .path.display())]
    Gone {
        /// The run folder.
        path: PathBuf,
        /// The step.
        step: u64,
    },
    /// A file of the run folder.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// `step 5`, or `steps 5, 7 and 9`.
fn words(steps: &[u64]) -> String {
    let words: Vec<String> = steps.iter().map(u64::to_string).collect();
    match words.split_last() {
        None => "no other step".to_owned(),
        Some((only, [])) => format!("step {only}"),
        Some((last, others)) => format!("steps {} and {last}", others.join(", ")),
    }
}

impl TrainError {
    /// Whether the disk is to blame, and may do better later.
    pub(super) fn is_of_the_disk(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::Gone { .. } | Self::File(FileError::Io { .. })
        )
    }

    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Io {
            action: "read",
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Io {
            action: "write",
            path: path.to_owned(),
            source,
        }
    }
}
