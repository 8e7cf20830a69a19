//! What ranks that train together agree on: when to stop, what a step measured, and that all
//! have the same networks. Of one process alone, all of it is as that process has it.

use std::collections::HashMap;
use std::sync::Arc;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::metrics::MetricsLog;
use super::saving::Due;
use super::{RunFolder, Signals, StepMetrics, TrainError, Trainer};
use crate::adam::Adam;
use crate::checkpoint::DataSummary;
use crate::config::RunConfig;
use crate::gan::Gan;
use crate::model::{Network, to_host};
use crate::ranks::{Ranks, RanksError, Share};
use dcgan_data::Dataset;

/// The longest line that a rank says of itself.
const LINE: usize = 256;

/// What some rank wants after a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub stop: bool,
    /// As so much time has passed on rank 0's clock.
    pub checkpoint: bool,
}

/// Where a training is, as rank 0 tells it.
#[derive(Serialize, Deserialize)]
struct Position {
    step: u64,
    retries: u64,
    adam_steps: [u64; 2],
    batches_tracked: Vec<u64>,
}

/// Makes sure that all ranks have read the same pictures.
///
/// # Errors
/// A rank that has not; told by rank 0, which ends the others.
pub fn check_same_pictures(ranks: &Ranks, data: &DataSummary) -> Result<(), TrainError> {
    let other = odd_one(ranks, &data.fingerprint, "all ranks to read the pictures");
    match other {
        None => Ok(()),
        Some(_) if !ranks.is_root() => Err(RanksError::ReportedByRoot.into()),
        Some(rank) => Err(TrainError::OtherPictures {
            rank,
            source_name: data.source.clone(),
        }),
    }
}

/// The name of a rank that says something else than most; in doubt, than rank 0.
fn odd_one(ranks: &Ranks, saying: &str, what: &str) -> Option<String> {
    let lines = ranks.gather(&format!("{saying} {}", ranks.name()), LINE, what);
    let said: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let mut counts = HashMap::new();
    for (saying, _) in &said {
        *counts.entry(*saying).or_insert(0) += 1;
    }
    let most = counts.values().max()?;
    let (usual, _) = said.iter().find(|(saying, _)| counts[saying] == *most)?;
    let odd = said.iter().find(|(saying, _)| saying != usual);
    odd.map(|(_, name)| (*name).to_owned())
}

impl Trainer {
    /// Takes part in the training that rank 0 begins or goes on with, under its configuration.
    ///
    /// # Errors
    /// Networks that cannot be built.
    pub fn join(
        config: RunConfig,
        dataset: Arc<Dataset>,
        data: DataSummary,
        device: Device,
    ) -> Result<Self, TrainError> {
        let folder = RunFolder::of_another_rank();
        let metrics = MetricsLog::of_another_rank();
        Self::beginning(config, folder, (dataset, data), device, metrics)
    }

    /// From now on each batch is shared with other ranks, which start where rank 0 is.
    ///
    /// # Errors
    /// A batch too small for so many, and batch norm that cannot be synchronised.
    pub fn share(&mut self, ranks: Ranks) -> Result<(), TrainError> {
        let is_root = ranks.is_root();
        match Share::new(ranks, self.config.training.batch_size) {
            Ok(share) => self.share = share,
            Err(_) if !is_root => return Err(RanksError::ReportedByRoot.into()),
            Err(error) => return Err(error.into()),
        }
        self.copy_root()
    }

    /// The ranks that train together.
    pub fn ranks(&self) -> &Ranks {
        self.share.ranks()
    }

    /// What any rank wishes; rank 0 alone looks at the clock.
    pub(super) fn wishes_of_all(&self, stop: bool) -> Wishes {
        let is_due = self.clock.is_due(&self.config.saving) && self.ranks().is_root();
        let wishes = [stop, is_due].map(|wish| f64::from(u8::from(wish)));
        let what = format!("the end of step {}", self.step);
        let wishes = self.ranks().sum(wishes.to_vec(), &what);
        Wishes {
            stop: wishes[0] > 0.0,
            checkpoint: wishes[1] > 0.0,
        }
    }

    /// Whether it is so on any rank.
    pub(super) fn any(&self, is_so: impl FnOnce() -> bool) -> bool {
        let is_so = f64::from(u8::from(is_so()));
        let what = format!("a look at the weights of step {}", self.step);
        self.ranks().sum(vec![is_so], &what)[0] > 0.0
    }

    /// The means over the whole batch of what ranks measured of their parts.
    pub(super) fn measured_by_all(&self, read: Vec<StepMetrics>) -> Vec<StepMetrics> {
        if self.ranks().is_alone() {
            return read;
        }
        let weight = self.share.weight();
        let own = read.iter().flat_map(values);
        let weighted = own.map(|value| f64::from(value) * weight).collect();
        let what = format!("what step {} measured", self.step);
        let sums = self.ranks().sum(weighted, &what);
        sums.chunks(VALUES).map(of_values).collect()
    }

    /// Compares the networks of all ranks, where something is due.
    pub(super) fn check_replicas(&self, due: Due) -> Result<(), TrainError> {
        if !due.anything() || self.ranks().is_alone() {
            return Ok(());
        }
        let checksum = checksum(&self.gan, self.config.training.sync_batch_norm);
        let what = format!("the checksums of step {}", self.step);
        match odd_one(self.ranks(), &format!("{checksum:032x}"), &what) {
            None => Ok(()),
            Some(_) if !self.ranks().is_root() => Err(RanksError::ReportedByRoot.into()),
            Some(rank) => Err(TrainError::RankDiffers {
                rank,
                step: self.step,
            }),
        }
    }

