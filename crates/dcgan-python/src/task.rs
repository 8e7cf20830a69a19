//! Long calls: they run on a thread of their own, without the interpreter's lock, and Ctrl-C ends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use dcgan_cli::embedded;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::exceptions::exception;
use crate::lines;

/// How often a waiting call looks for signals.
pub const TICK: Duration = Duration::from_millis(50);

/// As large as that of a main thread, on which the program does the same work.
const STACK: usize = 8 << 20;

/// Starts a thread that computes. What it prints is kept for Python.
pub fn spawn(work: impl FnOnce() + Send + 'static) -> PyResult<thread::JoinHandle<()>> {
    lines::collect();
    let thread = thread::Builder::new()
        .name("dcgan".to_owned())
        .stack_size(STACK);
    let spawned = thread.spawn(work);
    spawned.map_err(|error| PyRuntimeError::new_err(format!("cannot start a thread: {error}")))
}

/// Runs a command until it ends, or until a signal handler of Python raises an exception; then the
/// command is cancelled, and the exception is returned once it has ended.
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    command: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (sender, mut receiver) = mpsc::channel();
    let flag = Arc::clone(&cancelled);
    spawn(move || {
        let _ = sender.send(embedded::cancellable(flag, command));
    })?;
    let mut interrupt: Option<PyErr> = None;
    loop {
        let received;
        (received, receiver) = py.detach(move || (receiver.recv_timeout(TICK), receiver));
        match (received, interrupt.take()) {
            (Ok(_) | Err(RecvTimeoutError::Disconnected), Some(interrupt)) => {
                return Err(interrupt);
            }
            (Ok(result), None) => return result.map_err(|error| exception(&error)),
            (Err(RecvTimeoutError::Disconnected), None) => {
                return Err(PyRuntimeError::new_err("the computing thread has ended"));
            }
            (Err(RecvTimeoutError::Timeout), before) => {
                if let Err(error) = py.check_signals() {
                    if before.is_some() {
                        return Err(error); // asked twice: do not wait
                    }
                    cancelled.store(true, Ordering::Relaxed);
                    interrupt = Some(error);
                } else {
                    interrupt = before;
                }
            }
        }
    }
}
