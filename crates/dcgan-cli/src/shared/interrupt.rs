//! Ctrl-C, SIGTERM and SIGHUP: the first asks to stop, the second ends at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::output;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Signals that come so soon after the first one are the same one: the shell and the system
/// both tell of a terminal that closes.
const SAME: Duration = Duration::from_secs(1);

/// Catches the signals from now on. SIGHUP stays ignored where it was (`nohup dcgan train …`).
pub fn catch() -> Result<()> {
    let is_ignored = hang_up::ignore();
    let mut first = None;
    ctrlc::set_handler(move || {
        let first: Instant = *first.get_or_insert_with(Instant::now);
        if first.elapsed() > SAME {
            process::exit(130);
        }
        if !REQUESTED.swap(true, Ordering::Relaxed) {
            output::note("stopping, with nothing half-done; once more ends at once");
        }
    })
    .context("cannot catch Ctrl-C")?;
    if is_ignored {
        hang_up::ignore();
    }
    Ok(())
}

/// Whether a signal has come.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

#[cfg(unix)]
mod hang_up {
    use nix::sys::signal::{SigHandler, Signal, signal};

    /// Ignores SIGHUP; true if it was ignored before.
    #[expect(unsafe_code, reason = "the system's own interface to signals")]
    pub fn ignore() -> bool {
        // SAFETY: no handler of ours is installed, so none can do anything unsafe.
        let before = unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) };
        matches!(before, Ok(SigHandler::SigIgn))
    }
}

#[cfg(not(unix))]
mod hang_up {
    /// There is no such signal.
    pub fn ignore() -> bool {
        false
    }
}
