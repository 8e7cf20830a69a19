//! What can go wrong between ranks.

use std::time::Duration;

use thiserror::Error;

/// Why ranks cannot train together.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum RanksError {
    /// Several processes were started, and this build has no MPI to connect them.
    #[error("this is one of {0} processes, and this build has no MPI")]
    NoMpi(usize),
    /// The processes were started by the launcher of another MPI.
    #[error("the launcher started {started} processes, but this build's MPI knows of {known}")]
    OtherMpi {
        /// The number of processes that were started.
        started: usize,
        /// The number of processes that MPI knows of.
        known: usize,
    },
    /// MPI does not start.
    #[error("MPI does not start: {0}")]
    Start(String),
    /// A rank did not respond in time.
    #[error(
        "{rank} waited {seconds} s for {what}, and not all ranks responded: one hangs, or the network is cut",
        seconds = .timeout.as_secs()
    )]
    Timeout {
        /// The rank that waited.
        rank: String,
        /// What it waited for.
        what: String,
        /// How long it waited.
        timeout: Duration,
    },
    /// MPI fails.
    #[error("{rank}, {what}: MPI fails: {reason}")]
    Mpi {
        /// The rank on which it fails.
        rank: String,
        /// The operation that failed.
        what: String,
        /// MPI's message.
        reason: String,
    },
    /// A message between ranks is corrupt.
    #[error("a message between ranks cannot be read: {0}")]
    Message(String),
    /// All ranks have found the same error, and rank 0 is the one that reports it and aborts the
    /// others.
    #[error("rank 0 reports the error")]
    ReportedByRoot,
}
