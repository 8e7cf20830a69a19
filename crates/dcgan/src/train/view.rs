//! Pictures as the discriminator sees them: augmented, or with noise.

use std::sync::Arc;

use burn::tensor::Tensor;
use rand::{Rng, RngExt};

use crate::config::Augment;
use crate::ops::{Augmentation, add_noise, augment};

/// Pictures move by up to this part of their side (Zhao et al. 2020).
const SHIFT: f32 = 0.125;

/// The side of the cut-out square, as a part of the picture's (Zhao et al. 2020).
const CUTOUT: f32 = 0.5;

/// What happens to a batch before the discriminator sees it; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// One augmentation for each picture.
    pub augmentations: Option<Arc<[Augmentation]>>,
    /// Instance noise (Sønderby et al. 2016, arXiv 1610.04490), and its factor.
    pub noise: Option<(Tensor<4>, f64)>,
}

impl View {
    /// The pictures as the discriminator sees them, with gradients.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C, H, W]`
    pub fn of(&self, pictures: Tensor<4>) -> Tensor<4> {
        let pictures = match &self.augmentations {
            Some(augmentations) => augment(pictures, Arc::clone(augmentations)),
            None => pictures,
        };
        match &self.noise {
            Some((noise, factor)) => add_noise(pictures, noise.clone(), *factor),
            None => pictures,
        }
    }
}

/// One random augmentation for each of `count` pictures of this side. Each part of an augmentation
/// that adapts has this `probability`.
pub(super) fn draw_augmentations(
    augment: Augment,
    probability: f32,
    side: usize,
    count: usize,
    random: &mut impl Rng,
) -> Option<Vec<Augmentation>> {
    let (strength, cuts_out, probability) = match augment {
        Augment::None => return None,
        Augment::Light => (0.5, false, 1.0),
        Augment::Full => (1.0, true, 1.0),
        Augment::Auto => (1.0, true, probability),
    };
    let draw = |_| {
        // U(−strength, strength)
        let mut around_zero = || strength * random.random_range(-1.0_f32..1.0);
        let colours = Augmentation {
            brightness: 0.5 * around_zero(),
            saturation: 1.0 + around_zero(),
            contrast: 1.0 + 0.5 * around_zero(),
            ..Augmentation::none()
        };
        let farthest = (strength * SHIFT * side as f32).round() as i32;
        let shift = [0, 0].map(|_: i32| random.random_range(-farthest..=farthest) as isize);
        let cut = (CUTOUT * side as f32) as usize;
        let cutout = if cuts_out {
            [0, 0].map(|_: i32| {
                let centre = random.random_range(0..=side);
                let start = centre.saturating_sub(cut / 2);
                start..(centre + cut / 2).min(side)
            })
        } else {
            [0..0, 0..0]
        };
        let mut happens = || random.random_range(0.0_f32..1.0) < probability;
        let none = Augmentation::none();
        let [has_colours, moves, is_cut] = [(); 3].map(|()| happens());
        Augmentation {
            shift: if moves { shift } else { none.shift },
            cutout: if is_cut { cutout } else { none.cutout.clone() },
            ..if has_colours { colours } else { none }
        }
    };
    Some((0..count).map(draw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dcgan_support::random::{Purpose, stream};

    fn drawn(augment: Augment, probability: f32) -> Vec<Augmentation> {
        let mut random = stream(1, Purpose::Augmentation, 0);
        draw_augmentations(augment, probability, 64, 500, &mut random).unwrap()
    }

    #[test]
    fn augmentations_stay_in_their_ranges() {
        for (augment, strength) in [(Augment::Light, 0.5), (Augment::Full, 1.0)] {
            let all = drawn(augment, 0.0);
            let largest = |value: fn(&Augmentation) -> f32| {
                all.iter().map(value).map(f32::abs).fold(0.0, f32::max)
            };
            for (largest, range) in [
                (largest(|one| one.brightness), 0.5),
                (largest(|one| one.saturation - 1.0), 1.0),
                (largest(|one| one.contrast - 1.0), 0.5),
                (largest(|one| one.shift[0] as f32), 8.0),
                (largest(|one| one.shift[1] as f32), 8.0),
            ] {
                let range = strength * range;
                assert!(
                    largest <= range && largest > 0.9 * range,
                    "{augment}: {largest}"
                );
            }
            let areas = all
                .iter()
                .map(|one| one.cutout[0].len() * one.cutout[1].len());
            let largest = areas.max().unwrap();
            assert_eq!(largest, if augment == Augment::Full { 32 * 32 } else { 0 });
        }
    }

    #[test]
    fn auto_augments_as_often_as_it_should() {
        assert!(
            drawn(Augment::Auto, 0.0)
                .iter()
                .all(|one| *one == Augmentation::none())
        );
        assert_eq!(drawn(Augment::Auto, 1.0), drawn(Augment::Full, 0.0));
        let moved = drawn(Augment::Auto, 0.3)
            .iter()
            .filter(|one| one.shift != [0, 0])
            .count();
        assert!((100..200).contains(&moved), "{moved} of 500");
    }
}
