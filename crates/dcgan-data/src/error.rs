//! What can go wrong with data.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dcgan_support::regular_file;

use crate::decode::is_lfs_pointer;
use crate::format::Format;
use crate::options::PackedOptions;
use crate::skipped::Skipped;
use crate::split::Split;

/// Why a data set could not be loaded or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// There is nothing at the path.
    #[error(
        "{path} does not exist; a folder of pictures, a zip archive of pictures or another data set is expected"
    )]
    Missing {
        /// The path as given.
        path: PathBuf,
    },

    /// The path names one picture instead of a data set.
    #[error("{path} is a single picture; training needs many: use the folder that holds it")]
    SinglePicture {
        /// The path as given.
        path: PathBuf,
    },

    /// A picture file cannot be used.
    #[error("{path} {reason}")]
    BadPicture {
        /// The path as given.
        path: PathBuf,
        /// Why, such as `is truncated`.
        reason: String,
    },

    /// What is at the path is not a data set of a known format.
    #[error("{path} is neither a folder nor a zip or tar archive, nor any other known data set")]
    NotADataSet {
        /// The path as given.
        path: PathBuf,
    },

    /// What is at the path is not of the format asked for.
    #[error("{path} is not of the format {format}: {reason}")]
    NotOfFormat {
        /// The path as given.
        path: PathBuf,
        /// The format that was asked for.
        format: Format,
        /// Why it is not.
        reason: String,
    },

    /// What is at the path is a run, whose pictures are drawn.
    #[error(
        "{path} is a run of this program and no data set: what a network drew is no training data"
    )]
    IsRun {
        /// The path as given.
        path: PathBuf,
    },

    /// All pictures were drawn by this program.
    #[error(
        "all {pictures} pictures in {path} were drawn by this program: what a network drew is no training data"
    )]
    OwnOutput {
        /// The path as given.
        path: PathBuf,
        /// The number of pictures.
        pictures: usize,
    },

    /// What is at the path is a picture or video of a format that is not read.
    #[error("{path} is of a format that is not read: {format}")]
    UnreadFormat {
        /// The path as given.
        path: PathBuf,
        /// The format, such as `HEIC`.
        format: &'static str,
    },

    /// A file is only Git LFS's text about it.
    #[error("{path} is a pointer of Git LFS and not the file itself: run `git lfs pull` there")]
    LfsPointer {
        /// The file.
        path: PathBuf,
    },

    /// A data set lies in an archive, where it cannot be read.
    #[error(
        "{path} holds {what} ({name}), which cannot be read in an archive: unpack it and use the folder"
    )]
    PackedDataSet {
        /// The archive.
        path: PathBuf,
        /// What it holds, such as `an LMDB database`.
        what: &'static str,
        /// The first file of the data set.
        name: String,
    },

    /// An archive is compressed in a way that is not read.
    #[error(
        "{path} is compressed with {method}, which is not read: unpack it and use the folder, or pack it again with deflate"
    )]
    ZipMethod {
        /// The archive.
        path: PathBuf,
        /// The method, such as `bzip2`.
        method: &'static str,
    },

    /// An intact file does not hold pictures as they are expected.
    #[error("{path} cannot be used: {reason}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        reason: String,
    },

    /// CIFAR's pickled version.
    #[error(
        "{path} holds the Python version of CIFAR; download the binary version, whose name ends in -binary.tar.gz"
    )]
    PythonCifar {
        /// The path as given.
        path: PathBuf,
    },

    /// Parquet files, in a build without support for them.
    #[error("{path} is a parquet file, and this program was built without the feature `parquet`")]
    WithoutParquet {
        /// The first file.
        path: PathBuf,
    },

    /// There are no pictures of the split.
    #[error("{path} has no pictures of the split '{split}': {reason}")]
    NoSplit {
        /// The path as given.
        path: PathBuf,
        /// The split that was asked for, or the default.
        split: Split,
        /// Why there are none.
        reason: String,
    },

    /// A list that goes with the pictures is invalid.
    #[error("{path}, line {line}: {reason}; download the list again")]
    BadList {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },

    /// Pictures that can only be read sequentially, and do not fit into memory.
    #[error(
        "{path} can only be read from its beginning to its end, and its pictures need more than \
         {limit_mib} MiB of memory"
    )]
    NeedsCache {
        /// The path as given.
        path: PathBuf,
        /// The memory limit for pictures, in MiB.
        limit_mib: u64,
    },

    /// A pack was made with other options.
    #[error(
        "{path} was packed with {packed}, but {wanted} is asked for",
        packed = packed.difference_from(wanted),
        wanted = wanted.difference_from(packed)
    )]
    PackedOtherwise {
        /// The pack.
        path: PathBuf,
        /// The options it was packed with.
        packed: PackedOptions,
        /// The options asked for.
        wanted: PackedOptions,
    },

    /// The source to be packed is a pack.
    #[error("{path} is a pack already")]
    AlreadyPacked {
        /// The pack.
        path: PathBuf,
    },

    /// A pack was written by a newer version.
    #[error(
        "{path} has pack schema {schema}, and this version reads up to {newest}; pack the data again"
    )]
    PackTooNew {
        /// The pack.
        path: PathBuf,
        /// Its schema.
        schema: u32,
        /// The newest schema that can be read.
        newest: u32,
    },

    /// A file is named `.zip`, but its content is something else.
    #[error(
        "{path} is named .zip, but its content is not a zip archive; download it again or use a folder"
    )]
    NotAZip {
        /// The path as given.
        path: PathBuf,
    },

    /// A file is truncated or corrupt.
    #[error("{path} is a truncated or corrupt {kind} ({reason}); download or copy it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should be, such as `zip archive`.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// Every picture in the archive needs a password.
    #[error("{path} is an encrypted zip archive; unpack it with its password and use the folder")]
    EncryptedZip {
        /// The path as given.
        path: PathBuf,
    },

    /// A file in a tar archive has a map of holes that goes on behind its header.
    #[error(
        "{path} holds a file with more than four holes, which cannot be read; \
         write the archive without --sparse, or unpack it and use the folder"
    )]
    SparseTar {
        /// The path as given.
        path: PathBuf,
    },

    /// The operating system refuses to read the path.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// The folder or archive holds no files.
    #[error("{path} is empty; pictures are expected in it, at any depth ({supported})", supported = SUPPORTED)]
    Empty {
        /// The path as given.
        path: PathBuf,
    },

    /// There are files, but none is a picture.
    #[error("no pictures in {path}: found {seen}; supported are {supported}", supported = SUPPORTED)]
    NoPictures {
        /// The path as given.
        path: PathBuf,
        /// What is there instead, such as `12 files: 10 .txt, 2 .csv`.
        seen: String,
        /// The most frequent format of pictures that is not read.
        unread: Option<String>,
    },

    /// More than half of the pictures cannot be used.
    #[error("{bad} of {total} pictures in {path} cannot be used, {first}", bad = skipped.len(), first = first_reasons(skipped))]
    MostlyBad {
        /// The path as given.
        path: PathBuf,
        /// The number of pictures, good and bad.
        total: usize,
        /// The bad ones.
        skipped: Vec<Skipped>,
    },

    /// A picture that was good when the data set was loaded can no longer be read.
    #[error(
        "{name} could be read when the data was loaded, but no longer: {reason}; restore it or start again"
    )]
    PictureLost {
        /// The picture's name.
        name: String,
        /// Why it cannot be read.
        reason: String,
    },

    /// A picture in a pack is not as it was packed.
    #[error("{name} in {path} {reason}")]
    PackDamaged {
        /// The pack.
        path: PathBuf,
        /// The picture's name.
        name: String,
        /// What is wrong with it, such as `is missing: the file was truncated`.
        reason: String,
    },

    /// A picture in a pack that was made automatically is not as it was packed.
    #[error(
        "{name} in the cache {path} {reason}{}",
        if *is_removed { "; the cache was removed, and is made again the next time" } else { "" }
    )]
    CacheDamaged {
        /// The pack.
        path: PathBuf,
        /// The picture's name.
        name: String,
        /// What is wrong with it, such as `is missing: the file was truncated`.
        reason: String,
        /// Whether the pack could be removed.
        is_removed: bool,
    },

    /// The caller asked to stop.
    #[error("loading the pictures was interrupted")]
    Interrupted,

    /// The image size is outside the range that is supported.
    #[error("the image size must be 1 to 4096 pixels, not {0}")]
    ImageSize(u32),

    /// The number of channels is neither 1 nor 3.
    #[error("pictures have 1 channel (grey) or 3 (colour), not {0}")]
    Channels(usize),

    /// No faces are to be drawn.
    #[error("at least one face must be drawn")]
    NoFaces,

    /// More faces are to be drawn than is supported.
    #[error("{count} faces are too many: at most {limit} can be drawn")]
    TooManyFaces {
        /// The number of faces asked for.
        count: u32,
        /// The largest number of faces.
        limit: u32,
    },

    /// The source has more pictures than are supported.
    #[error("the data has more than {limit} pictures")]
    TooManyPictures {
        /// The largest number of pictures that is supported.
        limit: usize,
    },

    /// There is no picture of this index.
    #[error("there is no picture {index} among {pictures}")]
    NoSuchPicture {
        /// The index asked for, from 0.
        index: usize,
        /// The number of pictures.
        pictures: usize,
    },

    /// The batch size is 0.
    #[error("a batch needs at least one picture")]
    EmptyBatch,

    /// The data set cannot fill one batch.
    #[error("a batch of {batch_size} needs at least as many pictures, but the data has {pictures}")]
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
        /// The operating system's error.
        source: io::Error,
    },

    /// The list of skipped pictures could not be written.
    #[error("cannot write the list of skipped pictures to {path}: {source}")]
    WriteSkipped {
        /// The file to be written.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// A thread that reads pictures could not be started.
    #[error("cannot start a thread that reads pictures: {0}")]
    Thread(#[source] io::Error),
}

impl DataError {
    /// A truncated or corrupt file, with the reason on one line; or that it is a pointer of Git LFS.
    pub(crate) fn damaged(path: &Path, kind: &'static str, reason: &dyn fmt::Display) -> Self {
        if begins_as_lfs_pointer(path) {
            let path = path.to_owned();
            return Self::LfsPointer { path };
        }
        let reason = reason.to_string();
        let words: Vec<&str> = reason.split_whitespace().collect();
        Self::Damaged {
            path: path.to_owned(),
            kind,
            reason: words.join(" "),
        }
    }
}

fn begins_as_lfs_pointer(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = regular_file::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    read.is_ok() && is_lfs_pointer(&head)
}

/// The endings of picture files, for messages.
const SUPPORTED: &str = ".jpg, .png, .webp, .gif, .bmp, .tif, .pgm and .ppm";

/// The number of reasons that a message shows.
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

    #[test]
    fn bad_pictures_are_counted_and_the_first_reasons_shown() {
        let skipped = |name: &str| Skipped {
            name: name.to_owned(),
            reason: "truncated".to_owned(),
        };
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
