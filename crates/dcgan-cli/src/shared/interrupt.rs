//! Ctrl-C, SIGTERM and SIGHUP. They end the program at once, without its unfinished files; a
//! training is asked to stop first.

use std::mem;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use dcgan_support::atomic_file;

use super::output;

/// Whether something runs that stops when it is asked to.
static STOPS_WHEN_ASKED: AtomicBool = AtomicBool::new(false);

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// What to undo if the program ends at once, the last first.
static UNDO: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());

/// Signals this soon after the first one count as the same: when a terminal closes, both the shell
/// and the system send one.
const DEBOUNCE: Duration = Duration::from_secs(1);

/// Watches for the signals from here on. Must be called before any thread is started. SIGHUP stays
/// ignored if it was (`nohup dcgan train …`).
///
/// # Errors
/// If the system refuses.
pub fn watch() -> Result<()> {
    let mut first: Option<Instant> = None;
    system::watch(move |signal| {
        if !STOPS_WHEN_ASKED.load(Ordering::Relaxed) {
            end(signal);
        }
        if first.get_or_insert_with(Instant::now).elapsed() > DEBOUNCE {
            end(signal);
        }
        if !REQUESTED.swap(true, Ordering::Relaxed) {
            output::note("stopping cleanly; press Ctrl-C again to end at once");
        }
    })
}

/// Ends the program as the signal would have.
fn end(signal: i32) -> ! {
    atomic_file::abandon_all();
    let undo = mem::take(&mut *UNDO.lock().unwrap_or_else(PoisonError::into_inner));
    for undo in undo.into_iter().rev() {
        undo();
    }
    system::end_by(signal);
    process::exit(128 + signal)
}

/// Runs something that stops soon after [`requested`] is true.
pub fn stopping_when_asked<T>(run: impl FnOnce() -> T) -> T {
    STOPS_WHEN_ASKED.store(true, Ordering::Relaxed);
    let result = run();
    STOPS_WHEN_ASKED.store(false, Ordering::Relaxed);
    result
}

/// Runs something that `undo` undoes if a signal ends the program meanwhile.
pub fn undoing<T>(undo: impl FnOnce() + Send + 'static, run: impl FnOnce() -> T) -> T {
    let all = || UNDO.lock().unwrap_or_else(PoisonError::into_inner);
    all().push(Box::new(undo));
    let result = run();
    all().pop();
    result
}

/// Creates something and runs what follows. If a signal ends the program meanwhile, `undo` undoes the
/// creation: a signal that comes while it is being created waits until it is there.
///
/// # Errors
/// If it cannot be created.
pub fn undoing_creation<C: Clone + Send + 'static, T>(
    create: impl FnOnce() -> Result<C>,
    undo: impl FnOnce(C) + Send + 'static,
    run: impl FnOnce(&C) -> T,
) -> Result<(C, T)> {
    let all = || UNDO.lock().unwrap_or_else(PoisonError::into_inner);
    let created = {
        let mut all = all();
        let created = create()?;
        let to_undo = created.clone();
        all.push(Box::new(move || undo(to_undo)));
        created
    };
    let result = run(&created);
    all().pop();
    Ok((created, result))
}

/// Whether a signal has asked to stop.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

#[cfg(unix)]
mod system {
    use std::thread;

    use anyhow::{Context, Result};
    use nix::sys::signal::{SigHandler, SigSet, Signal, raise, signal};

    /// Calls `act` on a thread of its own for each signal, whatever the other threads wait for.
    pub fn watch(mut act: impl FnMut(i32) + Send + 'static) -> Result<()> {
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGINT);
        signals.add(Signal::SIGTERM);
        if !is_hang_up_ignored() {
            signals.add(Signal::SIGHUP);
        }
        // in all threads, which inherit this: the one below takes them instead
        signals.thread_block().context("cannot catch signals")?;
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                while let Ok(signal) = signals.wait() {
                    act(signal as i32);
                }
            })
            .map_err(|_| anyhow::anyhow!(crate::shared::compute::TOO_MANY_THREADS))?;
        Ok(())
    }

    /// Ends the process by this signal, so that its parent sees why it ended. Returns if the signal
    /// is ignored.
    pub fn end_by(number: i32) {
        if let Ok(signal) = Signal::try_from(number) {
            let mut signals = SigSet::empty();
            signals.add(signal);
            let _ = signals.thread_unblock();
            let _ = raise(signal);
        }
    }

    #[expect(unsafe_code, reason = "the system's own interface to signals")]
    fn is_hang_up_ignored() -> bool {
        // SAFETY: neither handler is a function of ours, so none can do anything unsafe.
        let before = unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) };
        let is_ignored = matches!(before, Ok(SigHandler::SigIgn));
        if !is_ignored {
            // SAFETY: as above.
            let _ = unsafe { signal(Signal::SIGHUP, SigHandler::SigDfl) };
        }
        is_ignored
    }
}

#[cfg(not(unix))]
mod system {
    use anyhow::{Context, Result};

    /// The number of SIGINT.
    const INTERRUPT: i32 = 2;

    /// Calls `act` for each Ctrl-C.
    pub fn watch(mut act: impl FnMut(i32) + Send + 'static) -> Result<()> {
        ctrlc::set_handler(move || act(INTERRUPT)).context("cannot catch Ctrl-C")
    }

    /// Other systems have no such end.
    pub fn end_by(_: i32) {}
}
