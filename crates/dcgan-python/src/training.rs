//! A run that trains on a thread of its own, while Python waits for its reports, shows its progress, and
//! may be interrupted.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow};
use dcgan::config::RunConfig;
use dcgan::train::{Outcome, Progress, TrainError};
use dcgan_cli::embedded;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::exceptions::exception;
use crate::report::Report;
use crate::task;

/// A run that trains.
#[pyclass(frozen, module = "dcgan._dcgan")]
pub struct Training {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    #[pyo3(get)]
    run: PathBuf,
    #[pyo3(get)]
    first_step: u64,
    #[pyo3(get)]
    total_steps: u64,
    #[pyo3(get)]
    steps_per_epoch: u64,
    #[pyo3(get)]
    config: String,
}

/// What the training and those who wait for it have in common.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    should_stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    began: Option<Began>,
    newest: Option<Newest>,
    /// A report that nobody has seen. The training waits until it is taken and the next one is wanted.
    report: Option<Report>,
    is_wanted: bool,
    ended: Option<Result<Outcome>>,
}

/// The run as it begins.
#[derive(Clone)]
struct Began {
    run: PathBuf,
    first_step: u64,
    total_steps: u64,
    steps_per_epoch: u64,
    config: String,
}

/// The newest step.
#[derive(Clone, Copy)]
struct Newest {
    step: u64,
    loss_d: f32,
    loss_g: f32,
}

