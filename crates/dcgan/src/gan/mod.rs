//! The two networks, their optimizers and the average of the generator's weights: everything that a
//! training step changes.

mod average;
mod averaging;
mod buckets;
mod feedback;
mod player;

pub use average::WeightAverage;
pub use feedback::Feedback;
pub use player::{Model, Player};

use burn::tensor::Device;

use crate::config::{ModelConfig, TrainingConfig};
use crate::loss::Objective;
use crate::model::{Discriminator, Generator, ModelError};
use crate::ranks::Share;
use dcgan_support::trace::span;

/// The two players of the game.
#[derive(Debug, Clone)]
pub struct Gan {
    /// G: latent vector ↦ picture.
    pub generator: Player<Generator>,
    /// D: picture ↦ logit.
    pub discriminator: Player<Discriminator>,
    /// What both minimise.
    pub objective: Objective,
    /// The average of G's weights, if the training keeps one.
    pub average: Option<WeightAverage>,
    /// What follows the measurements of each step, if anything does.
    pub feedback: Option<Feedback>,
}

impl Gan {
    /// Networks with their initial weights, which depend on the training's seed alone.
    ///
    /// `device` must record gradients (`Device::autodiff`).
    ///
    /// # Errors
    /// If the networks cannot be built.
    pub fn new(
        model: &ModelConfig,
        training: &TrainingConfig,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let generator = Generator::new(model, training.seed, device)?;
        let discriminator = Discriminator::new(model, training.seed, device)?;
        Ok(Self::from_networks(generator, discriminator, training))
    }

    /// Given networks, with new optimizers.
    pub fn from_networks(
        generator: Generator,
        discriminator: Discriminator,
        training: &TrainingConfig,
    ) -> Self {
        Self {
            objective: Objective::from(training),
            average: WeightAverage::new(training, generator.network()),
            feedback: Feedback::new(training),
            generator: Player::new(
                generator,
                &player::GENERATOR,
                training,
                training.rate_of_generator(),
            ),
            discriminator: Player::new(
                discriminator,
                &player::DISCRIMINATOR,
                training,
                training.rate_of_discriminator(),
            ),
        }
    }

    /// The generator, then the discriminator.
    pub fn players(&self) -> [&Player<dyn Model>; 2] {
        [&self.generator, &self.discriminator]
    }

    /// The generator, then the discriminator, to be changed.
    pub fn players_mut(&mut self) -> [&mut Player<dyn Model>; 2] {
        [&mut self.generator, &mut self.discriminator]
    }

    /// The size of a checkpoint's tensors in bytes: weights, both moments of Adam, and the average. Running
    /// statistics, which are small, are not counted.
    pub fn checkpoint_bytes(&self) -> u64 {
        let numbers = |player: &Player<dyn Model>| 3 * player.network().parameter_count() as u64;
        let average = self
            .average
            .as_ref()
            .map_or(0, |_| self.generator.network().parameter_count() as u64);
        let sum: u64 = self.players().into_iter().map(numbers).sum();
        (sum + average) * size_of::<f32>() as u64
    }

    /// The generator that draws: with the average of its weights if the training keeps one. Its
    /// running statistics are those of the training.
    pub fn drawing_generator(&self) -> Generator {
        let generator = &self.generator.model;
        match &self.average {
            Some(average) => average.applied_to(generator),
            None => generator.clone(),
        }
    }

    /// Adds G's weights to their average after a step.
    pub(crate) fn update_average(&mut self) {
        if let Some(average) = &mut self.average {
            let generator = &self.generator;
            span("average weights", || {
                average.add(generator.network(), generator.adam.steps());
            });
        }
    }

    /// Multiplies the learning rates of the next steps by `factor`.
    pub(crate) fn set_learning_rate_factor(&mut self, factor: f64) {
        for player in self.players_mut() {
            player.adam.set_learning_rate_factor(factor);
        }
    }

    /// Whether all weights, running statistics and moments are finite. So is then the average.
    pub fn is_finite(&self) -> bool {
        self.players().iter().all(|player| player.is_finite())
    }

    /// The same networks and optimizers, computing in `f32`, which every device can.
    pub(crate) fn in_f32(self) -> Self {
        Self {
            generator: self.generator.in_f32(),
            discriminator: self.discriminator.in_f32(),
            objective: self.objective,
            average: self.average,
            feedback: self.feedback,
        }
    }

    /// The same networks and optimizers, trained on batches that are split across ranks, with the
    /// statistics of all of a batch if batch norm is `synchronised`. A single rank then sums in
    /// the order in which two and four ranks do.
    pub(crate) fn split_across_ranks(self, share: &Share, synchronised: bool) -> Self {
        if share.ranks().is_alone() && !synchronised {
            return self;
        }
        Self {
            generator: self.generator.split_across_ranks(share, synchronised),
            discriminator: self.discriminator.split_across_ranks(share, synchronised),
            objective: self.objective,
            average: self.average,
            feedback: self.feedback,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tensor};

    use super::*;
    use crate::config::{ModelOptions, Preset, TrainingOptions};
    use crate::device;
    use crate::train::{StepNoise, training_step};

    #[test]
    fn each_network_has_its_own_learning_rate() {
        let model = ModelOptions::new(Preset::Small)
            .with_ngf(2)
            .with_ndf(2)
            .with_z_dim(3)
            .build()
            .unwrap();
        let training = TrainingOptions {
            learning_rate: 0.5,
            learning_rate_g: Some(1e-3),
            learning_rate_d: Some(1e-4),
            ..TrainingOptions::default()
        };
        let device = device::of_tests();
        let mut gan = Gan::new(&model, &training.build().unwrap(), &device).unwrap();
        let weights = |gan: &Gan| {
            gan.players().map(|player| {
                let parameters = player.network().parameters().into_iter();
                let values: Vec<f32> = parameters.flat_map(|one| one.values()).collect();
                values
            })
        };
        let before = weights(&gan);
        let random = |shape| Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &device);
        let noise = StepNoise::latent(random([4, 3, 1, 1]), Some(random([4, 3, 1, 1])));
        training_step(&mut gan, random([4, 3, 64, 64]), noise);
        for ((before, after), rate) in before.iter().zip(weights(&gan)).zip([1e-3, 1e-4]) {
            // Adam's first step is the learning rate in the direction of the gradient's sign
            let steps = before
                .iter()
                .zip(&after)
                .map(|(one, other)| (one - other).abs());
            let largest = steps.fold(0.0, f32::max);
            assert!((largest / rate - 1.0).abs() < 0.01, "{largest} for {rate}");
        }
    }
}
