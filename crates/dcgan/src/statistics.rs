//! Batch norm's statistics for sampling.
//!
//! While a GAN trains, the running statistics lag behind weights that never
//! rest, and pictures drawn with them look worse than the training grids. So
//! before a generator is saved or sampled, its statistics are estimated afresh
//! for the weights as they are, over latent vectors that are always the same.

use burn::tensor::{Device, Tensor, TensorData};

use crate::latent;
use crate::model::{Generator, Weights};
use dcgan_support::random::Purpose;

const BATCHES: u64 = 16;
const BATCH_SIZE: usize = 64;

/// A copy of `generator` whose running statistics are the averages over 1,024
/// latent vectors of a fixed seed (PyTorch's `momentum=None`).
pub fn estimate(generator: &Generator, device: &Device) -> Generator {
    let mut estimated = generator.clone();
    estimated.network_mut().start_averaging();
    for batch in 0..BATCHES {
        let z = latent::noise(
            generator.config(),
            0,
            Purpose::Statistics,
            batch,
            BATCH_SIZE,
        );
        let data = TensorData::new(z, [BATCH_SIZE, generator.config().z_dim, 1, 1]);
        estimated.forward_train(Tensor::from_data(data, device), Weights::Freeze);
    }
    let trained = generator.network().batch_norms();
    for (batch_norm, trained) in estimated
        .network_mut()
        .batch_norms_mut()
        .into_iter()
        .zip(trained)
    {
        batch_norm.stop_averaging(trained.batches_tracked());
    }
    estimated
}
