//! Finding runs, and what is in one.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::run_directory::RunDirectory;

/// Folders in folders are searched this deep.
const DEPTH: u32 = 3;

impl RunDirectory {
    /// The directories of the runs in a folder and up to three levels below it, or of the one that the folder
    /// is, by name. A link to a run elsewhere is one of them; links to other folders are not followed, as one
    /// may lead in a circle.
    pub fn find_all(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        find(folder, DEPTH, &mut found);
        found.sort();
        let real = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let (links, runs): (Vec<_>, Vec<_>) = found.into_iter().partition(|path| path.is_symlink());
        let mut seen: HashSet<PathBuf> = runs.iter().map(real).collect();
        // a run that is in the folder itself is not shown a second time
        let elsewhere = links.into_iter().filter(|link| seen.insert(real(link)));
        let mut all: Vec<PathBuf> = elsewhere.chain(runs).collect();
        all.sort();
        all
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
    for entry in entries {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            find(&entry.path(), depth - 1, found);
        } else if kind.is_symlink() {
            find(&entry.path(), 0, found);
        }
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_linked_run_is_found_once_and_a_link_in_a_circle_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = place.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("config.toml"), "").unwrap();
            path
        };
        let elsewhere = make("elsewhere/big");
        let runs = place.path().join("runs");
        let near = make("runs/near");
        symlink(&elsewhere, runs.join("big")).unwrap();
        symlink(&elsewhere, runs.join("big-again")).unwrap();
        symlink(&near, runs.join("latest")).unwrap();
        symlink(&runs, runs.join("circle")).unwrap();
        symlink(runs.join("gone"), runs.join("dangling")).unwrap();
        let found = RunDirectory::find_all(&runs);
        assert_eq!(found, [runs.join("big"), near]);
    }
}
