//! What can go wrong with data, in words for the person who gave it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::source::{Format, Split};

/// A picture that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The picture's name within its folder or archive, with `/` between parts.
    pub name: String,
    /// Why it could not be used, in one line.
    pub reason: String,
}

impl fmt::Display for Skipped {
    /// `name: reason`, always on one line: control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}", self.name, self.reason);
        for character in line.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Why a data set could not be loaded or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Nothing is at the given path.
    #[error(
        "{path} does not exist; give a folder of pictures, a zip archive of pictures, or another data set"
    )]
    Missing {
        /// The path as given.
        path: PathBuf,
    },

    /// The path names one picture where many are needed.
    #[error("{path} is a single picture; give the folder that holds it, training needs many")]
    SinglePicture {
        /// The path as given.
        path: PathBuf,
    },

    /// A picture that cannot be used.
    #[error("{path} {reason}")]
    NoPicture {
        /// The path as given.
        path: PathBuf,
        /// Why not, as `is truncated`.
        reason: String,
    },

    /// The path names nothing that is known as a data set.
    #[error(
        "{path} is neither a folder nor a zip or tar archive nor another data set that is known; \
         `dcgan train --help` lists them"
    )]
    NotADataSet {
        /// The path as given.
        path: PathBuf,
    },

    /// The path is not what it was said to be.
    #[error("{path} is not of the format {format}: {reason}")]
    NotOfFormat {
        /// The path as given.
        path: PathBuf,
        /// The format that was asked for.
        format: Format,
        /// What speaks against it.
        reason: String,
    },

    /// CIFAR's pickled version.
    #[error(
        "{path} holds CIFAR's version for Python; download the binary version, whose name ends in -binary.tar.gz"
    )]
    PythonCifar {
        /// The path as given.
        path: PathBuf,
    },

    /// Parquet files, in a program without support for them.
    #[error("{path} is a parquet file, and this program was built without the feature `parquet`")]
    WithoutParquet {
        /// The first file.
        path: PathBuf,
    },

    /// There are no pictures of the split.
    #[error("{path} has no pictures of the split '{split}': {reason}; choose another --split")]
    NoSplit {
        /// The path as given.
        path: PathBuf,
        /// The split that was asked for, or train.
        split: Split,
        /// Why not.
        reason: String,
    },

    /// A list that goes with the pictures makes no sense.
    #[error("{path}, line {line}: {reason}; download the list again")]
    BadList {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },

    /// Pictures that can only be read in one go, and more than memory may hold.
    #[error(
        "{path} can only be read from its beginning to its end, and its pictures need more than \
         {limit} MiB of memory; train with the cache, or unpack it"
    )]
    NeedsCache {
        /// The path as given.
        path: PathBuf,
        /// The memory that pictures may take, in MiB.
        limit: u64,
    },

    /// A pack that was made with other options.
    #[error(
        "{path} was packed with {packed}, and {wanted} is asked for; pack the data again, or leave the option away"
    )]
    PackedOtherwise {
        /// The pack.
        path: PathBuf,
        /// How it was packed, such as `--image-size 64`.
        packed: String,
        /// What was asked for.
        wanted: String,
    },

    /// The file's name ends in `.zip`, its content is something else.
    #[error(
        "{path} is named .zip, but its content is not a zip archive; download it again or give a folder"
    )]
    NotAZip {
        /// The path as given.
        path: PathBuf,
    },

    /// A file ends too soon, or what it says cannot be.
    #[error("{path} is a truncated or damaged {what} ({reason}); download or copy it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should be, such as `zip archive`.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// Every picture in the archive needs a password.
    #[error("{path} is an encrypted zip archive; unpack it with its password and give the folder")]
    EncryptedZip {
        /// The path as given.
        path: PathBuf,
    },

    /// The operating system refused to open the path.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The folder or archive holds no files.
    #[error("{path} is empty; pictures are expected in it, at any depth ({supported})", supported = SUPPORTED)]
    Empty {
        /// The path as given.
        path: PathBuf,
    },

    /// There are files, but none is a picture.
    #[error("no pictures in {path}: saw {seen}; supported are {supported}", supported = SUPPORTED)]
    NoPictures {
        /// The path as given.
        path: PathBuf,
        /// What was there instead, such as `12 files: 10 .txt, 2 .csv`.
        seen: String,
    },

    /// So many pictures are bad that something must be wrong with the data.
    #[error("{bad} of {total} pictures in {path} cannot be used, {first}", bad = skipped.len(), first = first_reasons(skipped))]
    MostlyBad {
        /// The path as given.
        path: PathBuf,
        /// How many pictures there are, good and bad.
        total: usize,
        /// The bad ones.
        skipped: Vec<Skipped>,
    },

    /// A picture that was good when the data set was loaded is not any more.
    #[error(
        "{name} could be read when training began, but not now: {reason}; put it back or start again"
    )]
    PictureLost {
        /// The picture's name.
        name: String,
        /// Why it cannot be used now.
        reason: String,
    },

    /// The caller asked to stop.
    #[error("loading the pictures was interrupted")]
    Interrupted,

    /// A setting has a value that makes no sense.
    #[error("{0}")]
    InvalidOption(String),

    /// The data set cannot fill one batch.
    #[error(
        "a batch of {batch_size} needs at least as many pictures, the data has {pictures}; choose a smaller batch"
    )]
    BatchTooLarge {
        /// The batch size asked for.
        batch_size: usize,
        /// The number of pictures.
        pictures: usize,
    },

    /// A pack could not be written.
    #[error("cannot write {path}: {source}")]
    WritePack {
        /// The file to be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The list of skipped pictures could not be written.
    #[error("cannot write the list of skipped pictures to {path}: {source}")]
    WriteSkipped {
        /// The file to be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The operating system gave no thread to prepare batches on.
    #[error("cannot start the thread that prepares batches: {0}")]
    Thread(#[source] io::Error),
}

impl DataError {
    /// A damaged file, with its reason on one line.
    pub(super) fn damaged(path: &Path, what: &'static str, reason: &dyn fmt::Display) -> Self {
        let reason = reason.to_string();
        let words: Vec<&str> = reason.split_whitespace().collect();
        Self::Damaged {
            path: path.to_owned(),
            what,
            reason: words.join(" "),
        }
    }
}

/// The file name endings that mark a picture, for messages.
pub(super) const SUPPORTED: &str = ".jpg, .jpeg, .png, .webp, .bmp and .gif";

/// How many reasons a message shows before it only counts.
const REASONS_SHOWN: usize = 3;

fn first_reasons(skipped: &[Skipped]) -> String {
    let shown: Vec<String> = skipped
        .iter()
        .take(REASONS_SHOWN)
        .map(Skipped::to_string)
        .collect();
    match skipped.len() {
        0..=REASONS_SHOWN => shown.join("; "),
        _ => format!("first: {}", shown.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(name: &str) -> Skipped {
        Skipped {
            name: name.to_owned(),
            reason: "truncated".to_owned(),
        }
    }

    #[test]
    fn a_line_break_in_a_name_cannot_break_the_line() {
        assert_eq!(skipped("a\nb.jpg").to_string(), "a\\nb.jpg: truncated");
        assert_eq!(skipped("ä b.jpg").to_string(), "ä b.jpg: truncated");
    }

    #[test]
    fn many_bad_pictures_are_counted_and_the_first_reasons_shown() {
        let error = DataError::MostlyBad {
            path: PathBuf::from("faces"),
            total: 6,
            skipped: ["a", "b", "c", "d"].map(skipped).to_vec(),
        };
        assert_eq!(
            error.to_string(),
            "4 of 6 pictures in faces cannot be used, \
             first: a: truncated; b: truncated; c: truncated"
        );
    }
}
