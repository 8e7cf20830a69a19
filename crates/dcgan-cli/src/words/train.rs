//! Errors of starting, resuming and running a training.

use std::io;

use dcgan::train::TrainError;

use crate::shared::quoted::quoted;

pub fn hint(error: &TrainError) -> Option<String> {
    let hint = match error {
        TrainError::HoldsARun(path) => {
            let path = quoted(path);
            return Some(format!(
                "resume it with `dcgan train --resume {path}`, or name another directory with --out"
            ));
        }
        TrainError::NameTaken(_) => "name another directory with --out",
        TrainError::NotWritable { source, .. } => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room, or name another directory with --out"
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "a file is in the way: name another directory with --out"
            }
            _ => "make it writable, or name another directory with --out",
        },
        TrainError::NoRun(_) => "give a directory that `dcgan train` created",
        TrainError::InUse(_) => "wait for it or stop it, or name another directory with --out",
        TrainError::LockLost(_) => {
            "this training has stopped and written nothing more: the run is that of the other one"
        }
        TrainError::Complete { .. } => "give a larger --epochs or --steps to train on",
        TrainError::NoCheckpoint { .. } => "start another run",
        TrainError::CheckpointsGone { .. } => {
            "put its checkpoints/ back, or start another run; its generator still draws"
        }
        TrainError::OtherSettings { .. } => {
            "undo the change in config.toml, or remove the checkpoint if it is of another run; for \
             other settings start another run"
        }
        TrainError::OtherNetworks { .. } => {
            "leave these options out, and the networks are those of --start-from"
        }
        TrainError::TooFewPictures(_) => "add pictures",
        TrainError::FewerThanABatch { .. } => "put the pictures back, or start another run",
        TrainError::NotFinite { .. } => {
            "the checkpoints are intact; start another run with a lower `--learning-rate`"
        }
        TrainError::OtherPictures { .. } => "copy the same files to every machine",
        TrainError::RankDiffers { .. } => {
            "its hardware is faulty, or this is a bug: resume from the last checkpoint with \
             --resume, without that machine"
        }
        TrainError::DirectoryMissing { path, .. } => {
            let path = quoted(path);
            return Some(format!(
                "put it back and resume with `dcgan train --resume {path}`, or start another run; \
                 --on-write-error continue would create it again"
            ));
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
