//! Batch norm's running statistics, re-estimated for drawing.
//!
//! During training the running statistics lag behind the weights, and pictures drawn with them
//! look worse than those of the training grids. So before a generator is saved or sampled from,
//! its statistics are estimated again for the weights as they are, over fixed latent vectors.

use burn::tensor::{Device, Tensor, TensorData};

use crate::latent;
use crate::model::{Generator, Pass, RunningStatistics};
use dcgan_support::random::Purpose;

const BATCHES: u64 = 16;
const BATCH_SIZE: usize = 64;

/// A copy of `generator` whose running statistics are the means over 1,024 latent vectors of a
/// fixed seed (PyTorch's `momentum=None`).
pub fn estimate_statistics(generator: &Generator, device: &Device) -> Generator {
    let mut estimated = generator.clone();
    let z_dim = generator.config().z_dim;
    for batch in 0..BATCHES {
        let z = latent::noise(
            generator.config(),
            0,
            Purpose::Statistics,
            batch,
            BATCH_SIZE,
        );
        let z = TensorData::new(z, [BATCH_SIZE, z_dim, 1, 1]);
        let pass = Pass {
            running_statistics: RunningStatistics::Mean { batch: batch + 1 },
            ..Pass::freeze()
        };
        estimated.forward_train(Tensor::from_data(z, device), &pass);
    }
    estimated
}
