//! Latent vectors `z`: what the generator turns into pictures.

mod arithmetic;
mod direction;
mod interpolation;
mod seed_list;
mod vector_file;

pub use arithmetic::{Expression, ExpressionError, Group, Term, mean, signed_sum};
pub use direction::{Direction, DirectionOrigin};
pub use interpolation::Interpolation;
pub use seed_list::{SeedList, SeedListError};
pub use vector_file::{LatentFileError, read_z, write_z};

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

/// The latent vector of the picture with this seed: the same vector whatever
/// else is drawn beside it.
///
/// # Shapes
/// Returns `[z_dim]`.
pub fn from_seed(model: &ModelConfig, seed: u64) -> Vec<f32> {
    let mut rng = stream(seed, Purpose::Picture, 0);
    model.latent_distribution().draw(&mut rng, model.z_dim)
}

/// The least and the most that [`truncated`] takes.
pub const TRUNCATION: std::ops::RangeInclusive<f64> = 0.02..=10.0;

/// The normal latent vector of a seed with every coordinate beyond ±`limit` drawn again until
/// it is not (Brock, Donahue and Simonyan 2019, the truncation trick): the smaller the limit, the
/// better and the more alike the pictures.
///
/// # Shapes
/// Returns `[z_dim]`.
///
/// # Panics
/// If the limit is not within [`TRUNCATION`].
pub fn truncated(model: &ModelConfig, seed: u64, limit: f64) -> Vec<f32> {
    assert!(TRUNCATION.contains(&limit), "truncation to {limit}");
    let mut rng = stream(seed, Purpose::Picture, 0);
    let draws = std::iter::repeat_with(|| StandardNormal.sample(&mut rng));
    let kept = draws.filter(|z: &f32| f64::from(z.abs()) <= limit);
    kept.take(model.z_dim).collect()
}

/// A vector among eight neighbours, in three rows with itself in the middle: each coordinate of a
/// neighbour is moved by U(−`size`, `size`), as in the paper's Figure 7.
///
/// # Shapes
/// `z` `[z_dim]`; returns nine such vectors.
pub fn neighbours(model: &ModelConfig, z: &[f32], size: f64) -> Vec<Vec<f32>> {
    assert_eq!(z.len(), model.z_dim, "length of a latent vector");
    (0..9)
        .map(|place| {
            if place == 4 {
                return z.to_vec();
            }
            let mut rng = stream(0, Purpose::Neighbours, place);
            let moves = LatentDistribution::Uniform.draw(&mut rng, z.len());
            let moved = z.iter().zip(moves);
            moved.map(|(z, by)| z + size as f32 * by).collect()
        })
        .collect()
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
