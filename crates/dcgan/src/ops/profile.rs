//! Where the time of a training step goes: by operation, and by kind of work.
//!
//! There is one profile for the whole process, off until [`start`] is called: operations of all
//! threads and all networks count towards it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use dcgan_kernels::profile::Part;

/// What was measured between [`start`] and [`stop`].
#[derive(Debug, Clone)]
pub struct Profile {
    /// Every operation of a layer, the longest first.
    pub operations: Vec<Operation>,
    /// The time that all threads together spent on each kind of work.
    pub parts: Vec<(Part, Duration)>,
}

/// All calls of one operation of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What it is, such as `conv2d 64→128, 32→16: forward`.
    pub name: String,
    /// The number of calls.
    pub calls: u64,
    /// The wall-clock time of all calls together.
    pub time: Duration,
}

type Record = BTreeMap<String, (u64, Duration)>;

static RECORD: Mutex<Option<Record>> = Mutex::new(None);

fn record() -> std::sync::MutexGuard<'static, Option<Record>> {
    RECORD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to measure, from zero.
pub fn start() {
    *record() = Some(Record::new());
    dcgan_kernels::profile::start();
}

/// Stops, and returns what was measured since [`start`].
pub fn stop() -> Profile {
    let parts = dcgan_kernels::profile::stop().to_vec();
    let operations = record().take().unwrap_or_default();
    let mut operations: Vec<Operation> = operations
        .into_iter()
        .map(|(name, (calls, time))| Operation { name, calls, time })
        .collect();
    operations.sort_by_key(|operation| std::cmp::Reverse(operation.time));
    Profile { operations, parts }
}

/// Runs `work`, and adds its time to the operation `name` if the profile is on.
pub(crate) fn time<R>(name: impl FnOnce() -> String, work: impl FnOnce() -> R) -> R {
    if record().is_none() {
        return work();
    }
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    if let Some(operations) = &mut *record() {
        let (calls, total) = operations.entry(name()).or_default();
        *calls += 1;
        *total += time;
    }
    result
}
