//! What may be trained on: the drawn faces, and what is in the folders that were named at the start.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::Failure;

/// Something to train on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    /// Its name in requests.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where it is; none for the drawn faces.
    #[schema(value_type = Option<String>)]
    pub path: Option<PathBuf>,
}

/// The drawn faces.
pub const DEMO: &str = "demo";

/// Endings of files that hold a data set.
const FILES: [&str; 10] = [
    "zip", "tar", "tgz", "gz", "zst", "parquet", "npy", "npz", "mat", "pack",
];

/// The most entries of one folder that are offered.
const MOST_ENTRIES: usize = 500;

/// All there is to train on: the drawn faces, each folder, and the folders and data sets in it.
pub fn choices(roots: &[PathBuf]) -> Vec<Choice> {
    let mut choices = vec![Choice {
        id: DEMO.to_owned(),
        name: "drawn faces".to_owned(),
        path: None,
    }];
    for (number, root) in roots.iter().enumerate() {
        choices.push(Choice {
            id: number.to_string(),
            name: name_of(&root.canonicalize().unwrap_or_else(|_| root.clone())),
            path: Some(root.clone()),
        });
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        let mut below: Vec<PathBuf> = entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()))
            .map(|entry| entry.path())
            .filter(|path| is_offered(path))
            .collect();
        below.sort();
        below.truncate(MOST_ENTRIES);
        choices.extend(below.into_iter().map(|path| Choice {
            id: format!("{number}/{}", name_of(&path)),
            name: name_of(&path),
            path: Some(path),
        }));
    }
    choices
}

/// The word of the command line for a choice. A name from a request only ever chooses among those that are
/// offered.
///
/// # Errors
/// If it is not offered.
pub fn find(roots: &[PathBuf], id: &str) -> Result<PathBuf, Failure> {
    let mut offered = choices(roots).into_iter();
    match offered.find(|choice| choice.id == id) {
        Some(Choice { path, .. }) => Ok(path.unwrap_or_else(|| PathBuf::from(DEMO))),
        None => Err(Failure::NotFound(format!(
            "'{id}' is not among the data that this studio may use: name its folder with --data at the start"
        ))),
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn is_offered(path: &Path) -> bool {
    if name_of(path).starts_with('.') {
        return false;
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    path.is_dir() || ending.is_some_and(|ending| FILES.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_named_folders_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("pictures");
        for below in ["cats", "dogs", ".hidden"] {
            fs::create_dir_all(root.join(below)).unwrap();
        }
        for file in ["faces.zip", "letter.txt"] {
            fs::write(root.join(file), "").unwrap();
        }
        fs::create_dir(folder.path().join("secret")).unwrap();
        let roots = [root.clone()];
        let ids: Vec<String> = choices(&roots)
            .into_iter()
            .map(|choice| choice.id)
            .collect();
        assert_eq!(ids, ["demo", "0", "0/cats", "0/dogs", "0/faces.zip"]);
        assert_eq!(find(&roots, "demo"), Ok(PathBuf::from("demo")));
        assert_eq!(find(&roots, "0/cats"), Ok(root.join("cats")));
        for outside in ["0/../secret", "0/.hidden", "1", "/etc", "0/letter.txt", ""] {
            assert!(find(&roots, outside).is_err(), "{outside}");
        }
    }
}
