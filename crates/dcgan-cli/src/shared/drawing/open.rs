//! `--open`: shows a file with the system's viewer.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::shared::output;

/// A viewer that cannot show a file says so within this time; others may run for hours.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows a file or folder with the program that the system has for it. That there is none is no
/// error: the file is written.
pub fn open(path: &Path) {
    let mut command = viewer(path);
    let started = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let shown = started.and_then(|mut viewer| {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = viewer.try_wait()? {
                return Ok(status.success());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(true)
    });
    if !shown.unwrap_or(false) {
        output::note(&format!(
            "--open: the system has no viewer for {}; open it yourself",
            path.display()
        ));
    }
}

#[cfg(windows)]
fn viewer(path: &Path) -> Command {
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler").arg(path);
    command
}

#[cfg(target_os = "macos")]
fn viewer(path: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg(path);
    command
}

#[cfg(not(any(windows, target_os = "macos")))]
fn viewer(path: &Path) -> Command {
    let mut command = Command::new("xdg-open");
    // a name that begins with - is no option
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    command.arg(path);
    command
}
