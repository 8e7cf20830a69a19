//! Latent vectors `z`: the generator's input.

mod arithmetic;
mod direction;
mod interpolation;
mod principal;
mod seed_list;
mod vector_file;

pub use arithmetic::{
    Expression, ExpressionError, Group, Sign, SignedVector, Term, mean, signed_sum,
};
pub use direction::{DirectionOrigin, LatentDirection};
pub use interpolation::{Interpolation, LatentPath};
pub use principal::principal_directions;
pub use seed_list::{SeedList, SeedListError};
pub use vector_file::{LatentFileError, LatentFileProblem, read_z, write_z};

use rand::Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};

use crate::config::{LatentDistribution, ModelConfig};
use dcgan_support::random::{Purpose, stream};

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

/// The latent vector of a seed. It depends on the seed alone.
///
/// # Shapes
/// Returns `[z_dim]`.
pub fn from_seed(model: &ModelConfig, seed: u64) -> Vec<f32> {
    let mut rng = stream(seed, Purpose::Picture, 0);
    model.latent_distribution().draw(&mut rng, model.z_dim)
}

/// The limits that [`truncated`] accepts.
pub const TRUNCATION: std::ops::RangeInclusive<f64> = 0.02..=10.0;

/// The normal latent vector of a seed, with every coordinate beyond ±`limit` redrawn (the truncation
/// trick of Brock, Donahue and Simonyan 2019): a smaller limit gives better but less varied pictures.
///
/// # Shapes
/// Returns `[z_dim]`.
///
/// # Panics
/// If `limit` is outside [`TRUNCATION`].
pub fn truncated(model: &ModelConfig, seed: u64, limit: f64) -> Vec<f32> {
    assert!(TRUNCATION.contains(&limit), "truncation to {limit}");
    let mut rng = stream(seed, Purpose::Picture, 0);
    let draws = std::iter::repeat_with(|| StandardNormal.sample(&mut rng));
    let kept = draws.filter(|z: &f32| f64::from(z.abs()) <= limit);
    kept.take(model.z_dim).collect()
}

/// A 3×3 grid of a vector and eight neighbours around it, row by row. Each coordinate of a neighbour
/// is moved by U(−`size`, `size`), as in the paper's Figure 7.
///
/// # Shapes
/// `[z_dim]` → nine times `[z_dim]`
///
/// # Panics
/// If `z` is not `[z_dim]`.
pub fn neighbours(model: &ModelConfig, z: &[f32], size: f64) -> Vec<Vec<f32>> {
    assert_eq!(z.len(), model.z_dim, "length of a latent vector");
    (0..9)
        .map(|place| {
            if place == 4 {
                return z.to_vec();
            }
            let mut rng = stream(0, Purpose::Neighbours, place);
            let offsets = LatentDistribution::Uniform.draw(&mut rng, z.len());
            z.iter()
                .zip(offsets)
                .map(|(z, offset)| z + size as f32 * offset)
                .collect()
        })
        .collect()
}

/// A batch of latent vectors, keyed by `(seed, purpose, index)`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    #[test]
    fn a_truncated_vector_keeps_the_coordinates_within_its_limit() {
        let model = ModelConfig::new(Preset::Tutorial);
        let whole = from_seed(&model, 5);
        let kept: Vec<f32> = whole.iter().copied().filter(|z| z.abs() <= 0.7).collect();
        let truncated = truncated(&model, 5, 0.7);
        assert_eq!(truncated.len(), model.z_dim);
        assert!(truncated.iter().all(|z| z.abs() <= 0.7));
        assert_eq!(truncated[..kept.len()], kept);
        assert_eq!(super::truncated(&model, 5, 10.0), whole);
    }
}
