//! A network and its optimizer.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::averaging::average;
use super::buckets::Buckets;
use crate::adam::Adam;
use crate::config::{Precision, TrainingConfig};
use crate::model::{Discriminator, Generator, Network, Pass, Weights, to_host};
use crate::ops::SharedBatch;
use crate::ranks::Share;
use dcgan_support::trace::span;

/// What is trained: a generator or a discriminator.
pub trait Model {
    /// Its layers, parameters and running statistics.
    fn network(&self) -> &Network;

    /// Its layers, parameters and running statistics, to be changed.
    fn network_mut(&mut self) -> &mut Network;

    /// The model with layers that compute in `precision`.
    #[must_use]
    fn with_precision(self, precision: Precision) -> Self
    where
        Self: Sized;
}

impl Model for Generator {
    fn network(&self) -> &Network {
        self.network()
    }

    fn network_mut(&mut self) -> &mut Network {
        self.network_mut()
    }

    fn with_precision(self, precision: Precision) -> Self {
        self.with_precision(precision)
    }
}

impl Model for Discriminator {
    fn network(&self) -> &Network {
        self.network()
    }

    fn network_mut(&mut self) -> &mut Network {
        self.network_mut()
    }

    fn with_precision(self, precision: Precision) -> Self {
        self.with_precision(precision)
    }
}

/// A network, its optimizer, and its share of each batch.
#[derive(Debug, Clone)]
pub struct Player<M: ?Sized> {
    labels: &'static Labels,
    /// The optimizer.
    pub adam: Adam,
    /// `None` in a single process.
    split: Option<SplitBatch>,
    /// The network.
    pub model: M,
}

/// How batches are split across ranks.
#[derive(Debug, Clone)]
struct SplitBatch {
    /// This rank's part of the loss.
    weight: f64,
    /// Sums the gradients of all ranks.
    buckets: Arc<Buckets>,
    /// The whole batch, if batch norm is synchronised.
    batch: Option<Arc<dyn SharedBatch>>,
}

/// What a player is called in files, messages and traces.
#[derive(Debug)]
pub(super) struct Labels {
    name: &'static str,
    gradients: &'static str,
    forward: &'static str,
    backward: &'static str,
    average: &'static str,
    adam: &'static str,
}

pub(super) const GENERATOR: Labels = Labels {
    name: "generator",
    gradients: "the generator's gradients",
    forward: "G forward",
    backward: "G backward",
    average: "G average",
    adam: "G Adam",
};

pub(super) const DISCRIMINATOR: Labels = Labels {
    name: "discriminator",
    gradients: "the discriminator's gradients",
    forward: "D forward",
    backward: "D backward",
    average: "D average",
    adam: "D Adam",
};

impl Player<Generator> {
    /// Fakes in training mode.
    ///
    /// # Shapes
    /// `z` `[B, z_dim, 1, 1]` → `[B, C, H, W]`
    pub fn pictures(&mut self, z: Tensor<4>, weights: Weights) -> Tensor<4> {
        let pass = self.pass(weights);
        span(self.labels.forward, || self.model.forward_train(z, &pass))
    }
}

impl Player<Discriminator> {
    /// One step of the power iteration for each spectral norm of its weights, if they have any.
    pub fn update_spectral_norms(&mut self) {
        self.network_mut().update_spectral_norms();
    }

    /// How real pictures look, in training mode: logits above 0 call them real.
    ///
    /// # Shapes
    /// `pictures` `[B, C, H, W]` → `[B]`
    pub fn logits(&mut self, pictures: Tensor<4>, weights: Weights) -> Tensor<1> {
        let pass = self.pass(weights);
        span(self.labels.forward, || {
            self.model.forward_train(pictures, &pass)
        })
    }
}

impl<M: Model> Player<M> {
    pub(super) fn new(
        model: M,
        labels: &'static Labels,
        training: &TrainingConfig,
        learning_rate: f64,
    ) -> Self {
        let model = model.with_precision(training.precision);
        Self {
            labels,
            adam: Adam::new(training, learning_rate, model.network()),
            split: None,
            model,
        }
    }

    pub(super) fn in_f32(self) -> Self {
        Self {
            adam: self.adam.in_f32(),
            model: self.model.with_precision(Precision::F32),
            ..self
        }
    }

    pub(super) fn split_across_ranks(self, share: &Share, synchronised: bool) -> Self {
        let buckets =
            Buckets::for_network(self.network(), share, self.labels.gradients, synchronised);
        Self {
            split: Some(SplitBatch {
                weight: share.weight(),
                buckets,
                batch: synchronised.then(|| Arc::new(share.clone()) as _),
            }),
            ..self
        }
    }
}

impl<M: Model + ?Sized> Player<M> {
    /// `generator` or `discriminator`.
    pub fn name(&self) -> &'static str {
        self.labels.name
    }

    /// Its layers, parameters and running statistics.
    pub fn network(&self) -> &Network {
        self.model.network()
    }

    /// Its layers, parameters and running statistics, to be changed.
    pub fn network_mut(&mut self) -> &mut Network {
        self.model.network_mut()
    }

    /// Moves the weights one step of Adam down the gradient of `loss`, the mean over this rank's
    /// pictures; returns the gradient's squared length.
    ///
    /// # Shapes
    /// `loss` `[1]` → `[1]`, without gradients
    pub fn descend(&mut self, loss: Tensor<1>) -> Tensor<1> {
        let loss = match &self.split {
            Some(split) => loss * split.weight,
            None => loss,
        };
        let loss = self.adam.scaled(loss);
        let mut gradients = span(self.labels.backward, || loss.backward());
        span(self.labels.average, || {
            if let Some(split) = &self.split {
                average(&split.buckets, self.model.network(), &mut gradients);
            }
        });
        span(self.labels.adam, || {
            self.adam.step(self.model.network_mut(), &mut gradients)
        })
    }

    /// Whether all weights, running statistics and moments are finite.
    pub fn is_finite(&self) -> bool {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let network = self.network();
        let mut moments = self.adam.moments().iter().flatten();
        network
            .parameters()
            .into_iter()
            .all(|parameter| finite(&parameter.values()))
            && network.batch_norms().into_iter().all(|batch_norm| {
                finite(&batch_norm.running_mean()) && finite(&batch_norm.running_var())
            })
            && moments.all(|moment| finite(&to_host(moment.clone())))
    }

    /// The options of a forward pass.
    fn pass(&self, weights: Weights) -> Pass {
        let split = self.split.as_ref();
        Pass {
            shared_batch: split.and_then(|split| split.batch.clone()),
            gradient_sink: split.map(|split| Arc::clone(&split.buckets) as _),
            ..Pass::new(weights)
        }
    }
}
