//! Starts a run.

use std::sync::Arc;

use anyhow::Result;
use dcgan::device::{Device, check_layers, check_precision};
use dcgan::ranks::Ranks;
use dcgan::train::{RunDirectory, Trainer};

use super::arguments::Train;
use super::plan::Plan;
use super::ranks::{self, DataRequest};
use super::{load, memory};
use crate::shared::interrupt;

/// Starts the run that the arguments ask for, and returns its directory too.
pub fn start(ranks: &Ranks, arguments: &Train) -> Result<(Trainer, RunDirectory)> {
    let plan = Plan::try_from(arguments)?;
    let device = arguments.compute.open_device()?;
    check_precision(&device, plan.config.training.precision)?;
    check_layers(&device, &plan.config.model)?;
    let directory = RunDirectory::create(&plan.out)?;
    let created = directory.clone();
    let started = interrupt::undoing(
        move || created.discard(),
        || start_in(&directory, &plan, ranks, device, arguments),
    );
    match started {
        Ok(trainer) => Ok((trainer, directory)),
        Err(error) => {
            directory.discard();
            Err(error)
        }
    }
}

fn start_in(
    directory: &RunDirectory,
    plan: &Plan,
    ranks: &Ranks,
    device: Device,
    arguments: &Train,
) -> Result<Trainer> {
    let request = DataRequest {
        config: plan.config.clone(),
        channels: plan.channels,
    };
    let (dataset, summary) = ranks::load_in_turn(ranks, request, &arguments.cache)?;
    let mut config = plan.fit(dataset.len(), dataset.channels())?;
    if !arguments.ignore_memory {
        memory::check(&mut config, dataset.len(), ranks, &device)?;
    }
    let trainer = Trainer::start(
        config,
        directory.clone(),
        Arc::clone(&dataset),
        summary,
        device,
    )?;
    load::write_skipped(&dataset, directory)?;
    ranks::lead(ranks, trainer)
}
