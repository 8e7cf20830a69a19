//! `dcgan train` as one of several processes under mpirun.

use std::process;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::RunConfig;
use dcgan::ranks::{FailurePolicy, Ranks, RanksError};
use dcgan::train::{Trainer, check_same_pictures};
use dcgan_data::Dataset;

use super::arguments::Train;
use super::load::{DataRequest, load};
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{cores, interrupt, launch, output};
use crate::words;

/// The ranks of this process, to be aborted if it fails.
static RANKS: OnceLock<Ranks> = OnceLock::new();

/// How long `MPI_Abort` may take.
const ABORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long rank 0 may take to report an error and abort the other ranks.
const ROOT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects to the other processes, if mpirun has started several. All ranks but 0 print nothing
/// but errors from here on.
///
/// # Errors
/// If this build has no MPI but several processes were started, or if MPI does not start.
pub fn connect(timeout: Duration) -> Result<Ranks> {
    if launch::is_one_of_several() {
        cores::unbind();
    }
    let ranks = Ranks::start(FailurePolicy {
        timeout,
        on_failure: |error| {
            output::error(&words::line_of(error));
            exit_after(ABORT_TIMEOUT);
        },
    });
    if matches!(ranks, Err(RanksError::NoMpi(_))) && launch::is_follower() {
        process::exit(1); // rank 0 reports for all
    }
    let ranks = ranks?;
    let _ = RANKS.set(ranks.clone());
    if !ranks.is_root() {
        output::report_errors_only(&ranks.name());
    }
    Ok(ranks)
}

/// Aborts all ranks, this process included, if there are several.
pub fn abort_all() {
    if let Some(ranks) = RANKS.get() {
        ranks.abort();
    }
}

/// Waits for rank 0 to abort this process, which has failed for a reason that rank 0 reports.
pub fn wait_for_abort() {
    thread::sleep(ROOT_TIMEOUT);
}

/// Ends this process even if `MPI_Abort` hangs.
fn exit_after(timeout: Duration) {
    thread::spawn(move || {
        thread::sleep(timeout);
        process::exit(1);
    });
}

/// One rank's share of the machine's cores; `None` if there is only one rank.
pub fn threads_per_rank(ranks: &Ranks) -> Option<usize> {
    (!ranks.is_alone()).then(|| cores::per_process(ranks.local_count()))
}

/// Reads the pictures on all ranks. On each machine one rank reads first and makes the cache,
/// which the others then use.
///
/// # Errors
/// If the pictures cannot be read, or are not the same on all ranks.
pub fn load_in_turn(
    ranks: &Ranks,
    request: DataRequest,
    cache: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let request = ranks.from_root(ranks.is_root().then_some(request), "the plan of rank 0")?;
    read_in_turn(ranks, &request, cache)
}

fn read_in_turn(
    ranks: &Ranks,
    request: &DataRequest,
    cache: &CacheArguments,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let read = || load(request, cache);
    let turn = "the first rank of each machine to read the pictures";
    let (dataset, summary) = if ranks.local_rank() == 0 {
        let loaded = read()?;
        ranks.wait_for_all(turn);
        loaded
    } else {
        ranks.wait_for_all(turn);
        read()?
    };
    check_same_pictures(ranks, &summary)?;
    Ok((dataset, summary))
}

/// Trains along with rank 0, which writes and reports.
///
/// # Errors
/// If something fails on this rank alone. Rank 0 reports what is the same for all.
pub fn follow(ranks: &Ranks, arguments: &Train) -> Result<()> {
    let device = dcgan::device::for_local_rank(&arguments.compute.device, ranks.local_rank())?;
    let request: DataRequest = ranks.from_root(None, "the plan of rank 0")?;
    let (dataset, _) = read_in_turn(ranks, &request, &arguments.cache)?;
    let config: RunConfig = ranks.from_root(None, "the configuration of rank 0")?;
    let mut trainer = Trainer::join(config, dataset, device)?.with_ranks(ranks.clone())?;
    interrupt::stopping_when_asked(|| trainer.run(&interrupt::requested, &mut |_| ()))?;
    Ok(())
}

/// Sends rank 0's state to the other ranks.
///
/// # Errors
/// If the batch is too small for this number of ranks.
pub fn lead(ranks: &Ranks, trainer: Trainer) -> Result<Trainer> {
    ranks.from_root(
        Some(trainer.config().clone()),
        "the configuration of rank 0",
    )?;
    Ok(trainer.with_ranks(ranks.clone())?)
}
