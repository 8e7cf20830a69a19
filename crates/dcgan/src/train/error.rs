//! What can stop a training.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::loss_plot::PlotError;
use crate::checkpoint::FileError;
use crate::config::ConfigError;
use crate::data::DataError;
use crate::model::ModelError;

/// Why a training could not start or go on.
#[derive(Debug, Error)]
pub enum TrainError {
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pictures cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A checkpoint or weight file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Networks that cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The plot cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The folder of a new run is that of an old one.
    #[error("{path} already holds a run: go on with it by `dcgan train --resume {path}`, or name another folder with --out", path = .0.display())]
    HoldsARun(PathBuf),
    /// There is no run to go on with.
    #[error("{path} holds no run (no config.toml): give the folder that `dcgan train` made", path = .0.display())]
    NoRun(PathBuf),
    /// No checkpoint can be read.
    #[error("{path} holds no checkpoint that can be read{because}: start the run again in another folder with --out", path = .path.display())]
    NoCheckpoint {
        /// The run folder.
        path: PathBuf,
        /// What is wrong with the newest one, if there is one.
        because: String,
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
    #[error("{path} does not parse: {source}", path = .path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ConfigError,
    },
    /// Too few pictures for a batch of two.
    #[error("{0} has one usable picture, and a batch needs two: add pictures")]
    TooFewPictures(String),
    /// The losses are no numbers any more.
    #[error(
        "the losses became infinite or NaN at step {step}: the newest checkpoint is from before it; start again with a lower --learning-rate"
    )]
    NotFinite {
        /// The step.
        step: u64,
    },
    /// A file of the run folder.
    #[error("cannot {action} {path}: {source}{advice}", path = .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
        /// What to do, with a leading `: `.
        advice: &'static str,
    },
}

impl TrainError {
    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Io {
            action: "read",
            path: path.to_owned(),
            source,
            advice: "",
        }
    }

    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        let advice = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "; make room and go on with --resume"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "; name a folder that you may write to with --out"
            }
            _ => "",
        };
        Self::Io {
            action: "write",
            path: path.to_owned(),
            source,
            advice,
        }
    }
}
