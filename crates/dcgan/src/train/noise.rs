//! The noise of a step.

use burn::tensor::{Device, Tensor, TensorData};

use super::state::State;
use super::step::StepNoise;
use crate::config::RunConfig;
use crate::ranks::Share;
use dcgan_support::random::{Purpose, retry_stream};

/// The noise of the step after `state`: this rank's rows. Each rank draws the noise of the whole
/// batch, so that it does not depend on how the batch is split.
pub(super) fn draw(config: &RunConfig, state: &State, share: &Share, device: &Device) -> StepNoise {
    let latent_vectors = |purpose| {
        let (model, training) = (&config.model, &config.training);
        let mut random = retry_stream(training.seed, purpose, state.step, state.retries);
        let (rows, count) = (share.rows(), training.batch_size * model.z_dim);
        let mut z = model.latent_distribution().draw(&mut random, count);
        z.truncate(rows.end * model.z_dim);
        z.drain(..rows.start * model.z_dim);
        let data = TensorData::new(z, [rows.len(), model.z_dim, 1, 1]);
        Tensor::from_data(data, device)
    };
    StepNoise {
        discriminator: latent_vectors(Purpose::DiscriminatorNoise),
        generator: if config.training.reuse_noise {
            None
        } else {
            Some(latent_vectors(Purpose::GeneratorNoise))
        },
    }
}
