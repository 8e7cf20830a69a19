//! What the program says about an error of the library.
//!
//! The library states facts and knows no command line. The flags and commands that help are named
//! here, in one file for each area of the library.

mod checkpoint;
mod config;
pub mod data;
pub mod device;
pub mod diagnosis;
mod evaluate;
mod explore;
mod export;
mod files;
mod fitting;
pub mod health;
mod inception;
mod memory;
mod model;
pub mod paths;
mod pytorch;
mod ranks;
pub mod report_table;
mod sample;
mod train;

pub use fitting::{set_flags, set_run};

use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use anyhow::Chain;
use dcgan::bench::BenchError;
use dcgan::checkpoint::FileError;
use dcgan::evaluation::InceptionFileError;
use dcgan::model::ModelError;
use dcgan::ranks::RanksError;
use dcgan::train::TrainError;
use dcgan_data::DataError;
use dcgan_explore::attributes::AttributeError;
use dcgan_explore::classification::ClassificationError;
use dcgan_explore::feature_file::FeatureFileError;
use dcgan_support::path_error::{Action, PathError};

use crate::shared::quoted::quoted;

/// A number of things: `1 step`, `2 steps`.
pub fn counted<N: fmt::Display + PartialEq + From<u8>>(number: N, thing: &str) -> String {
    let ending = if number == N::from(1) { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

/// An error in one line: what happened, its causes, each once, and what to do about it.
pub fn line(error: &anyhow::Error) -> String {
    line_of(error.as_ref())
}

/// As [`line`], for an error of the library.
pub fn line_of(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    for cause in Chain::new(error).skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    if let Some(meant) = meant(error) {
        return format!("{line}; did you mean {}?", quoted(&meant));
    }
    match hint(error).and_then(fitting::fitting) {
        Some(hint) => format!("{line}; {hint}"),
        None => line,
    }
}

/// The path that was probably meant by one that does not exist, or that is no run.
fn meant(error: &(dyn Error + 'static)) -> Option<PathBuf> {
    Chain::new(error).find_map(|cause| {
        let cause = inner(cause);
        if let Some(DataError::Missing { path }) = cause.downcast_ref() {
            return paths::meant(path);
        }
        if let Some(error @ PathError { path, .. }) = cause.downcast_ref() {
            let is_missing = error.source.kind() == io::ErrorKind::NotFound;
            let is_read = matches!(error.action, Action::Read);
            return (is_missing && is_read)
                .then(|| paths::meant(path))
                .flatten();
        }
        if let Some(FileError::NoGenerator { path }) = cause.downcast_ref() {
            return paths::run_named(path);
        }
        match cause.downcast_ref() {
            Some(TrainError::NoRun(path)) => paths::run_named(path),
            _ => None,
        }
    })
}

/// Whether rank 0 reports this error.
pub fn is_reported_by_root(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(
            inner(cause).downcast_ref(),
            Some(RanksError::ReportedByRoot)
        )
    })
}

/// What to do about an error: the hint for the first of its causes that has one.
fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    Chain::new(error).find_map(|cause| {
        let cause = inner(cause);
        None.or_else(|| cause.downcast_ref().and_then(checkpoint::hint))
            .or_else(|| cause.downcast_ref().and_then(config::hint))
            .or_else(|| cause.downcast_ref().and_then(data::hint))
            .or_else(|| cause.downcast_ref().and_then(device::hint))
            .or_else(|| cause.downcast_ref().and_then(files::path_hint))
            .or_else(|| cause.downcast_ref().and_then(evaluate::hint))
            .or_else(|| cause.downcast_ref().and_then(inception::hint))
            .or_else(|| cause.downcast_ref().and_then(files::hint))
            .or_else(|| cause.downcast_ref().and_then(memory::hint))
            .or_else(|| cause.downcast_ref().and_then(model::hint))
            .or_else(|| cause.downcast_ref().and_then(pytorch::hint))
            .or_else(|| cause.downcast_ref().and_then(ranks::hint))
            .or_else(|| cause.downcast_ref().and_then(sample::hint))
            .or_else(|| cause.downcast_ref().and_then(explore::attribute_hint))
            .or_else(|| cause.downcast_ref().and_then(explore::classification_hint))
            .or_else(|| cause.downcast_ref().and_then(explore::latent_file_hint))
            .or_else(|| cause.downcast_ref().and_then(export::page_hint))
            .or_else(|| cause.downcast_ref().and_then(train::hint))
    })
}

/// The error inside a transparent wrapper, which the chain of causes skips.
fn inner<'a>(cause: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    if let Some(error) = cause.downcast_ref::<TrainError>() {
        return match error {
            TrainError::Config(error) => error,
            TrainError::Data(error) => error,
            TrainError::Device(error) => error,
            TrainError::File(error) => inner(error),
            TrainError::Path(error) => error,
            TrainError::Inception(error) => inner(error),
            TrainError::Evaluation(error) => error,
            TrainError::Model(error) => inner(error),
            TrainError::Ranks(error) => error,
            _ => cause,
        };
    }
    if let Some(FileError::Path(error)) = cause.downcast_ref() {
        return error;
    }
    if let Some(error) = cause.downcast_ref::<InceptionFileError>() {
        return match error {
            InceptionFileError::Path(error) => error,
            InceptionFileError::Import(error) => error,
            _ => cause,
        };
    }
    if let Some(AttributeError::Data(error)) = cause.downcast_ref() {
        return error;
    }
    if let Some(ClassificationError::Data(error)) = cause.downcast_ref() {
        return error;
    }
    if let Some(FeatureFileError::Data(error)) = cause.downcast_ref() {
        return error;
    }
    if let Some(error) = cause.downcast_ref::<BenchError>() {
        return match error {
            BenchError::Model(error) => inner(error),
            BenchError::Range(error) => error,
            BenchError::Device(error) => error,
            BenchError::Memory(error) => error,
        };
    }
    match cause.downcast_ref::<ModelError>() {
        Some(ModelError::Config(error)) => error,
        _ => cause,
    }
}
