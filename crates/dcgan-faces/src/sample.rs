//! Draws the lots: which face has which properties.
//!
//! Face `index` of a set depends on the seed and on `index` alone, so faces may be made in any
//! order, on any number of threads, and a longer set begins with the shorter one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::attributes::FaceAttributes;
use super::choices::{
    Earrings, EyeColor, Eyewear, FacialHair, HairColor, HairStyle, Headwear, Neckline,
};
use super::color::{BACKGROUNDS, FABRICS, FRAMES, LIPSTICKS, Rgb, lighter, mix};

/// Face number `index` (from 0) of the set named by `seed`.
///
/// ```
/// use dcgan_data::demo;
///
/// assert_eq!(demo::face(1, 2), demo::face(1, 2));
/// assert_ne!(demo::face(1, 2), demo::face(1, 3));
/// ```
pub fn face(seed: u64, index: u64) -> FaceAttributes {
    let mut lots = Lots::new(seed, index);
    let male = lots.chance(0.5);
    let young = lots.chance(0.8);
    let skin_tone = lots.between(0.0, 1.0);
    let hair_style = hair_style(&mut lots, male);
    let smiling = lots.chance(0.6);
    FaceAttributes {
        male,
        young,
        skin_tone,
        face_width: lots.hump(),
        jaw: 0.55 * lots.hump() + if male { 0.45 } else { 0.0 },
        yaw: lots.between(-1.0, 1.0),
        tilt: 2.0 * lots.hump() - 1.0,
        hair_style,
        hair_color: hair_color(&mut lots, skin_tone, young),
        hair_shade: lots.between(0.0, 1.0),
        hair_volume: lots.between(0.0, 1.0),
        bangs: lots.chance(if male { 0.2 } else { 0.4 }) && hair_style.can_have_bangs(),
        parting: lots.between(-1.0, 1.0),
        eye_color: eye_color(&mut lots, skin_tone),
        eye_openness: 0.8 * lots.between(0.0, 1.0) + if young { 0.2 } else { 0.0 },
        lashes: lots.chance(if male { 0.0 } else { 0.85 }),
        brow_thickness: 0.6 * lots.hump() + if male { 0.4 } else { 0.1 },
        brow_arch: 0.7 * lots.between(0.0, 1.0) + if male { 0.0 } else { 0.3 },
        smile: smile(&mut lots, smiling),
        mouth_open: mouth_open(&mut lots, smiling),
        lipstick: lipstick(&mut lots, male),
        blush: blush(&mut lots, male),
        freckles: lots.chance(0.16 * (1.0 - skin_tone)),
        facial_hair: facial_hair(&mut lots, male),
        eyewear: eyewear(&mut lots),
        frame_color: lots.one_of(&FRAMES),
        headwear: headwear(&mut lots, hair_style),
        headwear_color: lots.one_of(&FABRICS),
        earrings: earrings(&mut lots, male),
        neckline: lots.one_of(&[Neckline::Crew, Neckline::Vee, Neckline::Collar]),
        clothes_color: lots.one_of(&FABRICS),
        background: background(&mut lots),
    }
}

fn hair_style(lots: &mut Lots, male: bool) -> HairStyle {
    use HairStyle::*;
    lots.weighted(if male {
        &[
            (0.12, Bald),
            (0.14, Buzz),
            (0.32, Short),
            (0.18, Quiff),
            (0.12, Curly),
            (0.05, Afro),
            (0.04, Long),
            (0.03, Bun),
        ]
    } else {
        &[
            (0.01, Bald),
            (0.02, Buzz),
            (0.05, Short),
            (0.06, Curly),
            (0.07, Afro),
            (0.21, Bob),
            (0.21, Long),
            (0.15, Wavy),
            (0.10, Bun),
            (0.07, Ponytail),
            (0.05, Pigtails),
        ]
    })
}

fn hair_color(lots: &mut Lots, skin_tone: f32, young: bool) -> HairColor {
    use HairColor::*;
    let light_skin = 1.0 - skin_tone;
    let color = lots.weighted(&[
        (0.15 + 0.75 * skin_tone, Black),
        (0.30, Brown),
        (0.60 * light_skin * light_skin, Blond),
        (0.28 * light_skin * light_skin, Red),
        (0.03, Pink),
        (0.03, Teal),
        (0.03, Violet),
    ]);
    let gray = lots.chance(if young { 0.0 } else { 0.7 });
    if gray { Gray } else { color }
}

