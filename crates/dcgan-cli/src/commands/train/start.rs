//! Starts a run.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use dcgan::device::{Device, check_layers, check_precision, has_amx_bf16, is_cpu};
use dcgan::ranks::Ranks;
use dcgan::train::{RunDirectory, TrainError, Trainer};

use super::arguments::Train;
use super::fit::Fitted;
use super::plan::Plan;
use super::ranks;
use super::{load, memory, precision};
use crate::shared::quoted::quoted;
use crate::shared::{interrupt, output};

/// Starts the run that the arguments ask for, and returns its directory too.
pub fn start(ranks: &Ranks, arguments: &Train) -> Result<(Trainer, RunDirectory)> {
    let plan = Plan::try_from(arguments)?;
    let device = arguments.compute.open_device()?;
    check_precision(&device, plan.config.training.precision)?;
    check_layers(&device, &plan.config.model)?;
    precision::check(&plan.config)?;
    let (directory, started) = interrupt::undoing_creation(
        || create(&plan),
        |created| created.discard(),
        |directory| start_in(directory, &plan, ranks, device, arguments),
    )?;
    match started {
        Ok(trainer) => Ok((trainer, directory)),
        Err(error) => {
            directory.discard();
            Err(error)
        }
    }
}

/// Creates the directory of a run, under the first name that no other run has. Two that start at
/// once get different ones.
fn create(plan: &Plan) -> Result<RunDirectory> {
    let mut taken = None;
    for path in plan.directories() {
        match RunDirectory::create(&path) {
            Ok(directory) => {
                if let Some(first) = taken {
                    note_taken(&plan.out, &path, first);
                }
                return Ok(directory);
            }
            Err(
                error
                @ (TrainError::HoldsARun(_) | TrainError::NameTaken(_) | TrainError::InUse(_)),
            ) => {
                taken.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match taken {
        Some(error) => Err(error.into()),
        None => bail!("there is no name left for the run: give one with --out"),
    }
}

/// Says why a run has another name than its data, and what else was perhaps meant.
fn note_taken(first: &Path, path: &Path, error: TrainError) {
    let continued = match error {
        TrainError::HoldsARun(_) => format!(
            "; `dcgan train --resume {}` continues that one",
            quoted(first)
        ),
        _ => String::new(),
    };
    output::note(&format!(
        "{error}, so this one is {}{continued}",
        path.display()
    ));
}

fn start_in(
    directory: &RunDirectory,
    plan: &Plan,
    ranks: &Ranks,
    device: Device,
    arguments: &Train,
) -> Result<Trainer> {
    let (dataset, summary) = ranks::load_in_turn(ranks, plan.request(), &arguments.cache)?;
    let Fitted { mut config, notes } = plan.fit(&dataset)?;
    // what auto has found, so that the run can be resumed with more pictures
    config.data.levels = dataset.options().levels;
    if !arguments.ignore_memory {
        let memory = memory::check(&mut config, dataset.len(), ranks, &device)?;
        if let Some(memory) = memory {
            output::line(&memory::line(&memory));
        }
    }
    notes.iter().for_each(|note| output::note(note));
    if let Some(note) = precision::note(&config, &device) {
        output::note(note);
    }
    let has_tiles = is_cpu(&device) && has_amx_bf16();
    let trainer = Trainer::start(
        config,
        directory.clone(),
        Arc::clone(&dataset),
        summary,
        device,
    )?;
    let steps = trainer.total_steps();
    if let Some(note) = precision::suggestion(&plan.config, has_tiles, steps) {
        output::note(note);
    }
    load::write_skipped(&dataset, directory)?;
    ranks::lead(ranks, trainer)
}
