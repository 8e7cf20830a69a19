//! Panics as errors, so that even a bug is reported in one line.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use anyhow::{Result, anyhow, bail};

use super::compute::TOO_MANY_THREADS;

/// The newest panic. Printed only if it reaches [`catch`]: the library catches some itself, such
/// as those of a picture decoder.
static MESSAGE: Mutex<String> = Mutex::new(String::new());

/// What the standard library and Rayon say when the system refuses a thread.
const NO_THREAD: [&str; 2] = ["failed to spawn thread", "ThreadPoolBuildError"];

/// Runs something, and returns a panic as an error.
pub fn catch<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::set_hook(Box::new(|panic| {
        if let Ok(mut message) = MESSAGE.lock() {
            *message = panic.to_string();
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let message = MESSAGE.lock().map(|message| message.clone());
        let message = message.unwrap_or_default().replace('\n', " ");
        if NO_THREAD.iter().any(|words| message.contains(words)) {
            bail!(TOO_MANY_THREADS);
        }
        Err(anyhow!("internal error, please report it: {message}"))
    })
}
