//! Python, where it is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skip::skip;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Python with these modules: that of `.ci/setup`, or the system's. `None`, after a word, if neither
/// has them. `name` is what `DCGAN_REQUIRE` calls them.
pub fn python_with(name: &str, modules: &[&str]) -> Option<Command> {
    let own = root().join("target/python/bin/python3");
    for program in [own.as_path(), Path::new("python3")] {
        let import = format!("import {}", modules.join(", "));
        let found = Command::new(program).args(["-c", &import]).output();
        if found.is_ok_and(|output| output.status.success()) {
            return Some(Command::new(program));
        }
    }
    skip(name, &format!("no Python has {}", modules.join(", ")));
    None
}

/// What `tools/check_exports.py` prints; it must succeed.
pub fn check_exports(mut python: Command, what: &str, paths: &[&Path]) -> String {
    let script = root().join("tools/check_exports.py");
    succeeded(python.arg(script).arg(what).args(paths))
}

/// What a command prints that must succeed.
pub fn succeeded(command: &mut Command) -> String {
    let output = command.output().expect("Python runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).expect("text")
}
