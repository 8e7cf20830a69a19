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
