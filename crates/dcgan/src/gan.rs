//! The pair of networks with their optimizers: all that a training step changes.

use burn::tensor::{Device, Tensor};

use crate::adam::Adam;
use crate::config::{ModelConfig, Precision, TrainingConfig};
use crate::model::{Discriminator, Generator, ModelError, to_host};
use crate::ranks::Share;

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
    /// The part of each batch that it is trained on here, if several ranks train it.
    share: Option<Share>,
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
        mut generator: Generator,
        mut discriminator: Discriminator,
        training: &TrainingConfig,
    ) -> Self {
        for network in [generator.network_mut(), discriminator.network_mut()] {
            network.set_precision(training.precision);
        }
        Self {
            generator_adam: Adam::new(training, generator.network()),
            discriminator_adam: Adam::new(training, discriminator.network()),
            generator,
            discriminator,
            share: None,
        }
    }

    /// Computes in `f32` from now on, which every device can.
    pub(crate) fn compute_in_f32(&mut self) {
        for network in [
            self.generator.network_mut(),
            self.discriminator.network_mut(),
        ] {
            network.set_precision(Precision::F32);
        }
        self.generator_adam.stop_scaling();
        self.discriminator_adam.stop_scaling();
    }

    /// From now on each batch is shared by several ranks, and so are its statistics with
    /// `synchronised` batch norm, even if there is only one: it then takes sums over a batch in the
    /// order in which two and four ranks do.
    pub(crate) fn share(&mut self, share: &Share, synchronised: bool) {
        if share.ranks().is_alone() && !synchronised {
            return;
        }
        let network = self.discriminator.network_mut();
        network.share(share, "the discriminator's gradients", synchronised);
        let network = self.generator.network_mut();
        network.share(share, "the generator's gradients", synchronised);
        self.share = Some(share.clone());
    }

    /// What a loss that is the mean over this rank's part of a batch adds to the mean over all
    /// of it.
    pub(crate) fn share_of(&self, loss: Tensor<1>) -> Tensor<1> {
        match &self.share {
            Some(share) => loss * share.weight(),
            None => loss,
        }
    }
}