    /// Waits until rank 0 has written what is due.
    pub(super) fn wait_for_root(&self, due: Due) {
        if due.anything() {
            let what = format!("rank 0 to write the files of step {}", self.step);
            self.ranks().wait_for_all(&what);
        }
    }

    /// All that changes in a training, as rank 0 has it.
    pub(super) fn copy_root(&mut self) -> Result<(), TrainError> {
        let synchronised = self.config.training.sync_batch_norm;
        self.gan.share(&self.share, synchronised);
        if self.ranks().is_alone() {
            return Ok(());
        }
        let (ranks, gan) = (self.share.ranks(), &mut self.gan);
        let own = Position {
            step: self.step,
            retries: self.retries,
            adam_steps: [gan.generator_adam.steps(), gan.discriminator_adam.steps()],
            batches_tracked: batches_tracked(gan),
        };
        let position = ranks.from_root(ranks.is_root().then_some(own), "where rank 0 goes on")?;
        let mut tracked = position.batches_tracked.into_iter();
        for (network, adam, steps) in [
            (
                gan.generator.network_mut(),
                &mut gan.generator_adam,
                position.adam_steps[0],
            ),
            (
                gan.discriminator.network_mut(),
                &mut gan.discriminator_adam,
                position.adam_steps[1],
            ),
        ] {
            copy_weights(ranks, network, &mut tracked);
            copy_moments(ranks, adam, steps);
        }
        (self.step, self.retries) = (position.step, position.retries);
        self.pending.clear();
        Ok(())
    }
}

fn batches_tracked(gan: &Gan) -> Vec<u64> {
    let networks = [gan.generator.network(), gan.discriminator.network()].into_iter();
    let batch_norms = networks.flat_map(Network::batch_norms);
    batch_norms
        .map(|batch_norm| batch_norm.batches_tracked())
        .collect()
}

const WEIGHTS: &str = "the weights of rank 0";

/// Weights and running statistics of rank 0.
fn copy_weights(ranks: &Ranks, network: &mut Network, tracked: &mut impl Iterator<Item = u64>) {
    for parameter in network.parameters_mut() {
        let values = ranks.copy_of_root(parameter.values(), WEIGHTS);
        if !ranks.is_root() {
            parameter.set_values(values);
        }
    }
    for batch_norm in network.batch_norms_mut() {
        let mean = ranks.copy_of_root(batch_norm.running_mean(), WEIGHTS);
        let variance = ranks.copy_of_root(batch_norm.running_var(), WEIGHTS);
        if !ranks.is_root() {
            batch_norm.set_running(mean, variance);
        }
        if let Some(tracked) = tracked.next() {
            batch_norm.set_batches_tracked(tracked);
        }
    }
}

fn copy_moments(ranks: &Ranks, adam: &mut Adam, steps: u64) {
    let copy = |moment| ranks.copy_of_root(to_host(moment), WEIGHTS);
    let moments = adam.moments().iter().cloned();
    let copies = moments.map(|[first, second]| (copy(first), copy(second)));
    let copies: Vec<_> = copies.collect();
    let loss_scale = adam.loss_scale().map(copy);
    if ranks.is_root() {
        return;
    }
    adam.restore(steps, copies);
    if let Some([scale, good_steps]) = loss_scale.as_deref() {
        adam.restore_loss_scale([*scale, *good_steps]);
    }
}

/// The checksum of weights and moments, and of the running statistics where ranks share them.
fn checksum(gan: &Gan, with_statistics: bool) -> u128 {
    let mut checksum = Xxh3::new();
    let mut add = |values: Vec<f32>| checksum.update(bytemuck::cast_slice(&values));
    for (network, adam) in [
        (gan.generator.network(), &gan.generator_adam),
        (gan.discriminator.network(), &gan.discriminator_adam),
    ] {
        let parameters = network.parameters().into_iter();
        parameters.for_each(|parameter| add(parameter.values()));
        let moments = adam.moments().iter().flatten();
        moments.for_each(|moment| add(to_host(moment.clone())));
        adam.loss_scale()
            .map(to_host)
            .into_iter()
            .for_each(&mut add);
        for batch_norm in network
            .batch_norms()
            .into_iter()
            .filter(|_| with_statistics)
        {
            add(batch_norm.running_mean());
            add(batch_norm.running_var());
        }
    }
    checksum.digest128()
}

/// The numbers of one step's metrics.
const VALUES: usize = 8;

fn values(metrics: &StepMetrics) -> [f32; VALUES] {
    let nothing = Signals {
        logit_real: 0.0,
        logit_fake: 0.0,
        gradient_d: 0.0,
        gradient_g: 0.0,
    };
    let signals = metrics.signals.unwrap_or(nothing);
    [
        metrics.loss_d,
        metrics.loss_g,
        metrics.accuracy_real,
        metrics.accuracy_fake,
        signals.logit_real,
        signals.logit_fake,
        signals.gradient_d,
        signals.gradient_g,
    ]
}

fn of_values(values: &[f64]) -> StepMetrics {
    let value = |place: usize| values[place] as f32;
    StepMetrics {
        loss_d: value(0),
        loss_g: value(1),
        accuracy_real: value(2),
        accuracy_fake: value(3),
        signals: Some(Signals {
            logit_real: value(4),
            logit_fake: value(5),
            gradient_d: value(6),
            gradient_g: value(7),
        }),
    }
}

#[cfg(all(test, feature = "mpi"))]
mod tests;
