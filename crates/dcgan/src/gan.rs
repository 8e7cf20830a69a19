//! The pair of networks with their optimizers: all that a training step changes.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use crate::adam::Adam;
use crate::config::{ModelConfig, Precision, TrainingConfig};
use crate::model::{Discriminator, Generator, ModelError, Network, Pass, Weights, to_host};
use crate::ops::SharedBatch;
use crate::ranks::Share;
use crate::train::Buckets;

/// A generator, a discriminator, and an Adam for each.
#[derive(Debug, Clone)]
pub struct Gan {
    /// G: latent vector ↦ picture.
    pub generator: Generator,
    /// D: picture ↦ logit.
    pub discriminator: Discriminator,
    /// The generator's optimizer.
    pub generator_adam: Adam,
    /// The discriminator's optimizer.
    pub discriminator_adam: Adam,
    /// How several ranks train it together, if they do.
    shared: Option<Shared>,
}

impl Gan {
    /// Networks with their first weights, which depend on the training's seed alone.
    ///
    /// `device` must record gradients (`Device::autodiff`).
    ///
    /// # Errors
    /// As [`ModelConfig::validate`].
    pub fn new(
        model: &ModelConfig,
        training: &TrainingConfig,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let generator = Generator::new(model, training.seed, device)?;
        let discriminator = Discriminator::new(model, training.seed, device)?;
        Ok(Self::of(generator, discriminator, training))
    }

    /// Whether every weight, running statistic and moment is a number, and none infinite.
    pub fn is_finite(&self) -> bool {
        let halves = [
            (self.generator.network(), &self.generator_adam),
            (self.discriminator.network(), &self.discriminator_adam),
        ];
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        halves.into_iter().all(|(network, adam)| {
            let mut moments = adam.moments().iter().flatten();
            network
                .parameters()
                .into_iter()
                .all(|parameter| finite(&parameter.values()))
                && network.batch_norms().into_iter().all(|batch_norm| {
                    finite(&batch_norm.running_mean()) && finite(&batch_norm.running_var())
                })
                && moments.all(|moment| finite(&to_host(moment.clone())))
        })
    }

    /// Given networks, with optimizers that have not made a step yet.
    pub fn of(
        generator: Generator,
        discriminator: Discriminator,
        training: &TrainingConfig,
    ) -> Self {
        let generator = generator.with_precision(training.precision);
        let discriminator = discriminator.with_precision(training.precision);
        Self {
            generator_adam: Adam::new(training, generator.network()),
            discriminator_adam: Adam::new(training, discriminator.network()),
            generator,
            discriminator,
            shared: None,
        }
    }

    /// The same networks and optimizers, computing in `f32`, which every device can.
    pub(crate) fn in_f32(self) -> Self {
        Self {
            generator: self.generator.with_precision(Precision::F32),
            discriminator: self.discriminator.with_precision(Precision::F32),
            generator_adam: self.generator_adam.in_f32(),
            discriminator_adam: self.discriminator_adam.in_f32(),
            shared: self.shared,
        }
    }

    /// From now on each batch is shared by several ranks, and so are its statistics with
    /// `synchronised` batch norm, even if there is only one: it then takes sums over a batch in the
    /// order in which two and four ranks do.
    pub(crate) fn share(&mut self, share: &Share, synchronised: bool) {
        if share.ranks().is_alone() && !synchronised {
            return;
        }
        let buckets =
            |network: &Network, name| Buckets::for_network(network, share, name, synchronised);
        self.shared = Some(Shared {
            discriminator: buckets(
                self.discriminator.network(),
                "the discriminator's gradients",
            ),
            generator: buckets(self.generator.network(), "the generator's gradients"),
            batch: synchronised.then(|| Arc::new(share.clone()) as _),
            share: share.clone(),
        });
    }

    /// The options of the generator's next pass.
    pub(crate) fn generator_pass(&self, weights: Weights) -> Pass {
        self.pass(weights, self.generator_buckets())
    }

    /// The options of the discriminator's next pass.
    pub(crate) fn discriminator_pass(&self, weights: Weights) -> Pass {
        self.pass(weights, self.discriminator_buckets())
    }

    fn pass(&self, weights: Weights, buckets: Option<&Arc<Buckets>>) -> Pass {
        let shared = self.shared.as_ref();
        Pass {
            shared_batch: shared.and_then(|shared| shared.batch.clone()),
            gradient_sink: buckets.map(|buckets| Arc::clone(buckets) as _),
            ..Pass::new(weights)
        }
    }

    /// Where the generator's gradients are summed over ranks, if there are several.
    pub(crate) fn generator_buckets(&self) -> Option<&Arc<Buckets>> {
        self.shared.as_ref().map(|shared| &shared.generator)
    }

    /// Where the discriminator's gradients are summed over ranks, if there are several.
    pub(crate) fn discriminator_buckets(&self) -> Option<&Arc<Buckets>> {
        self.shared.as_ref().map(|shared| &shared.discriminator)
    }

    /// What a loss that is the mean over this rank's part of a batch adds to the mean over all
    /// of it.
    pub(crate) fn share_of(&self, loss: Tensor<1>) -> Tensor<1> {
        match &self.shared {
            Some(shared) => loss * shared.share.weight(),
            None => loss,
        }
    }
}

/// How several ranks train the networks together.
#[derive(Debug, Clone)]
struct Shared {
    share: Share,
    /// Each batch, if batch norm is synchronised.
    batch: Option<Arc<dyn SharedBatch>>,
    generator: Arc<Buckets>,
    discriminator: Arc<Buckets>,
}
