//! Errors of training in several processes.

use dcgan::ranks::RanksError;

pub fn hint(error: &RanksError) -> Option<String> {
    let hint = match error {
        RanksError::NoMpi(_) => {
            "`cargo build --release --features mpi` builds one with MPI; without mpirun it trains in one process"
        }
        RanksError::OtherMpi { .. } => "start it with the mpirun of the MPI that it was built with",
        RanksError::Timeout { .. } => {
            "resume from the last checkpoint with --resume, and if ranks are slow give a larger --rank-timeout"
        }
        RanksError::Mpi { .. } => "resume from the last checkpoint with --resume",
        _ => return None,
    };
    Some(hint.to_owned())
}
