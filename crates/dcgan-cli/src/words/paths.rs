//! Names of files and folders that do not exist.

use std::fs;
use std::path::{Component, Path, PathBuf};

use dcgan::train::RunDirectory;

use crate::shared::quoted::quoted;
use crate::shared::similar::similar;

/// Folders with more entries are not searched to their end.
const MAX_ENTRIES: usize = 20_000;

/// The folder that `dcgan train` puts runs into.
const RUNS: &str = "runs";

/// What to do about a path that does not exist.
pub fn tip(path: &Path) -> String {
    let is_demo = || similar(path.to_str()?, ["demo"]).map(PathBuf::from);
    said(meant(path).or_else(is_demo))
}

/// As [`tip`], for the path of a run.
pub fn tip_for_run(path: &Path) -> String {
    let is_run = |path: &PathBuf| RunDirectory::open_shared(path).is_ok();
    let is_weights = |path: &PathBuf| path.extension().is_some_and(|name| name == "safetensors");
    let similar_run = || meant(&Path::new(RUNS).join(path)).filter(is_run);
    let without_folder = || path.file_name().map(PathBuf::from).filter(is_run);
    let similar = || meant(path).filter(|path| is_run(path) || is_weights(path));
    said(
        run_named(path)
            .or_else(similar_run)
            .or_else(without_folder)
            .or_else(similar),
    )
}

fn said(meant: Option<PathBuf>) -> String {
    match meant {
        Some(meant) => format!("did you mean {}?", shown(&meant)),
        None => "check the name".to_owned(),
    }
}

/// A path as it is typed, with a `/` behind a folder.
fn shown(path: &Path) -> String {
    let is_folder = path.is_dir() && !path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if is_folder {
        quoted(&path.join(""))
    } else {
        quoted(path)
    }
}

/// The run in `runs/` that a name without it stands for.
pub fn run_named(name: &Path) -> Option<PathBuf> {
    let [Component::Normal(_)] = name.components().collect::<Vec<_>>()[..] else {
        return None;
    };
    let run = Path::new(RUNS).join(name);
    RunDirectory::open_shared(&run).is_ok().then_some(run)
}

/// The existing path that a mistyped one most likely stands for.
pub fn meant(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        let next = found.join(component);
        if next.try_exists().unwrap_or(true) {
            found = next;
            continue;
        }
        let is_last = components.peek().is_none();
        found.push(sibling(&found, component, is_last)?);
    }
    (found != path).then_some(found)
}

/// The most similar name in a folder: `photos.zip` is similar to `photos`, too.
fn sibling(folder: &Path, name: Component<'_>, is_last: bool) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let name = name.as_os_str().to_str()?;
    let entries = fs::read_dir(folder).ok()?.flatten().take(MAX_ENTRIES);
    let names: Vec<String> = entries
        .filter(|entry| is_last || entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let stem = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let same_stem = |other: &&String| stem(other) == stem(name) && !stem(name).is_empty();
    let found = names.iter().find(same_stem).map(String::as_str);
    found
        .or_else(|| similar(name, names.iter().map(String::as_str)))
        .map(str::to_owned)
}
