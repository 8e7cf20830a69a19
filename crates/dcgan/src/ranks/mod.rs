//! The processes that train together, which MPI calls ranks, and what they tell each other.
//!
//! ```text
//! Ranks        one process of several: its number, sums over all, values from rank 0
//!   ├► launch        how many there are, as the launcher (mpirun) tells its processes
//!   └► messenger     the thread that makes all calls of MPI (feature `mpi`)
//! Share        the rows of each batch that are this rank's
//!   └► Buckets       gradients that are summed over all ranks while others are still computed
//! ```
//!
//! A call for all ranks is made by all of them, in the same order. It returns with what all
//! have, or not at all: a rank that fails, dies or is cut off ends the others, by
//! [`abort`] or when they have waited too long, so that nothing else has to be ready for it.

#![cfg_attr(
    not(feature = "mpi"),
    expect(
        dead_code,
        unreachable_code,
        reason = "without MPI there is no other rank"
    )
)]

mod buckets;
#[cfg(feature = "mpi")]
mod collective;
mod error;
mod job;
mod launch;
#[cfg(feature = "mpi")]
mod messenger;
#[cfg(not(feature = "mpi"))]
#[path = "no_messenger.rs"]
mod messenger;
mod share;

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use buckets::{Buckets, Slot};
pub use error::RanksError;
use job::{Operation, Values};
pub use launch::Launch;
use messenger::Messenger;
pub use share::Share;

/// How many times longer than usual ranks wait for what one does alone: reading pictures, or
/// writing a report.
const ALONE: u32 = 10;

/// The longest vector that is sent at once.
const PIECE: usize = 1 << 24;

/// This process among those that train together.
#[derive(Debug, Clone)]
pub struct Ranks {
    place: Place,
    /// None for one process alone.
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

/// How ranks wait and fail.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The longest that a rank waits for others, as long as all have the same work.
    pub longest: Duration,
    /// Tells people of the error that is about to end all ranks.
    pub tell: fn(&RanksError),
}

/// The messenger of this process, for [`abort`].
static RUNNING: Mutex<Option<Messenger>> = Mutex::new(None);

impl Ranks {
    /// One process alone.
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

    /// Meets the other ranks, if the launcher has started several; once in a process.
    ///
    /// # Errors
    /// A build without MPI, an MPI that does not know of the other processes, and what MPI has
    /// against it.
    pub fn start(waiting: Waiting) -> Result<Self, RanksError> {
        let Some(launch) = Launch::of_several() else {
            return Ok(Self::alone());
        };
        let (place, messenger) = Messenger::start(waiting)?;
        if place.count != launch.count {
            return Err(RanksError::OtherMpi {
                started: launch.count,
                known: place.count,
            });
        }
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(messenger.clone());
        Ok(Self {
            place,
            messenger: Some(messenger),
        })
    }

    /// Says goodbye to the other ranks, all of which do so.
    pub fn finish(self) {
        if let Some(messenger) = self.messenger {
            messenger.finish();
            *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Its number, from 0.
    pub fn rank(&self) -> usize {
        self.place.rank
    }

    /// How many ranks there are.
    pub fn count(&self) -> usize {
        self.place.count
    }

    /// Its number among the ranks on its machine, from 0.
    pub fn local_rank(&self) -> usize {
        self.place.local_rank
    }

    /// How many ranks are on its machine.
    pub fn local_count(&self) -> usize {
        self.place.local_count
    }

    /// Whether it is rank 0, which alone writes and reports.
    pub fn is_root(&self) -> bool {
        self.place.rank == 0
    }

    /// Whether it is the only one.
    pub fn is_alone(&self) -> bool {
        self.place.count == 1
    }

    /// The sums over all ranks, the same to the bit on each. `what` they are is told if some
    /// rank does not come.
    pub fn sum(&self, values: Vec<f64>, what: &str) -> Vec<f64> {
        let Some(messenger) = &self.messenger else {
            return values;
        };
        let sums = messenger.ask(Operation::Sum, Values::Doubles(values), 1, what);
        sums.wait().received.doubles()
    }

    /// Waits until all ranks are here, for as long as one may work alone.
    pub fn wait_for_all(&self, what: &str) {
        if let Some(messenger) = &self.messenger {
            let nothing = Values::Doubles(vec![0.0]);
            messenger.ask(Operation::Sum, nothing, ALONE, what).wait();
        }
    }

    /// One text of each rank, in their order; none longer than `longest` bytes.
    pub fn gather(&self, text: &str, longest: usize, what: &str) -> Vec<String> {
        let Some(messenger) = &self.messenger else {
            return vec![text.to_owned()];
        };
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(longest, 0);
        let gathered = messenger.ask(Operation::Gather, Values::Bytes(bytes), ALONE, what);
        let bytes = gathered.wait().received.bytes();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .trim_end_matches('\0')
                .to_owned()
        };
        bytes.chunks(longest).map(text).collect()
    }

    /// The value of rank 0 on every rank; it alone gives one.
    ///
    /// # Errors
    /// A value that has no form in JSON.
    pub fn from_root<T: Serialize + DeserializeOwned>(
        &self,
        value: Option<T>,
        what: &str,
    ) -> Result<T, RanksError> {
        let unreadable = |error: serde_json::Error| RanksError::Message(error.to_string());
        let bytes = match &value {
            Some(value) => serde_json::to_vec(value).map_err(unreadable)?,
            None => Vec::new(),
        };
        let length = self.sum(vec![bytes.len() as f64], what)[0] as usize;
        match (value, &self.messenger) {
            (Some(value), None) => Ok(value),
            (_, None) => Err(RanksError::Message("rank 0 said nothing".to_owned())),
            (_, Some(messenger)) => {
                let mut bytes = bytes;
                bytes.resize(length, 0);
                let bytes = Values::Bytes(bytes);
                let bytes = messenger.ask(Operation::Broadcast, bytes, ALONE, what);
                serde_json::from_slice(&bytes.wait().received.bytes()).map_err(unreadable)
            }
        }
    }

    /// The values of rank 0 in place of those of any other, which has as many.
    pub fn copy_of_root(&self, values: Vec<f32>, what: &str) -> Vec<f32> {
        let Some(messenger) = &self.messenger else {
            return values;
        };
        let mut all = Vec::with_capacity(values.len());
        for piece in values.chunks(PIECE) {
            let piece = Values::Floats(piece.to_vec());
            let copy = messenger.ask(Operation::Broadcast, piece, ALONE, what);
            all.extend(copy.wait().received.floats());
        }
        all
    }

    /// What a message calls a rank: `rank 2 (machine-b)`.
    pub fn name(&self) -> String {
        format!("rank {} ({})", self.place.rank, self.place.host)
    }
}

/// Ends all ranks, this one too, if it is one of several; returns if it is not.
pub fn abort() {
    let running = RUNNING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if let Some(messenger) = running {
        messenger.abort();
        wait_for_the_end();
    }
}

/// What a rank does that must not go on, and whose error another one tells: that one ends it.
pub fn wait_for_the_end() -> ! {
    thread::sleep(Duration::from_secs(10));
    std::process::exit(1)
}
