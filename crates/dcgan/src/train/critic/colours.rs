//! Which colours of the real pictures the fakes have.
//!
//! The mean distance between fakes does not tell: two colours that are far apart are as varied, by that
//! measure, as all the colours between them.

use dcgan_kernels::vectors::distance;

use super::points::Points;

/// A real picture is covered if a fake is as near as this neighbour among the real pictures.
const NEIGHBOUR: usize = 5;

/// With fewer real pictures, chance decides.
const FEWEST_PICTURES: usize = 16;

/// The colours of the real pictures.
pub(super) struct Colours {
    /// Of each, the colours of its quarters and the distance to its neighbour.
    real: Vec<([f32; 12], f64)>,
}

impl Colours {
    pub fn of_real(pictures: &Points) -> Self {
        let all = pictures.quarters();
        let real = all.iter().map(|one| {
            let mut distances: Vec<f64> = all.iter().map(|other| distance(one, other)).collect();
            distances.sort_by(f64::total_cmp);
            // the first is the picture itself
            let neighbour = distances.get(NEIGHBOUR).copied().unwrap_or(f64::INFINITY);
            (*one, neighbour)
        });
        Self {
            real: real.collect(),
        }
    }

    /// The share of the real pictures that have a fake near them, relative to the share that other real
    /// pictures would be near to; at most 1. `None` for few pictures.
    pub fn covered_by(&self, fakes: &Points) -> Option<f32> {
        if self.real.len() < FEWEST_PICTURES || fakes.len() < FEWEST_PICTURES {
            return None;
        }
        let fakes = fakes.quarters();
        let is_covered = |(real, neighbour): &&([f32; 12], f64)| {
            fakes.iter().any(|fake| distance(real, fake) <= *neighbour)
        };
        let covered = self.real.iter().filter(is_covered).count();
        // each of the nearest five of as many real and other real pictures is real with probability 1/2
        let expected = 1.0 - 0.5_f64.powi(NEIGHBOUR as i32);
        let share = covered as f64 / self.real.len() as f64;
        Some((share / expected).min(1.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::points::tests::greys;
    use super::*;

    #[test]
    fn two_colours_far_apart_cover_little_of_a_range_that_many_colours_cover() {
        let colours = Colours::of_real(&greys((0..64).map(|value| value * 4)));
        let two = greys((0..64).map(|place| if place % 2 == 0 { 40 } else { 210 }));
        let many = greys((0..64).map(|place| place * 4 + 1));
        assert!(colours.covered_by(&many).unwrap() > 0.99);
        let covered = colours.covered_by(&two).unwrap();
        assert!((0.05..0.3).contains(&covered), "{covered}");
    }

    #[test]
    fn few_pictures_have_no_measure() {
        let colours = Colours::of_real(&greys(0..8));
        assert_eq!(colours.covered_by(&greys(0..64)), None);
    }
}
