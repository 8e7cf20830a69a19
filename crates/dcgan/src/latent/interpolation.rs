//! Paths between latent vectors.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::config::LatentDistribution;

/// How to get from one latent vector to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// Along a great circle: every vector on the path is as likely as a random one.
    ///
    /// Two independent normal vectors are nearly orthogonal, so that
    /// sin((1−t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b is also normal (Shoemake 1985; White 2016,
    /// "Sampling Generative Networks"). Uniform vectors are mapped to normal ones, coordinate by
    /// coordinate through both cumulative distribution functions, and back.
    Spherical,
    /// Along a straight line. Its middle is closer to 0 than random vectors are, so its pictures are
    /// closer to the average.
    Linear,
}

impl Interpolation {
    /// The vector at `t` from `from` (0) to `to` (1).
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
        // the ends are exact
        if t <= 0.0 {
            return from.to_vec();
        }
        if t >= 1.0 {
            return to.to_vec();
        }
        match (self, distribution) {
            (Self::Linear, _) => weighted_sum((1.0 - t, from), (t, to)),
            (Self::Spherical, LatentDistribution::Normal) => spherical(from, to, t),
            (Self::Spherical, LatentDistribution::Uniform) => {
                let [from, to] = [from, to].map(uniform_to_normal);
                normal_to_uniform(&spherical(&from, &to, t))
            }
        }
    }
}

/// How to connect several latent vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatentPath {
    /// How to get from one stop to the next.
    pub interpolation: Interpolation,
    /// Vectors from each stop to the next, including the first of the two.
    pub steps: usize,
    /// Whether to return to the first stop.
    pub closed: bool,
}

impl LatentPath {
    /// The vectors along the path: `steps` from each stop to the next, and the last stop at the
    /// end; a closed path ends just before it reaches the first stop again.
    ///
    /// # Panics
    /// If the lengths of the stops differ.
    pub fn through(&self, stops: &[Vec<f32>], distribution: LatentDistribution) -> Vec<Vec<f32>> {
        let back = stops.first().filter(|_| self.closed);
        let nexts = stops.iter().skip(1).chain(back);
        let mut path = Vec::new();
        for (from, to) in stops.iter().zip(nexts) {
            for step in 0..self.steps {
                let t = step as f64 / self.steps as f64;
                path.push(self.interpolation.at(distribution, from, to, t));
            }
        }
        if !self.closed {
            path.extend(stops.last().cloned());
        }
        path
    }
}

fn weighted_sum((a, x): (f64, &[f32]), (b, y): (f64, &[f32])) -> Vec<f32> {
    x.iter()
        .zip(y)
        .map(|(&x, &y)| (a * f64::from(x) + b * f64::from(y)) as f32)
        .collect()
}

fn dot(x: &[f32], y: &[f32]) -> f64 {
    x.iter()
        .zip(y)
        .map(|(&x, &y)| f64::from(x) * f64::from(y))
        .sum()
}

fn spherical(from: &[f32], to: &[f32], t: f64) -> Vec<f32> {
    let cosine = dot(from, to) / (dot(from, from) * dot(to, to)).sqrt();
    let angle = cosine.clamp(-1.0, 1.0).acos();
    // there is no great circle through parallel vectors or 0
    if angle.is_nan() || angle.sin() <= 1e-6 {
        return weighted_sum((1.0 - t, from), (t, to));
    }
    let weight = |part: f64| (part * angle).sin() / angle.sin();
    weighted_sum((weight(1.0 - t), from), (weight(t), to))
}

/// Maps U(−1, 1) to N(0, 1), quantile to quantile.
fn uniform_to_normal(z: &[f32]) -> Vec<f32> {
    let normal = Normal::standard();
    // the ends would become infinite
    let quantile = |z: f32| ((f64::from(z) + 1.0) / 2.0).clamp(1e-9, 1.0 - 1e-9);
    z.iter()
        .map(|&z| normal.inverse_cdf(quantile(z)) as f32)
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
    fn a_path_passes_exactly_through_its_stops() {
        for distribution in BOTH {
            for interpolation in [Interpolation::Spherical, Interpolation::Linear] {
                let stops: Vec<_> = (0..3).map(|seed| drawn(distribution, seed, 20)).collect();
                let path = |closed| {
                    let steps = 4;
                    let path = LatentPath {
                        interpolation,
                        steps,
                        closed,
                    };
                    path.through(&stops, distribution)
                };
                let open = path(false);
                assert_eq!(open.len(), 9);
                assert!(open[0] == stops[0] && open[4] == stops[1] && open[8] == stops[2]);
                let closed = path(true);
                assert_eq!(closed.len(), 12);
                assert!(closed[..9] == open && closed[11] != stops[0]);
            }
        }
    }

    #[test]
    fn the_middle_of_a_spherical_path_is_as_long_as_a_random_vector() {
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
    fn equal_and_opposite_ends_give_finite_vectors() {
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
