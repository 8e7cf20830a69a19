//! The noise of a step: drawn for the whole batch, whoever has a part of it.

use burn::tensor::{Tensor, TensorData};

use super::Trainer;
use super::step::StepNoise;
use dcgan_support::random::{Purpose, retry_stream};

impl Trainer {
    /// The noise of the step that is made next: this rank's rows of it.
    pub(super) fn step_noise(&self) -> StepNoise {
        StepNoise {
            discriminator: self.noise(Purpose::DiscriminatorNoise),
            generator: match self.config.training.reuse_noise {
                true => None,
                false => Some(self.noise(Purpose::GeneratorNoise)),
            },
        }
    }

    fn noise(&self, purpose: Purpose) -> Tensor<4> {
        let (model, training) = (&self.config.model, &self.config.training);
        let mut random = retry_stream(training.seed, purpose, self.step, self.retries);
        let (rows, count) = (self.share.rows(), training.batch_size * model.z_dim);
        let mut z = model.latent_distribution().draw(&mut random, count);
        z.truncate(rows.end * model.z_dim);
        z.drain(..rows.start * model.z_dim);
        let data = TensorData::new(z, [rows.len(), model.z_dim, 1, 1]);
        Tensor::from_data(data, &self.device)
    }
}