#[pymethods]
impl Training {
    /// Starts or resumes the run that the words of a `train` ask for.
    #[new]
    fn new(py: Python<'_>, words: Vec<OsString>) -> PyResult<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            should_stop: Arc::default(),
        });
        let own = Arc::clone(&shared);
        let thread = task::spawn(move || own.train(&words))?;
        let mut interrupt = None;
        loop {
            py.detach(|| {
                shared.wait(task::TICK, |state| {
                    state.began.is_some() || state.ended.is_some()
                });
            });
            let state = shared.lock();
            let (began, ended) = (state.began.clone(), state.ended.is_some());
            drop(state);
            if let Some(interrupt) = interrupt.take_if(|_| ended || began.is_some()) {
                shared.stop();
                py.detach(|| thread.join()).ok();
                return Err(interrupt);
            }
            if let Some(began) = began {
                return Ok(Self {
                    shared,
                    thread: Mutex::new(Some(thread)),
                    run: began.run,
                    first_step: began.first_step,
                    total_steps: began.total_steps,
                    steps_per_epoch: began.steps_per_epoch,
                    config: began.config,
                });
            }
            if ended {
                let ended = shared.lock().ended.take();
                return Err(match ended {
                    Some(Err(error)) => exception(&error),
                    _ => exception(&anyhow!(
                        "the run is complete: give a larger number of epochs or steps to train on"
                    )),
                });
            }
            if let Err(error) = py.check_signals() {
                shared.stop();
                interrupt = Some(error);
            }
        }
    }

    /// Trains for at most `seconds`, and returns a report once there is one. `None` if there is none yet,
    /// or if the training has ended.
    fn wait<'py>(&self, py: Python<'py>, seconds: f64) -> PyResult<Option<Bound<'py, PyDict>>> {
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(task::TICK);
        py.detach(|| {
            self.shared.lock().is_wanted = true;
            self.shared.changed.notify_all();
            self.shared.wait(time, |state| {
                state.report.is_some() || state.ended.is_some()
            });
        });
        let mut state = self.shared.lock();
        if let Some(report) = state.report.take() {
            state.is_wanted = false;
            drop(state);
            return report.to_dict(py).map(Some);
        }
        drop(state);
        self.shared.take_error()?;
        Ok(None)
    }

    /// Step, loss of the discriminator, loss of the generator; `None` before the first step.
    #[getter]
    fn newest(&self) -> Option<(u64, f32, f32)> {
        let newest = self.shared.lock().newest?;
        Some((newest.step, newest.loss_d, newest.loss_g))
    }

    /// How it ended: `complete` or `stopped`. `None` while it trains.
    #[getter]
    fn outcome(&self) -> Option<&'static str> {
        let state = self.shared.lock();
        let ended = state.ended.as_ref().filter(|_| state.report.is_none())?;
        Some(match ended {
            Ok(Outcome::Complete) => "complete",
            Ok(Outcome::Stopped) | Err(_) => "stopped",
        })
    }

    /// Asks it to stop after its step, and to save the run. A second call changes nothing.
    fn stop(&self) {
        self.shared.stop();
    }

    /// Waits for the end of a training that was asked to stop.
    fn join(&self, py: Python<'_>) -> PyResult<()> {
        while self.shared.lock().ended.is_none() {
            py.detach(|| self.shared.wait(task::TICK, |state| state.ended.is_some()));
            py.check_signals()?;
        }
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            py.detach(|| thread.join()).ok(); // its error is in the state
        }
        self.shared.take_error()
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        self.shared.stop(); // the thread saves the run, and ends
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the state is as expected, but no longer than this.
    fn wait(&self, time: Duration, is_there: impl Fn(&State) -> bool) {
        let state = self.lock();
        let waited = self
            .changed
            .wait_timeout_while(state, time, |state| !is_there(state));
        drop(waited);
    }

    /// The error that the training ended with, once.
    fn take_error(&self) -> PyResult<()> {
        let mut state = self.lock();
        match state.ended.take_if(|ended| ended.is_err()) {
            Some(Err(error)) => {
                state.ended = Some(Ok(Outcome::Stopped));
                Err(exception(&error))
            }
            _ => Ok(()),
        }
    }

    fn stop(&self) {
        self.should_stop.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Trains from beginning to end.
    fn train(&self, words: &[OsString]) {
        let cancelled = Arc::clone(&self.should_stop);
        let ended = embedded::cancellable(cancelled, || {
            let mut training = embedded::train(words)?.ok_or_else(|| {
                anyhow!("the run is complete: give a larger number of epochs or steps to train on")
            })?;
            let trainer = &training.trainer;
            let config = trainer.config().clone();
            self.lock().began = Some(Began {
                run: training.directory.path().to_owned(),
                first_step: trainer.step() + 1,
                total_steps: trainer.total_steps(),
                steps_per_epoch: trainer.steps_per_epoch(),
                config: config.to_toml()?,
            });
            self.changed.notify_all();
            self.wait_until_wanted();
            let should_stop = || self.should_stop.load(Ordering::Relaxed);
            let outcome = training.run(&should_stop, &mut |progress| {
                self.take(progress, &config);
            })?;
            Ok(outcome)
        });
        self.lock().ended = Some(ended);
        self.changed.notify_all();
    }

    /// Keeps what a step reports; after a report, waits until the next one is wanted.
    fn take(&self, progress: &Progress, config: &RunConfig) {
        let mut state = self.lock();
        if let Some(metrics) = progress.read.last() {
            state.newest = Some(Newest {
                step: progress.step,
                loss_d: metrics.loss_d,
                loss_g: metrics.loss_g,
            });
        }
        let Some(report) = progress.report else {
            return;
        };
        if let Some(error) = progress.write_error {
            note_write_error(progress.step, error);
        }
        state.report = Some(Report::new(progress, report, config));
        state.is_wanted = false;
        self.changed.notify_all();
        drop(state);
        self.wait_until_wanted();
    }

    /// Waits until somebody waits for a report, or the training should stop.
    fn wait_until_wanted(&self) {
        let mut state = self.lock();
        while !state.is_wanted && !self.should_stop.load(Ordering::Relaxed) {
            let waited = self.changed.wait_timeout(state, task::TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn note_write_error(step: u64, error: &TrainError) {
    embedded::note(&format!(
        "step {step}: {}; the training continues",
        embedded::line_of(error)
    ));
}
