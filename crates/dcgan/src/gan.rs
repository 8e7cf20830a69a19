//! The pair of networks with their optimizers: all that a training step changes.

use burn::tensor::Device;

use crate::adam::Adam;
use crate::config::{ModelConfig, TrainingConfig};
use crate::model::{Discriminator, Generator, ModelError};

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

    /// Given networks, with optimizers that have not made a step yet.
    pub fn of(
        generator: Generator,
        discriminator: Discriminator,
        training: &TrainingConfig,
    ) -> Self {
        Self {
            generator_adam: Adam::new(training, generator.network()),
            discriminator_adam: Adam::new(training, discriminator.network()),
            generator,
            discriminator,
        }
    }
}