fn eye_color(lots: &mut Lots, skin_tone: f32) -> EyeColor {
    let light_skin = 1.0 - skin_tone;
    lots.weighted(&[
        (0.25 + skin_tone, EyeColor::Brown),
        (0.20, EyeColor::Hazel),
        (0.40 * light_skin * light_skin, EyeColor::Green),
        (0.70 * light_skin * light_skin, EyeColor::Blue),
        (0.20 * light_skin * light_skin, EyeColor::Gray),
    ])
}

fn smile(lots: &mut Lots, smiling: bool) -> f32 {
    if smiling {
        lots.between(0.5, 1.0)
    } else {
        lots.between(-0.15, 0.2)
    }
}

fn mouth_open(lots: &mut Lots, smiling: bool) -> f32 {
    let open = lots.chance(if smiling { 0.55 } else { 0.12 });
    let amount = lots.between(0.3, 1.0);
    if open { amount } else { 0.0 }
}

fn lipstick(lots: &mut Lots, male: bool) -> Option<Rgb> {
    let color = lots.one_of(&LIPSTICKS);
    lots.chance(if male { 0.01 } else { 0.5 }).then_some(color)
}

fn blush(lots: &mut Lots, male: bool) -> f32 {
    let rosy = lots.chance(if male { 0.12 } else { 0.38 });
    let amount = lots.between(0.7, 1.0);
    if rosy { amount } else { 0.25 * amount }
}

fn facial_hair(lots: &mut Lots, male: bool) -> FacialHair {
    let kind = lots.weighted(&[
        (0.46, FacialHair::None),
        (0.11, FacialHair::Stubble),
        (0.11, FacialHair::Mustache),
        (0.10, FacialHair::Goatee),
        (0.22, FacialHair::Beard),
    ]);
    if male { kind } else { FacialHair::None }
}

fn eyewear(lots: &mut Lots) -> Eyewear {
    lots.weighted(&[
        (0.72, Eyewear::None),
        (0.11, Eyewear::Round),
        (0.10, Eyewear::Square),
        (0.07, Eyewear::Sunglasses),
    ])
}

fn headwear(lots: &mut Lots, style: HairStyle) -> Headwear {
    let kind = lots.weighted(&[
        (0.78, Headwear::None),
        (0.09, Headwear::Beanie),
        (0.08, Headwear::Cap),
        (0.05, Headwear::Brimmed),
    ]);
    // Under a hat, a bald head and the height of a bun could not be seen.
    if matches!(style, HairStyle::Bald | HairStyle::Bun) {
        Headwear::None
    } else {
        kind
    }
}

fn earrings(lots: &mut Lots, male: bool) -> Earrings {
    let kind = lots.one_of(&[Earrings::Studs, Earrings::Hoops]);
    let worn = lots.chance(if male { 0.05 } else { 0.42 });
    if worn { kind } else { Earrings::None }
}

fn background(lots: &mut Lots) -> [Rgb; 2] {
    let base = lots.one_of(&BACKGROUNDS);
    let tint = lots.one_of(&BACKGROUNDS);
    let color = mix(base, tint, lots.between(0.0, 0.25));
    [lighter(color, lots.between(0.1, 0.5)), color]
}

/// The random numbers of one face.
struct Lots(ChaCha8Rng);

impl Lots {
    fn new(seed: u64, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(index);
        Self(generator)
    }

    /// Evenly from `low` to `high`.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        const STEPS: f32 = 1.0 / (1 << 24) as f32;
        let unit = (self.0.next_u32() >> 8) as f32 * STEPS;
        low + (high - low) * unit
    }

    /// From 0 to 1, most often near the middle.
    fn hump(&mut self) -> f32 {
        (self.between(0.0, 1.0) + self.between(0.0, 1.0) + self.between(0.0, 1.0)) / 3.0
    }

    fn chance(&mut self, probability: f32) -> bool {
        self.between(0.0, 1.0) < probability
    }

    fn one_of<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0) };
        let place = self.between(0.0, N as f32) as usize;
        choices[place.min(N - 1)]
    }

    /// One of `choices`, each as often as its weight says. There must be at least one.
    fn weighted<T: Copy>(&mut self, choices: &[(f32, T)]) -> T {
        let total: f32 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(0.0, total);
        for &(weight, choice) in choices {
            left -= weight;
            if left < 0.0 {
                return choice;
            }
        }
        choices[choices.len() - 1].1
    }
}
