//! Which colours of the real pictures the fakes have.
//!
//! The mean distance between fakes does not tell: two colours that are far apart are as varied, by that
//! measure, as all the colours between and around them. Backgrounds of peach and pale blue alone are
//! farther apart than backgrounds of all pastel colours.

use super::points::{PLACES, Points};

/// A real picture is covered if a fake is as near as this neighbour among the real pictures.
const NEIGHBOUR: usize = 5;

/// Colours this near are the same, however near the neighbours: 5 of 255 levels.
const SAME: f32 = 0.02;

/// With fewer real pictures, chance decides.
const FEWEST_PICTURES: usize = 16;

/// The places of a picture that are judged: those with the smallest coverage.
const WORST_PLACES: usize = PLACES / 4;

/// The colours of the real pictures.
pub(super) struct Colours {
    /// At each place, of each picture: its colour, and the distance to its neighbour.
    places: Vec<Vec<(Hue, f32)>>,
}

/// A colour without its brightness: red minus green, and yellow minus blue.
pub(super) type Hue = [f32; 2];

impl Colours {
    pub fn of_real(pictures: &Points) -> Self {
        let places = pictures.hues().into_iter().map(|all| {
            let with_neighbour = |one: &Hue| {
                let mut distances: Vec<f32> = all.iter().map(|other| between(one, other)).collect();
                distances.sort_by(f32::total_cmp);
                // the first is the picture itself
                let neighbour = distances.get(NEIGHBOUR).copied().unwrap_or(f32::INFINITY);
                (*one, neighbour.max(SAME))
            };
            all.iter().map(with_neighbour).collect()
        });
        Self {
            places: places.collect(),
        }
    }

    /// The share of the real pictures whose colour a fake has, at the places where it is smallest,
    /// relative to the share that other real pictures would have; at most 1. `None` for few pictures.
    pub fn covered_by(&self, fakes: &Points) -> Option<f32> {
        let real = self.places.first().map_or(0, Vec::len);
        if real.min(fakes.len()) < FEWEST_PICTURES {
            return None;
        }
        let fakes = fakes.hues();
        let covered_at = |(real, fakes): (&Vec<(Hue, f32)>, &Vec<Hue>)| {
            let is_covered = |(hue, neighbour): &&(Hue, f32)| {
                fakes.iter().any(|fake| between(hue, fake) <= *neighbour)
            };
            real.iter().filter(is_covered).count()
        };
        let mut covered: Vec<usize> = self.places.iter().zip(&fakes).map(covered_at).collect();
        covered.sort_unstable();
        let worst: usize = covered[..WORST_PLACES].iter().sum();
        // each of the nearest five of as many real and other real pictures is real with probability 1/2
        let expected = 1.0 - 0.5_f32.powi(NEIGHBOUR as i32);
        let share = worst as f32 / (WORST_PLACES * real) as f32;
        Some((share / expected).min(1.0))
    }
}

fn between(one: &Hue, other: &Hue) -> f32 {
    (one[0] - other[0]).hypot(one[1] - other[1])
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb, RgbImage};

    use super::super::points::tests::greys;
    use super::*;

    /// Pictures with a grey middle on these backgrounds.
    fn on(backgrounds: impl IntoIterator<Item = [u8; 3]>) -> Points {
        let picture = |background| {
            RgbImage::from_fn(32, 32, |x, y| {
                let is_middle = (8..24).contains(&x) && (8..24).contains(&y);
                Rgb(if is_middle { [128; 3] } else { background })
            })
            .into()
        };
        let pictures: Vec<DynamicImage> = backgrounds.into_iter().map(picture).collect();
        Points::from_pictures(&pictures)
    }

    #[test]
    fn two_backgrounds_cover_little_of_many() {
        let many = |first: u8| (0..64).map(move |place| [first + place * 3, 180, 255 - place * 3]);
        let colours = Colours::of_real(&on(many(0)));
        assert!(colours.covered_by(&on(many(1))).unwrap() > 0.99);
        let two = (0..64).map(|place| {
            if place % 2 == 0 {
                [20, 180, 235]
            } else {
                [180, 180, 75]
            }
        });
        let covered = colours.covered_by(&on(two)).unwrap();
        assert!((0.05..0.4).contains(&covered), "{covered}");
    }

    #[test]
    fn pictures_without_colours_are_covered_by_any_that_have_hardly_any() {
        let colours = Colours::of_real(&greys(0..64));
        let tinted = (0..64).map(|place| [place, place + 2, place]);
        assert_eq!(colours.covered_by(&on(tinted)), Some(1.0));
    }

    #[test]
    fn few_pictures_have_no_measure() {
        let colours = Colours::of_real(&greys(0..8));
        assert_eq!(colours.covered_by(&greys(0..64)), None);
    }
}
