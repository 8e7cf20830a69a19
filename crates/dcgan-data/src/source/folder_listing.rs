//! What is in a folder, at any depth: pictures, and the files that may be other data sets.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dcgan_support::picture_mark;
use dcgan_support::regular_file::NotRegular;
use walkdir::{DirEntry, WalkDir};

use super::file_names::{is_ignored, is_picture_name};
use super::files::{file_name, head, unreadable};
use super::formats::celeba;
use super::listing::{Listed, Listing};
use super::stamp::Stamp;
use crate::decode::HEAD_BYTES;
use crate::error::DataError;
use crate::left_out::LeftOutReason;

/// Data sets are found in a folder and up to three levels below it: torchvision's MNIST is in
/// `data/MNIST/raw`.
const DATA_SET_DEPTH: usize = 4;

/// Hidden folders that hold no pictures of the user.
const NO_DATA: [&str; 8] = [
    ".git",
    ".svn",
    ".hg",
    ".cache",
    ".venv",
    ".idea",
    ".vscode",
    ".thumbnails",
];

/// The endings of files that may be data sets or parts of them.
const DATA_SET_ENDINGS: [&str; 13] = [
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".parquet", ".mdb", ".lmdb", ".mat",
    ".npz", ".npy", ".bin",
];

/// What is in a folder.
#[derive(Clone, Debug)]
pub(super) struct FolderListing {
    /// The path of each picture.
    pub pictures: Listing<PathBuf>,
    /// Files, by their names' endings, that may be data sets, in order of their paths.
    data_files: Vec<DataFile>,
    /// The state of the pictures' files.
    pub stamp: Stamp,
}

/// A file that may be a data set.
#[derive(Clone, Debug)]
struct DataFile {
    path: PathBuf,
    /// 1 for a file in the folder itself.
    depth: usize,
}

impl FolderListing {
    /// Lists the files below `path`. Links are followed, except those that lead back to a folder
    /// above; a run directory is left out.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`] if `path` itself cannot be listed. A folder below it that cannot
    /// be listed is skipped with a reason.
    pub fn of(path: &Path) -> Result<Self, DataError> {
        fs::read_dir(path).map_err(|source| unreadable(path, source))?;
        let mut walker = Walker {
            root: path,
            listing: Listing::new(),
            data_files: Vec::new(),
        };
        let mut walk = WalkDir::new(path).follow_links(true).into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if walker.leaves_out(&entry) {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry) if entry.file_type().is_file() => walker.add_file(entry)?,
                Ok(entry) => walker.skip_special(&entry),
                Err(error) => walker.add_error(&error),
            }
        }
        let Walker {
            mut listing,
            mut data_files,
            ..
        } = walker;
        listing.sort();
        data_files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self {
            stamp: listing.places().map(|(stamp, _)| *stamp).collect(),
            pictures: listing.map_places(|(_, path)| path),
            data_files,
        })
    }

    /// The files with one of these endings, in the folder or a few levels below it.
    pub fn data_files(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let near = |file: &&DataFile| file.depth <= DATA_SET_DEPTH;
        let near = self.data_files.iter().filter(near);
        let wanted = near.filter(|file| is_wanted(&file_name(&file.path)));
        wanted.map(|file| file.path.clone()).collect()
    }

    /// The files with this ending at any depth.
    pub fn files_ending_in(&self, ending: &str) -> Vec<PathBuf> {
        let files = self.data_files.iter().map(|file| &file.path);
        files
            .filter(|path| file_name(path).to_lowercase().ends_with(ending))
            .cloned()
            .collect()
    }
}

/// Whether a folder holds a run of this program, whose sample grids are not data.
pub(super) fn is_run(path: &Path) -> bool {
    path.join("config.toml").is_file() && path.join("metrics.jsonl").is_file()
}

/// Collects what a walk through a folder finds.
struct Walker<'a> {
    root: &'a Path,
    listing: Listing<(Stamp, PathBuf)>,
    data_files: Vec<DataFile>,
}

impl Walker<'_> {
    /// Whether a folder is not listed. It is counted.
    fn leaves_out(&mut self, folder: &DirEntry) -> bool {
        let path = folder.path();
        let name = relative_name(self.root, path);
        if is_run(path) {
            self.listing.left_out.add(LeftOutReason::OwnRun, "", &name);
            return true;
        }
        if folder.depth() == 0 || !is_ignored(&file_name(path)) {
            return false;
        }
        let is_known = NO_DATA.contains(&file_name(path).as_str()) || file_name(path) == "__MACOSX";
        if !is_known {
            let left_out = &mut self.listing.left_out;
            left_out.add(LeftOutReason::Hidden, "folder", &name);
        }
        true
    }

    fn add_file(&mut self, entry: DirEntry) -> Result<(), DataError> {
        let name = relative_name(self.root, entry.path());
        let metadata = entry.metadata().ok();
        if is_own_preview(&entry) {
            let left_out = &mut self.listing.left_out;
            left_out.add(LeftOutReason::OwnPicture, "", &name);
            return Ok(());
        }
        if is_data_file(&file_name(entry.path())) && !is_ignored(&name) {
            self.data_files.push(DataFile {
                path: entry.path().to_owned(),
                depth: entry.depth(),
            });
        }
        let stamp = Stamp::of_entry(&name, metadata.as_ref());
        let size = metadata.map_or(0, |metadata| metadata.len());
        let path = entry.into_path();
        let first_bytes = || head(&path, HEAD_BYTES).unwrap_or_default();
        let place = (stamp, path.clone());
        self.listing.add(Listed { name, size }, place, first_bytes)
    }

    /// Records a pipe, a socket or a device, which is not even opened.
    fn skip_special(&mut self, entry: &DirEntry) {
        if let Some(found) = NotRegular::from_type(entry.file_type()) {
            let name = relative_name(self.root, entry.path());
            if !is_ignored(&name) {
                self.listing.skip(name, format!("cannot be read: {found}"));
            }
        }
    }

    fn add_error(&mut self, error: &walkdir::Error) {
        let (None, Some(path)) = (error.loop_ancestor(), error.path()) else {
            return;
        };
        let name = relative_name(self.root, path);
        if is_ignored(&name) {
            return;
        }
        let io_error = error.io_error();
        let is_broken_link = io_error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
        if is_broken_link && !is_picture_name(&name) {
            self.listing.add_other(&name);
        } else if is_broken_link {
            let reason = "is a link to a file that does not exist";
            self.listing.skip(name, reason.to_owned());
        } else {
            let cause = io_error.map_or_else(|| error.to_string(), io::Error::to_string);
            self.listing.skip(name, format!("cannot be read: {cause}"));
        }
    }
}

/// Whether a file is a preview as `dcgan data check` writes it. It is left out before the state of
/// the files is taken, so that writing it does not make the cache outdated. Other pictures of this
/// program are recognised when they are read.
fn is_own_preview(entry: &DirEntry) -> bool {
    if !file_name(entry.path()).ends_with("-preview.png") {
        return false;
    }
    let head = head(entry.path(), HEAD_BYTES).unwrap_or_default();
    picture_mark::is_output(&head, &[])
}

/// Whether a file may be a data set or say what one is, by its name.
fn is_data_file(name: &str) -> bool {
    if celeba::is_list(name) {
        return true;
    }
    let name = name.to_lowercase();
    let is_idx = name.contains("idx");
    let is_python_cifar = ["data_batch_1", "train", "meta", "batches.meta"].contains(&&*name);
    is_idx || is_python_cifar || DATA_SET_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The path below `root`, with `/` as separator on every system.
pub(super) fn relative_name(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
