//! Finding runs, and what is in one.

use std::fs;
use std::path::{Path, PathBuf};

use super::run_directory::RunDirectory;

/// Folders in folders are searched this deep.
const DEPTH: u32 = 3;

impl RunDirectory {
    /// The directories of the runs in a folder and up to three levels below it, or of the one that the folder
    /// is, by name. Links are not followed, as one may lead in a circle.
    pub fn find_all(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        find(folder, DEPTH, &mut found);
        found
    }

    /// The bytes of all files in it. What cannot be read counts as nothing; links are not followed.
    pub fn bytes(&self) -> u64 {
        bytes_below(self.path())
    }

    /// The steps of the reports whose grid of fakes is there, in order.
    pub fn reported_steps(&self) -> Vec<u64> {
        let step = |name: &str| -> Option<u64> {
            name.strip_prefix("step-")?
                .strip_suffix(".png")?
                .parse()
                .ok()
        };
        let entries = fs::read_dir(self.samples()).into_iter().flatten().flatten();
        let mut steps: Vec<u64> = entries
            .filter_map(|entry| step(entry.file_name().to_str()?))
            .collect();
        steps.sort_unstable();
        steps
    }
}

fn find(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    if RunDirectory::open_shared(folder).is_ok() {
        found.push(folder.to_owned());
        return;
    }
    if depth == 0 {
        return;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let mut below: Vec<PathBuf> = entries
        .filter(is_folder)
        .map(|entry| entry.path())
        .collect();
    below.sort();
    for folder in below {
        find(&folder, depth - 1, found);
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(found) = entry.metadata() else {
            continue;
        };
        bytes += if found.is_dir() {
            bytes_below(&entry.path())
        } else {
            found.len()
        };
    }
    bytes
}
