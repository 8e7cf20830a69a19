//! Ctrl-C, SIGTERM and SIGHUP: the first asks to stop, the second ends at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use crate::output;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Catches the signals from now on.
pub fn catch() -> Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::Relaxed) {
            process::exit(130);
        }
        output::note("finishing this step, then saving; once more ends at once");
    })
    .context("cannot catch Ctrl-C")
}

/// Whether a signal has come.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}
