//! The state that all ranks have in common.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::agreement::find_odd_rank;
use crate::gan::{Feedback, Gan, Model, Player, WeightAverage};
use crate::model::{Network, to_host};
use crate::ranks::{Ranks, RanksError};
use crate::train::TrainError;
use crate::train::state::State;

/// What the tensors of a state do not say.
#[derive(Serialize, Deserialize)]
struct Position {
    step: u64,
    retries: u64,
    players: Vec<Counts>,
}

/// The counts of one player.
#[derive(Serialize, Deserialize)]
struct Counts {
    adam_steps: u64,
    batches_tracked: Vec<u64>,
}

/// What messages call the state of rank 0.
const WEIGHTS: &str = "the weights of rank 0";

/// The state of rank 0, on each rank.
///
/// # Errors
/// If a message is corrupt.
pub fn copy_root(state: State, ranks: &Ranks) -> Result<State, RanksError> {
    if ranks.is_alone() {
        return Ok(state);
    }
    let players = state.gan.players();
    let own = Position {
        step: state.step,
        retries: state.retries,
        players: players.map(counts).into(),
    };
    let position = ranks.from_root(ranks.is_root().then_some(own), "the position of rank 0")?;
    let mut gan = state.gan;
    for (player, counts) in gan.players_mut().into_iter().zip(position.players) {
        copy_network(ranks, player.network_mut(), counts.batches_tracked);
        copy_adam(ranks, player, counts.adam_steps);
    }
    if let Some(feedback) = &mut gan.feedback {
        let values = ranks.copy_of_root(feedback.values().to_vec(), WEIGHTS);
        *feedback = Feedback::from_values([values[0], values[1], values[2]]);
    }
    if let Some(average) = &mut gan.average {
        let values = average.values().iter().cloned();
        let copied = values.map(|value| ranks.copy_of_root(to_host(value), WEIGHTS));
        average.restore(copied.collect());
    }
    Ok(State {
        gan,
        step: position.step,
        retries: position.retries,
    })
}

fn counts(player: &Player<dyn Model>) -> Counts {
    let batch_norms = player.network().batch_norms().into_iter();
    Counts {
        adam_steps: player.adam.steps(),
        batches_tracked: batch_norms
            .map(|batch_norm| batch_norm.batches_tracked())
            .collect(),
    }
}

fn copy_network(ranks: &Ranks, network: &mut Network, batches_tracked: Vec<u64>) {
    for parameter in network.parameters_mut() {
        let values = ranks.copy_of_root(parameter.values(), WEIGHTS);
        if !ranks.is_root() {
            parameter.set_values(values);
        }
    }
    for spectral_norm in network.spectral_norms_mut() {
        let vectors = spectral_norm.vectors();
        spectral_norm.set_vectors(vectors.map(|vector| ranks.copy_of_root(vector, WEIGHTS)));
    }
    for (batch_norm, batches_tracked) in network.batch_norms_mut().into_iter().zip(batches_tracked)
    {
        let mean = ranks.copy_of_root(batch_norm.running_mean(), WEIGHTS);
        let variance = ranks.copy_of_root(batch_norm.running_var(), WEIGHTS);
        if !ranks.is_root() {
            batch_norm.set_running(mean, variance);
        }
        batch_norm.set_batches_tracked(batches_tracked);
    }
}

fn copy_adam(ranks: &Ranks, player: &mut Player<dyn Model>, steps: u64) {
    let adam = &mut player.adam;
    let copy = |moment| ranks.copy_of_root(to_host(moment), WEIGHTS);
    let moments: Vec<_> = adam
        .moments()
        .iter()
        .cloned()
        .map(|[first, second]| (copy(first), copy(second)))
        .collect();
    let loss_scale = adam.loss_scale().map(copy);
    if ranks.is_root() {
        return;
    }
    adam.restore(steps, moments);
    if let Some([scale, good_steps]) = loss_scale.as_deref() {
        adam.restore_loss_scale([*scale, *good_steps]);
    }
}

/// Checks that all ranks have the same networks. With synchronised batch norm they also have the
/// same running statistics.
///
/// # Errors
/// If one has not. Rank 0 reports it and ends the others.
pub fn check_replicas(
    state: &State,
    with_statistics: bool,
    ranks: &Ranks,
) -> Result<(), TrainError> {
    if ranks.is_alone() {
        return Ok(());
    }
    let checksum = format!("{:032x}", checksum(&state.gan, with_statistics));
    let what = format!("the checksums of step {}", state.step);
    match find_odd_rank(ranks, &checksum, &what) {
        None => Ok(()),
        Some(_) if !ranks.is_root() => Err(RanksError::ReportedByRoot.into()),
        Some(rank) => Err(TrainError::RankDiffers {
            rank,
            step: state.step,
        }),
    }
}

/// The checksum of weights, their average, moments and, on request, running statistics.
fn checksum(gan: &Gan, with_statistics: bool) -> u128 {
    let mut checksum = Xxh3::new();
    let mut add = |values: Vec<f32>| checksum.update(bytemuck::cast_slice(&values));
    for player in gan.players() {
        for parameter in player.network().parameters() {
            add(parameter.values());
        }
        for moment in player.adam.moments().iter().flatten() {
            add(to_host(moment.clone()));
        }
        if let Some(scale) = player.adam.loss_scale() {
            add(to_host(scale));
        }
        if with_statistics {
            for batch_norm in player.network().batch_norms() {
                add(batch_norm.running_mean());
                add(batch_norm.running_var());
            }
        }
    }
    for average in gan.average.iter().flat_map(WeightAverage::values) {
        checksum.update(bytemuck::cast_slice(&to_host(average.clone())));
    }
    checksum.digest128()
}
