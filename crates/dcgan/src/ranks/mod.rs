//! The processes that train together, which MPI calls ranks, and what they exchange.
//!
//! ```text
//! Ranks        this process among several: its number, sums over all, values from rank 0
//!   ├► launch        how many were started, by the launcher's environment variables
//!   └► messenger     the thread that makes all MPI calls (feature `mpi`)
//! Share        the rows of each batch that this rank computes
//! ```
//!
//! All ranks call each collective operation in the same order. It returns the same on all of
//! them, or not at all: when a rank fails, dies or is cut off, the others are aborted, by
//! [`Ranks::abort`] or after a timeout. So callers have no partial failures to handle.

#![cfg_attr(
    not(feature = "mpi"),
    expect(dead_code, reason = "without MPI there is no other rank")
)]

#[cfg(feature = "mpi")]
mod collective;
mod error;
mod exchange;
mod launch;
#[cfg(feature = "mpi")]
mod messenger;
#[cfg(not(feature = "mpi"))]
#[path = "no_messenger.rs"]
mod messenger;
mod share;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::RanksError;
pub(crate) use exchange::Pending;
use exchange::{Element, Operation};
pub use launch::Launch;
use messenger::Messenger;
pub use share::Share;

/// How many times the usual timeout ranks wait for what one does alone, such as reading pictures
/// or writing a report.
const ALONE_PATIENCE: u32 = 10;

/// The most values that are sent at once.
const MAX_CHUNK: usize = 1 << 24;

/// This process among those that train together.
#[derive(Debug, Clone)]
pub struct Ranks {
    place: Place,
    /// `None` for a single process.
    messenger: Option<Messenger>,
}

/// Where a rank is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    rank: usize,
    count: usize,
    local_rank: usize,
    local_count: usize,
    host: String,
}

impl Place {
    /// What a message calls the rank: `rank 2 (machine-b)`.
    fn name(&self) -> String {
        format!("rank {} ({})", self.rank, self.host)
    }
}

/// How long ranks wait for each other, and what happens before all are aborted.
#[derive(Debug, Clone, Copy)]
pub struct FailurePolicy {
    /// How long a rank waits for the others while all have the same work to do.
    pub timeout: Duration,
    /// Called on the messenger thread with the error that is about to abort all ranks. It may end
    /// the process; if it returns, `MPI_Abort` is called.
    pub on_failure: fn(&RanksError),
}

impl Ranks {
    /// A single process.
    pub fn alone() -> Self {
        Self {
            place: Place {
                rank: 0,
                count: 1,
                local_rank: 0,
                local_count: 1,
                host: String::new(),
            },
            messenger: None,
        }
    }

    /// Connects to the other ranks if the launcher has started several; once per process.
    ///
    /// # Errors
    /// If there are other processes and this build has no MPI, MPI does not start, or it does not
    /// know of the other processes.
    pub fn start(policy: FailurePolicy) -> Result<Self, RanksError> {
        let Some(launch) = Launch::from_env() else {
            return Ok(Self::alone());
        };
        let (place, messenger) = Messenger::start(policy)?;
        if place.count != launch.count {
            return Err(RanksError::OtherMpi {
                started: launch.count,
                known: place.count,
            });
        }
        Ok(Self {
            place,
            messenger: Some(messenger),
        })
    }

    /// Shuts MPI down; to be called on every rank.
    pub fn finish(self) {
        if let Some(messenger) = self.messenger {
            messenger.finish();
        }
    }

    /// Aborts all ranks, this process included.
    ///
    /// Returns if this is a single process, MPI has been shut down, or the process is not ended
    /// within five seconds.
    pub fn abort(&self) {
        if let Some(messenger) = &self.messenger {
            messenger.abort();
        }
    }

    /// Its number, from 0.
    pub fn rank(&self) -> usize {
        self.place.rank
    }

    /// The number of ranks.
    pub fn count(&self) -> usize {
        self.place.count
    }

    /// Its number among the ranks on its machine, from 0.
    pub fn local_rank(&self) -> usize {
        self.place.local_rank
    }

    /// The number of ranks on its machine.
    pub fn local_count(&self) -> usize {
        self.place.local_count
    }

    /// Whether this is rank 0, which alone writes and reports.
    pub fn is_root(&self) -> bool {
        self.place.rank == 0
    }

