//! What can go wrong between ranks.

use std::time::Duration;

use thiserror::Error;

/// Why ranks cannot train together.
#[derive(Debug, Clone, Error)]
pub enum RanksError {
    /// Several processes, and a build that cannot speak to them.
    #[error(
        "this is one of {0} processes, and this build has no MPI: `cargo build --release --features mpi` makes one that has; without mpirun it trains as one process"
    )]
    NoMpi(usize),
    /// Started by the launcher of another MPI.
    #[error(
        "the launcher started {started} processes, and this build's MPI knows of {known}: start it with the mpirun of the MPI that it was built with"
    )]
    OtherMpi {
        /// How many were started.
        started: usize,
        /// How many MPI knows.
        known: usize,
    },
    /// MPI does not start.
    #[error("MPI does not start: {0}")]
    Start(String),
    /// A rank did not come in time.
    #[error(
        "{rank} waited {seconds} s for {what}, and not all ranks came: one hangs, or the network is cut; go on from the last checkpoint with --resume, and if ranks are slow give more --rank-timeout",
        seconds = .longest.as_secs()
    )]
    Timeout {
        /// Who waited.
        rank: String,
        /// For what.
        what: String,
        /// How long.
        longest: Duration,
    },
    /// MPI fails.
    #[error("{rank}, {what}: MPI fails: {reason}; go on from the last checkpoint with --resume")]
    Mpi {
        /// Where.
        rank: String,
        /// In what.
        what: String,
        /// What MPI says.
        reason: String,
    },
    /// A message between ranks that is none.
    #[error("a message between ranks cannot be read: {0}")]
    Message(String),
}
