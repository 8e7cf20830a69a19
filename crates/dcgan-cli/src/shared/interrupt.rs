//! Ctrl-C, SIGTERM and SIGHUP: the first asks to stop, the second ends the process at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::output;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Signals this soon after the first one count as the same: when a terminal closes, both the shell
/// and the system send one.
const DEBOUNCE: Duration = Duration::from_secs(1);

/// Starts to catch the signals. SIGHUP stays ignored if it was (`nohup dcgan train …`).
pub fn catch() -> Result<()> {
    let was_ignored = hang_up::ignore();
    let mut first = None;
    ctrlc::set_handler(move || {
        let first: Instant = *first.get_or_insert_with(Instant::now);
        if first.elapsed() > DEBOUNCE {
            process::exit(130);
        }
        if !REQUESTED.swap(true, Ordering::Relaxed) {
            output::note("stopping cleanly; press Ctrl-C again to end at once");
        }
    })
    .context("cannot catch Ctrl-C")?;
    if was_ignored {
        hang_up::ignore();
    }
    Ok(())
}

/// Whether a signal has asked to stop.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

#[cfg(unix)]
mod hang_up {
    use nix::sys::signal::{SigHandler, Signal, signal};

    /// Ignores SIGHUP, and returns whether it was ignored before.
    #[expect(unsafe_code, reason = "the system's own interface to signals")]
    pub fn ignore() -> bool {
        // SAFETY: no handler of ours is installed, so none can do anything unsafe.
        let before = unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) };
        matches!(before, Ok(SigHandler::SigIgn))
    }
}

#[cfg(not(unix))]
mod hang_up {
    /// Other systems have no such signal.
    pub fn ignore() -> bool {
        false
    }
}
