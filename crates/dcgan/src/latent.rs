//! Latent vectors `z`: what the generator turns into pictures.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};

use crate::config::{LatentDistribution, ModelConfig};
use crate::random::{Purpose, stream};

impl LatentDistribution {
    /// `count` independent coordinates.
    pub fn draw(self, rng: &mut impl Rng, count: usize) -> Vec<f32> {
        match self {
            Self::Normal => StandardNormal.sample_iter(rng).take(count).collect(),
            Self::Uniform => match Uniform::new(-1.0, 1.0) {
                Ok(uniform) => uniform.sample_iter(rng).take(count).collect(),
                Err(_) => unreachable!("-1 lies below 1"),
            },
        }
    }
}

/// The latent vector of the picture with this seed: the same vector whatever
/// else is drawn beside it.
///
/// # Shapes
/// Returns `[z_dim]`.
pub fn of_seed(model: &ModelConfig, seed: u64) -> Vec<f32> {
    let mut rng = stream(seed, Purpose::Picture, 0);
    model.latent_distribution().draw(&mut rng, model.z_dim)
}

/// A batch of noise for one update of one training step.
///
/// # Shapes
/// Returns `[batch_size, z_dim]`, row by row.
pub fn noise(
    model: &ModelConfig,
    seed: u64,
    purpose: Purpose,
    index: u64,
    batch_size: usize,
) -> Vec<f32> {
    let mut rng = stream(seed, purpose, index);
    model
        .latent_distribution()
        .draw(&mut rng, batch_size * model.z_dim)
}
