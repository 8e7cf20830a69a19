//! Passes the commit that is built to the program, if this is a checkout of its repository and
//! git is there. Nothing depends on it.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    println!("cargo::rerun-if-changed=build.rs");
    let Some(commit) = commit(&root) else {
        return;
    };
    println!("cargo::rustc-env=DCGAN_COMMIT={commit}");
    // written with each commit and checkout
    for name in ["logs/HEAD", "HEAD"] {
        let path = git(&root, &["rev-parse", "--git-path", name]);
        if let Some(path) = path
            .map(|path| root.join(path))
            .filter(|path| path.exists())
        {
            println!("cargo::rerun-if-changed={}", path.display());
            return;
        }
    }
}

/// The commit of the repository whose root this is: not that of another one around it.
fn commit(root: &Path) -> Option<String> {
    let top = PathBuf::from(git(root, &["rev-parse", "--show-toplevel"])?);
    if top.canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    git(root, &["rev-parse", "--short=10", "HEAD"])
}

/// What git prints; `None` if there is no git, or it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
