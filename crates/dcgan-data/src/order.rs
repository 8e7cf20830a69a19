//! The order of pictures in an epoch, and the random augmentation of each.
//!
//! No generator state needs to be saved: every draw comes from a generator keyed by (seed,
//! purpose, epoch, item). A resumed run needs only the seed and its position, and no draw depends
//! on the number of threads.
//!
//! The keys differ from those of [`dcgan_support::random::stream`], which have no epoch, and the
//! purposes are numbered separately: both stay as they are, or runs could not be repeated.

use dcgan_support::random::keyed_generator;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::options::{Crop, PictureOptions};

/// The purpose of a generator. Generators for different purposes are independent.
#[derive(Clone, Copy)]
enum Purpose {
    /// The item is the number of pictures.
    EpochOrder = 1,
    /// The item is the picture.
    Augmentation = 2,
}

fn generator(seed: u64, purpose: Purpose, epoch: u64, item: u64) -> ChaCha8Rng {
    keyed_generator([seed, purpose as u64, epoch, item])
}

/// A uniformly distributed integer below `bound` (Lemire 2019, "Fast Random Integer Generation in
/// an Interval"). Implemented here so that orders cannot change with the version of a library.
fn below(random: &mut ChaCha8Rng, bound: u32) -> u32 {
    let rejected = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(random.next_u32()) * u64::from(bound);
        if product as u32 >= rejected {
            return (product >> 32) as u32;
        }
    }
}

/// The order in which an epoch visits `len` pictures: a permutation of `0..len` that depends only
/// on the arguments.
///
/// # Examples
///
/// ```
/// use dcgan_data::epoch_order;
///
/// let mut order = epoch_order(42, 0, 1000);
/// assert_eq!(order, epoch_order(42, 0, 1000));
/// assert_ne!(order, epoch_order(42, 1, 1000));
/// order.sort();
/// assert!(order.into_iter().eq(0..1000));
/// ```
pub fn epoch_order(seed: u64, epoch: u64, len: u32) -> Vec<u32> {
    let mut random = generator(seed, Purpose::EpochOrder, epoch, u64::from(len));
    let mut order: Vec<u32> = (0..len).collect();
    // The Fisher–Yates shuffle in Durstenfeld's version.
    for last in (1..len).rev() {
        order.swap(last as usize, below(&mut random, last + 1) as usize);
    }
    order
}

/// The random augmentation of one picture in one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Augmentation {
    /// Whether the picture is mirrored left to right.
    pub flip: bool,
    /// The position of the crop along the longer side: 0 is the start, `u32::MAX` the end. `None`
    /// is the centre.
    pub crop: Option<u32>,
}

impl Augmentation {
    /// No mirroring, and a crop at the centre.
    pub const NONE: Self = Self {
        flip: false,
        crop: None,
    };

    /// Draws the augmentation of a picture in an epoch, as far as `options` ask for one. It depends
    /// only on the arguments.
    pub fn draw(options: &PictureOptions, seed: u64, epoch: u64, picture: u32) -> Self {
        let mut random = generator(seed, Purpose::Augmentation, epoch, u64::from(picture));
        // Always draw both, so that one option does not affect the other.
        let (flip, crop) = (random.next_u32() >> 31 == 1, random.next_u32());
        Self {
            flip: options.flip && flip,
            crop: (options.crop == Crop::Random).then_some(crop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_seed_never_changes() {
        assert_eq!(epoch_order(1, 0, 10), [2, 7, 4, 3, 6, 1, 9, 0, 5, 8]);
        assert_eq!(epoch_order(1, 1, 10), [1, 5, 6, 7, 2, 8, 9, 4, 3, 0]);
    }

    #[test]
    fn every_picture_is_equally_likely_at_every_place() {
        let (len, epochs) = (5, 20_000);
        let mut counts = [[0_i32; 5]; 5];
        for epoch in 0..epochs {
            for (place, picture) in epoch_order(7, epoch, len).into_iter().enumerate() {
                counts[place][picture as usize] += 1;
            }
        }
        // 4000 expected, standard deviation 57.
        for count in counts.into_iter().flatten() {
            assert!((count - 4000).abs() < 285, "{counts:?}");
        }
    }

    #[test]
    fn orders_of_no_picture_and_of_one_exist() {
        assert!(epoch_order(1, 0, 0).is_empty());
        assert_eq!(epoch_order(1, 0, 1), [0]);
    }

    #[test]
    fn half_of_the_pictures_are_flipped_and_different_ones_in_the_next_epoch() {
        let options = PictureOptions {
            flip: true,
            ..PictureOptions::default()
        };
        let flips = |epoch| {
            (0..10_000)
                .filter(|&picture| Augmentation::draw(&options, 3, epoch, picture).flip)
                .collect::<Vec<u32>>()
        };
        let (first, second) = (flips(0), flips(1));
        assert!((4750..5250).contains(&first.len()), "{}", first.len());
        let both = first.iter().filter(|picture| second.contains(picture));
        assert!((2250..2750).contains(&both.count()));
    }

    #[test]
    fn augmentation_does_only_what_the_options_ask_for() {
        let options = PictureOptions::default();
        for picture in 0..100 {
            let drawn = Augmentation::draw(&options, 3, 0, picture);
            assert_eq!(drawn, Augmentation::NONE);
        }
    }
}
