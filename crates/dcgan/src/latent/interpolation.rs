//! Ways between latent vectors.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::config::LatentDistribution;

/// How a way goes from one latent vector to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// Along the sphere: every vector on the way is as likely as one that was drawn.
    ///
    /// Two independent normal vectors are nearly orthogonal, and
    /// sin((1−t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b is then normal too (Shoemake 1985; White 2016,
    /// "Sampling Generative Networks"). Uniform vectors are carried to normal ones, coordinate by
    /// coordinate through both distribution functions, and back.
    Spherical,
    /// Along the straight line: the middle is nearer to 0 than vectors that are drawn, so its
    /// pictures are tamer.
    Linear,
}

impl Interpolation {
    /// The vector at `t` of the way from `from` (0) to `to` (1).
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn at(
        self,
        distribution: LatentDistribution,
        from: &[f32],
        to: &[f32],
        t: f64,
    ) -> Vec<f32> {
        assert_eq!(from.len(), to.len(), "lengths of two latent vectors");
        // the ends themselves, to the last bit
        if t <= 0.0 || t >= 1.0 {
            return if t <= 0.0 { from } else { to }.to_vec();
        }
        match (self, distribution) {
            (Self::Linear, _) => combine(from, to, [1.0 - t, t]),
            (Self::Spherical, LatentDistribution::Normal) => spherical(from, to, t),
            (Self::Spherical, LatentDistribution::Uniform) => {
                let [from, to] = [from, to].map(uniform_to_normal);
                normal_to_uniform(&spherical(&from, &to, t))
            }
        }
    }

    /// A way through all of `stops`: `steps` vectors from each to the next, without that next
    /// one, and the last stop at the end; or, if `closed`, back to the first one and without it.
    ///
    /// # Panics
    /// If the stops have different lengths.
    pub fn way(
        self,
        distribution: LatentDistribution,
        stops: &[Vec<f32>],
        steps: usize,
        closed: bool,
    ) -> Vec<Vec<f32>> {
        let nexts = stops.iter().skip(1).chain(stops.first().filter(|_| closed));
        let mut way = Vec::new();
        for (from, to) in stops.iter().zip(nexts) {
            let at = |step| self.at(distribution, from, to, step as f64 / steps as f64);
            way.extend((0..steps).map(at));
        }
        way.extend(stops.last().filter(|_| !closed).cloned());
        way
    }
}

fn combine(one: &[f32], other: &[f32], [a, b]: [f64; 2]) -> Vec<f32> {
    let pairs = one.iter().zip(other);
    pairs
        .map(|(&x, &y)| (a * f64::from(x) + b * f64::from(y)) as f32)
        .collect()
}

fn spherical(from: &[f32], to: &[f32], t: f64) -> Vec<f32> {
    let dot = |one: &[f32], other: &[f32]| -> f64 {
        let pairs = one.iter().zip(other);
        pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    let cosine = dot(from, to) / (dot(from, from) * dot(to, to)).sqrt();
    let angle = cosine.clamp(-1.0, 1.0).acos();
    // parallel vectors, or one of length 0: no sphere, but then a line does as well
    if angle.is_nan() || angle.sin() <= 1e-6 {
        return combine(from, to, [1.0 - t, t]);
    }
    let weights = [(1.0 - t) * angle, t * angle].map(|part| part.sin() / angle.sin());
    combine(from, to, weights)
}

/// Coordinates of U(−1, 1) to those of N(0, 1) that as many lie below.
fn uniform_to_normal(z: &[f32]) -> Vec<f32> {
    let normal = Normal::standard();
    // the ends would be infinitely far away
    let below = |z: f32| ((f64::from(z) + 1.0) / 2.0).clamp(1e-9, 1.0 - 1e-9);
    z.iter()
        .map(|&z| normal.inverse_cdf(below(z)) as f32)
        .collect()
}

fn normal_to_uniform(z: &[f32]) -> Vec<f32> {
    let normal = Normal::standard();
    z.iter()
        .map(|&z| (2.0 * normal.cdf(f64::from(z)) - 1.0) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dcgan_support::random::{Purpose, stream};

    const BOTH: [LatentDistribution; 2] = [LatentDistribution::Normal, LatentDistribution::Uniform];

    fn drawn(distribution: LatentDistribution, seed: u64, count: usize) -> Vec<f32> {
        distribution.draw(&mut stream(seed, Purpose::Picture, 0), count)
    }

    #[test]
    fn a_way_begins_and_ends_at_its_stops() {
        for distribution in BOTH {
            for mode in [Interpolation::Spherical, Interpolation::Linear] {
                let stops: Vec<_> = (0..3).map(|seed| drawn(distribution, seed, 20)).collect();
                let open = mode.way(distribution, &stops, 4, false);
                assert_eq!(open.len(), 9);
                assert!(open[0] == stops[0] && open[4] == stops[1] && open[8] == stops[2]);
                let closed = mode.way(distribution, &stops, 4, true);
                assert_eq!(closed.len(), 12);
                assert!(closed[..9] == open && closed[11] != stops[0]);
            }
        }
    }

    #[test]
    fn the_middle_of_a_spherical_way_is_spread_as_what_is_drawn() {
        for distribution in BOTH {
            let [from, to] = [1, 2].map(|seed| drawn(distribution, seed, 20_000));
            let middle = Interpolation::Spherical.at(distribution, &from, &to, 0.5);
            let mean_square = |z: &[f32]| {
                let sum: f64 = z.iter().map(|&z| f64::from(z).powi(2)).sum();
                sum / z.len() as f64
            };
            let ratio = mean_square(&middle) / mean_square(&from);
            assert!((ratio - 1.0).abs() < 0.03, "{distribution:?}: {ratio}");
            let line = Interpolation::Linear.at(distribution, &from, &to, 0.5);
            assert!(mean_square(&line) < 0.55 * mean_square(&from));
        }
    }

    #[test]
    fn equal_and_opposite_ends_give_numbers() {
        for distribution in BOTH {
            let from = drawn(distribution, 1, 10);
            let opposite: Vec<f32> = from.iter().map(|z| -z).collect();
            for to in [&from, &opposite, &vec![0.0; 10]] {
                let middle = Interpolation::Spherical.at(distribution, &from, to, 0.5);
                assert!(middle.iter().all(|z| z.is_finite()));
            }
        }
    }
}
