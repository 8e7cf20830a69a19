//! What can go wrong with data, in words for the person who gave it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A picture that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    #[error("{path} does not exist; give a folder of pictures or a zip archive of pictures")]
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

    /// The path names a file that holds neither pictures nor an archive.
    #[error("{path} is neither a folder nor a zip archive; give one of these")]
    NotAFolderOrZip {
        /// The path as given.
        path: PathBuf,
    },

    /// The file's name ends in `.zip`, its content is something else.
    #[error(
        "{path} is named .zip, but its content is not a zip archive; download it again or give a folder"
    )]
    NotAZip {
        /// The path as given.
        path: PathBuf,
    },

    /// The archive's table of contents is missing or broken.
    #[error("{path} is a truncated or damaged zip archive ({reason}); download or copy it again")]
    DamagedZip {
        /// The path as given.
        path: PathBuf,
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
