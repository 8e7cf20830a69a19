//! `dcgan train` as one of several processes under mpirun.

use std::process;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use dcgan::checkpoint::DataSummary;
use dcgan::config::RunConfig;
use dcgan::ranks::{Launch, Ranks, RanksError, Waiting};
use dcgan::train::{Trainer, check_same_pictures};
use dcgan_data::Dataset;
use serde::{Deserialize, Serialize};

use super::arguments::Train;
use super::load::load;
use crate::shared::{cores, interrupt, output};

/// What rank 0 tells before the pictures are read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub config: RunConfig,
    /// Colours, if the pictures do not decide.
    pub channels: Option<usize>,
}

/// Meets the other processes, if mpirun has started several. From then on all but rank 0 say
/// nothing but why they fail.
///
/// # Errors
/// A build without MPI among several processes, and an MPI that does not start.
pub fn start(timeout: Duration) -> Result<Ranks> {
    if Launch::of_several().is_some() {
        cores::unbind();
    }
    let ranks = Ranks::start(Waiting {
        longest: timeout,
        tell: |error| output::error(&error.to_string()),
    });
    if let (Err(RanksError::NoMpi(_)), Some(Launch { rank: 1.., .. })) =
        (&ranks, Launch::of_several())
    {
        process::exit(1); // rank 0 says it for all
    }
    let ranks = ranks?;
    if !ranks.is_root() {
        output::speak_as(&ranks.name());
    }
    Ok(ranks)
}

/// Threads of one rank, if there are several: its part of the machine's cores.
pub fn threads(ranks: &Ranks) -> Option<usize> {
    (!ranks.is_alone()).then(|| cores::share(ranks.local_count()))
}

/// Reads the pictures of a plan, on each machine one rank first: it makes the cache, which the
/// others find.
///
/// # Errors
/// Pictures that cannot be read, or are not the same on all ranks.
pub fn load_in_turn(
    ranks: &Ranks,
    plan: Plan,
    arguments: &Train,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let plan = ranks.from_root(ranks.is_root().then_some(plan), "the plan of rank 0")?;
    read_in_turn(ranks, &plan, arguments)
}

fn read_in_turn(
    ranks: &Ranks,
    plan: &Plan,
    arguments: &Train,
) -> Result<(Arc<Dataset>, DataSummary)> {
    let read = || load(&plan.config, plan.channels, &arguments.cache);
    let turn = "the first rank of each machine to read the pictures";
    let (dataset, summary) = match ranks.local_rank() {
        0 => {
            let loaded = read()?;
            ranks.wait_for_all(turn);
            loaded
        }
        _ => {
            ranks.wait_for_all(turn);
            read()?
        }
    };
    check_same_pictures(ranks, &summary)?;
    Ok((dataset, summary))
}

/// Trains with rank 0, which begins or goes on, writes and reports.
///
/// # Errors
/// What this rank alone has to tell; whatever is the same for all, rank 0 does.
pub fn follow(ranks: &Ranks, arguments: &Train) -> Result<()> {
    let device = dcgan::device::for_local_rank(&arguments.compute.device, ranks.local_rank())?;
    let plan: Plan = ranks.from_root(None, "the plan of rank 0")?;
    let (dataset, summary) = read_in_turn(ranks, &plan, arguments)?;
    let config: RunConfig = ranks.from_root(None, "the configuration of rank 0")?;
    let mut trainer = Trainer::join(config, dataset, summary, device)?;
    trainer.share(ranks.clone())?;
    trainer.run(&interrupt::requested, &mut |_| ())?;
    Ok(())
}

/// Lets the other ranks begin where rank 0 is.
///
/// # Errors
/// A batch too small for so many ranks.
pub fn lead(ranks: &Ranks, trainer: &mut Trainer) -> Result<()> {
    ranks.from_root(
        Some(trainer.config().clone()),
        "the configuration of rank 0",
    )?;
    Ok(trainer.share(ranks.clone())?)
}
