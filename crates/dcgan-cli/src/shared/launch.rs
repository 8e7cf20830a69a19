//! Whether mpirun has launched this process, and as which rank.

use std::process;

use anyhow::{Result, bail};
use dcgan::ranks::Launch;

/// Whether this is one of several processes.
pub fn is_one_of_several() -> bool {
    Launch::from_env().is_some()
}

/// Whether this is one of several processes and not rank 0, which reports what is the same for all.
pub fn is_follower() -> bool {
    Launch::from_env().is_some_and(|launch| launch.rank > 0)
}

/// Refuses to run as one of several processes.
pub fn require_single_process() -> Result<()> {
    if is_follower() {
        process::exit(1); // rank 0 reports for all
    }
    if is_one_of_several() {
        bail!("only `dcgan train` runs in several processes: start this without mpirun");
    }
    Ok(())
}
