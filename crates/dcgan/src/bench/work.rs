//! The timed work: a training step, or a batch of pictures.

use burn::tensor::{Device, Tensor, TensorData};
use rand_distr::{Distribution, Uniform};

use super::Plan;
use crate::config::{ConfigError, ModelConfig, TrainingConfig, TrainingOptions};
use crate::gan::Gan;
use crate::latent;
use crate::model::{Cost, Generator, InferenceGenerator};
use crate::train::{Measured, StepNoise, training_step};
use dcgan_support::random::{Purpose, stream};

/// The seed of all benchmarks.
const SEED: u64 = 0;

/// Work that is repeated and timed.
pub trait Work {
    /// `train` or `sample`.
    fn name(&self) -> &'static str;
    /// The networks.
    fn model(&self) -> &ModelConfig;
    /// Multiply-adds of a step per picture of the batch, by definition.
    fn multiply_adds(&self) -> u64;
    /// Does the work once.
    fn step(&mut self, index: u64);
}

/// The paper's settings with the batch size and the precision of a plan.
///
/// # Errors
/// If the batch size is out of range.
pub fn training_config(plan: &Plan) -> Result<TrainingConfig, ConfigError> {
    let options = TrainingOptions {
        batch_size: plan.batch_size,
        precision: plan.precision,
        seed: SEED,
        ..TrainingOptions::default()
    };
    options.build()
}

/// Training steps on one batch of random pictures.
pub struct Training {
    gan: Gan,
    real: Tensor<4>,
    device: Device,
}

impl Training {
    /// Steps from `gan`.
    pub fn new(gan: Gan, batch_size: usize, device: &Device) -> Self {
        let real = random_pictures(gan.generator.model.config(), batch_size, device);
        let device = device.clone();
        Self { gan, real, device }
    }

    fn noise(&self, purpose: Purpose, index: u64) -> Tensor<4> {
        let [batch_size, ..] = self.real.dims();
        let config = self.model();
        let z = latent::noise(config, SEED, purpose, index, batch_size);
        let data = TensorData::new(z, [batch_size, config.z_dim, 1, 1]);
        Tensor::from_data(data, &self.device)
    }
}

impl Work for Training {
    fn name(&self) -> &'static str {
        "train"
    }

    fn model(&self) -> &ModelConfig {
        self.gan.generator.model.config()
    }

    fn multiply_adds(&self) -> u64 {
        training_multiply_adds(
            self.gan.generator.model.cost(),
            self.gan.discriminator.model.cost(),
        )
    }

    fn step(&mut self, index: u64) {
        let noise = StepNoise::latent(
            self.noise(Purpose::DiscriminatorNoise, index),
            Some(self.noise(Purpose::GeneratorNoise, index)),
        );
        // a step has ended when its losses are known
        Measured::read(vec![training_step(&mut self.gan, self.real.clone(), noise)]);
    }
}

/// Multiply-adds per picture of a training step without superfluous computation.
fn training_multiply_adds(g: Cost, d: Cost) -> u64 {
    // D's update: fakes from a frozen G, then a pass each for fakes and reals
    let backward = d.weight_gradients() + d.inner_input_gradients();
    let update_d = g.forward + 2 * (d.forward + backward);
    // G's update: back through the frozen D to G
    let backward = d.input_gradients() + g.weight_gradients() + g.inner_input_gradients();
    let update_g = g.forward + d.forward + backward;
    update_d + update_g
}

/// Pictures of uniform noise, with the channels last in memory as in training batches.
///
/// # Shapes
/// Returns `[batch_size, channels, image_size, image_size]`.
fn random_pictures(model: &ModelConfig, batch_size: usize, device: &Device) -> Tensor<4> {
    let (size, channels) = (model.image_size, model.channels);
    let uniform = Uniform::new(-1.0, 1.0).expect("-1 lies below 1");
    let pixels: Vec<f32> = uniform
        .sample_iter(stream(SEED, Purpose::BenchmarkPictures, 0))
        .take(batch_size * size * size * channels)
        .collect();
    let data = TensorData::new(pixels, [batch_size, size, size, channels]);
    Tensor::<4>::from_data(data, device).permute([0, 3, 1, 2])
}

/// The pictures of one batch of latent vectors, drawn repeatedly.
pub struct Sampling {
    generator: InferenceGenerator,
    cost: Cost,
    z: Vec<f32>,
}

impl Sampling {
    /// Draws from the latent vectors with seeds from 0.
    pub fn new(generator: Generator, batch_size: usize) -> Self {
        let (config, cost) = (generator.config(), generator.cost());
        let z = (0..batch_size as u64)
            .flat_map(|seed| latent::from_seed(config, seed))
            .collect();
        Self {
            generator: InferenceGenerator::new(generator, batch_size),
            cost,
            z,
        }
    }
}

impl Work for Sampling {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn model(&self) -> &ModelConfig {
        self.generator.config()
    }

    fn multiply_adds(&self) -> u64 {
        self.cost.forward
    }

    fn step(&mut self, _index: u64) {
        std::hint::black_box(self.generator.draw(&self.z, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_step_is_four_passes_of_g_less_a_layer_and_eight_of_d_less_two() {
        let g = Cost {
            forward: 1000,
            first_layer: 10,
            values: 0,
            kept: 0,
            parameters: 0,
        };
        let d = Cost {
            forward: 100,
            first_layer: 1,
            values: 0,
            kept: 0,
            parameters: 0,
        };
        // G: forward twice, weight gradients, input gradients but for its first layer's.
        // D: forward three times; weight gradients twice; input gradients three times,
        // of which two are without the first layer's.
        let expected = (2 + 1 + 1) * 1000 - 10 + (3 + 2 + 3) * 100 - 2;
        assert_eq!(training_multiply_adds(g, d), expected);
    }
}