    /// Whether this is the only rank.
    pub fn is_alone(&self) -> bool {
        self.place.count == 1
    }

    /// What a message calls this rank: `rank 2 (machine-b)`.
    pub fn name(&self) -> String {
        self.place.name()
    }

    /// The element-wise sums over all ranks, bit for bit the same on each. `what` says what is
    /// summed, for the error if a rank does not respond.
    pub fn sum(&self, values: Vec<f64>, what: &str) -> Vec<f64> {
        self.collective(Operation::Sum, values, 1, what)
    }

    /// Waits until all ranks have called this, for as long as one may work alone.
    pub fn wait_for_all(&self, what: &str) {
        self.collective(Operation::Sum, vec![0.0_f64], ALONE_PATIENCE, what);
    }

    /// One text from each rank, in rank order, each of at most `max_bytes` bytes.
    pub fn gather(&self, text: &str, max_bytes: usize, what: &str) -> Vec<String> {
        if self.is_alone() {
            return vec![text.to_owned()];
        }
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(max_bytes, 0);
        let bytes = self.collective(Operation::Gather, bytes, ALONE_PATIENCE, what);
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .trim_end_matches('\0')
                .to_owned()
        };
        bytes.chunks(max_bytes).map(text).collect()
    }

    /// Rank 0's value, on every rank. Rank 0 passes `Some`, all others `None`.
    ///
    /// # Errors
    /// If the value cannot be written as JSON or read from it.
    pub fn from_root<T: Serialize + DeserializeOwned>(
        &self,
        value: Option<T>,
        what: &str,
    ) -> Result<T, RanksError> {
        let unreadable = |error: serde_json::Error| RanksError::Message(error.to_string());
        let mut bytes = match &value {
            Some(value) => serde_json::to_vec(value).map_err(unreadable)?,
            None => Vec::new(),
        };
        let length = self.sum(vec![bytes.len() as f64], what)[0] as usize;
        if let (Some(value), true) = (value, self.is_alone()) {
            return Ok(value);
        }
        bytes.resize(length, 0);
        let bytes = self.collective(Operation::Broadcast, bytes, ALONE_PATIENCE, what);
        serde_json::from_slice(&bytes).map_err(unreadable)
    }

    /// Rank 0's values, on every rank; all pass the same number of values.
    pub fn copy_of_root(&self, values: Vec<f32>, what: &str) -> Vec<f32> {
        if self.is_alone() {
            return values;
        }
        let mut copies = Vec::with_capacity(values.len());
        for chunk in values.chunks(MAX_CHUNK) {
            let chunk = chunk.to_vec();
            copies.extend(self.collective(Operation::Broadcast, chunk, ALONE_PATIENCE, what));
        }
        copies
    }

    /// Starts to sum `sent` over all ranks into `received`, which has as many values; `None` for a
    /// single process.
    pub(crate) fn start_sum<S, R>(&self, sent: S, received: R, what: String) -> Option<Pending<R>>
    where
        S: AsRef<[f32]> + Send + 'static,
        R: AsMut<[f32]> + Send + 'static,
    {
        let messenger = self.messenger.as_ref()?;
        Some(messenger.start_gradients(Operation::Sum, sent, received, what))
    }

    /// Starts to gather the values of all ranks, in rank order, into `received`, which has as
    /// many for each rank as `sent`; `None` for a single process.
    pub(crate) fn start_gather<S, R>(
        &self,
        sent: S,
        received: R,
        what: String,
    ) -> Option<Pending<R>>
    where
        S: AsRef<[f32]> + Send + 'static,
        R: AsMut<[f32]> + Send + 'static,
    {
        let messenger = self.messenger.as_ref()?;
        Some(messenger.start_gradients(Operation::Gather, sent, received, what))
    }

    /// Runs an operation to its end; what a single process sends is what it receives.
    fn collective<T: Element>(
        &self,
        operation: Operation,
        sent: Vec<T>,
        patience: u32,
        what: &str,
    ) -> Vec<T> {
        let Some(messenger) = &self.messenger else {
            return sent;
        };
        let received = vec![T::default(); operation.received_per_sent(self.count()) * sent.len()];
        messenger
            .start_general(operation, sent, received, patience, what)
            .wait()
    }
}
