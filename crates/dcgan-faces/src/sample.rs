//! Samples the properties of a face.
//!
//! A face depends on its seed and index alone. So faces can be drawn in any order, on any number of
//! threads, and a shorter set is the start of a longer one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::choices::{
    Earrings, EyeColor, Eyewear, FacialHair, HairColor, HairStyle, Headwear, Neckline,
};
use super::color::{BACKGROUNDS, FABRICS, FRAMES, LIPSTICKS, Rgb, lighter, mix};
use super::face::Face;

/// Face number `index` (from 0) of the set with this seed.
///
/// ```
/// use dcgan_faces::face;
///
/// assert_eq!(face(1, 2), face(1, 2));
/// assert_ne!(face(1, 2), face(1, 3));
/// ```
pub fn face(seed: u64, index: u64) -> Face {
    let mut random = Random::new(seed, index);
    let male = random.chance(0.5);
    let young = random.chance(0.8);
    let skin_tone = random.between(0.0, 1.0);
    let hair_style = hair_style(&mut random, male);
    let smiling = random.chance(0.6);
    Face {
        male,
        young,
        skin_tone,
        face_width: random.bell(),
        jaw: 0.55 * random.bell() + if male { 0.45 } else { 0.0 },
        yaw: random.between(-1.0, 1.0),
        tilt: 2.0 * random.bell() - 1.0,
        hair_style,
        hair_color: hair_color(&mut random, skin_tone, young),
        hair_shade: random.between(0.0, 1.0),
        hair_volume: random.between(0.0, 1.0),
        bangs: random.chance(if male { 0.2 } else { 0.4 }) && hair_style.can_have_bangs(),
        parting: random.between(-1.0, 1.0),
        eye_color: eye_color(&mut random, skin_tone),
        eye_openness: 0.8 * random.between(0.0, 1.0) + if young { 0.2 } else { 0.0 },
        lashes: random.chance(if male { 0.0 } else { 0.85 }),
        brow_thickness: 0.6 * random.bell() + if male { 0.4 } else { 0.1 },
        brow_arch: 0.7 * random.between(0.0, 1.0) + if male { 0.0 } else { 0.3 },
        smile: smile(&mut random, smiling),
        mouth_open: mouth_open(&mut random, smiling),
        lipstick: lipstick(&mut random, male),
        blush: blush(&mut random, male),
        freckles: random.chance(0.16 * (1.0 - skin_tone)),
        facial_hair: facial_hair(&mut random, male),
        eyewear: eyewear(&mut random),
        frame_color: random.one_of(&FRAMES),
        headwear: headwear(&mut random, hair_style),
        headwear_color: random.one_of(&FABRICS),
        earrings: earrings(&mut random, male),
        neckline: random.one_of(&[Neckline::Crew, Neckline::Vee, Neckline::Collar]),
        clothes_color: random.one_of(&FABRICS),
        background: background(&mut random),
    }
}

fn hair_style(random: &mut Random, male: bool) -> HairStyle {
    use HairStyle::*;
    random.weighted(if male {
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

fn hair_color(random: &mut Random, skin_tone: f32, young: bool) -> HairColor {
    use HairColor::*;
    let light_skin = 1.0 - skin_tone;
    let color = random.weighted(&[
        (0.15 + 0.75 * skin_tone, Black),
        (0.30, Brown),
        (0.60 * light_skin * light_skin, Blond),
        (0.28 * light_skin * light_skin, Red),
        (0.03, Pink),
        (0.03, Teal),
        (0.03, Violet),
    ]);
    let gray = random.chance(if young { 0.0 } else { 0.7 });
    if gray { Gray } else { color }
}

fn eye_color(random: &mut Random, skin_tone: f32) -> EyeColor {
    let light_skin = 1.0 - skin_tone;
    random.weighted(&[
        (0.25 + skin_tone, EyeColor::Brown),
        (0.20, EyeColor::Hazel),
        (0.40 * light_skin * light_skin, EyeColor::Green),
        (0.70 * light_skin * light_skin, EyeColor::Blue),
        (0.20 * light_skin * light_skin, EyeColor::Gray),
    ])
}

fn smile(random: &mut Random, smiling: bool) -> f32 {
    if smiling {
        random.between(0.5, 1.0)
    } else {
        random.between(-0.15, 0.2)
    }
}

fn mouth_open(random: &mut Random, smiling: bool) -> f32 {
    let open = random.chance(if smiling { 0.55 } else { 0.12 });
    let amount = random.between(0.3, 1.0);
    if open { amount } else { 0.0 }
}

fn lipstick(random: &mut Random, male: bool) -> Option<Rgb> {
    let color = random.one_of(&LIPSTICKS);
    random
        .chance(if male { 0.01 } else { 0.5 })
        .then_some(color)
}

fn blush(random: &mut Random, male: bool) -> f32 {
    let rosy = random.chance(if male { 0.12 } else { 0.38 });
    let amount = random.between(0.7, 1.0);
    if rosy { amount } else { 0.25 * amount }
}

fn facial_hair(random: &mut Random, male: bool) -> FacialHair {
    let kind = random.weighted(&[
        (0.46, FacialHair::None),
        (0.11, FacialHair::Stubble),
        (0.11, FacialHair::Mustache),
        (0.10, FacialHair::Goatee),
        (0.22, FacialHair::Beard),
    ]);
    if male { kind } else { FacialHair::None }
}

fn eyewear(random: &mut Random) -> Eyewear {
    random.weighted(&[
        (0.72, Eyewear::None),
        (0.11, Eyewear::Round),
        (0.10, Eyewear::Square),
        (0.07, Eyewear::Sunglasses),
    ])
}

fn headwear(random: &mut Random, style: HairStyle) -> Headwear {
    let kind = random.weighted(&[
        (0.78, Headwear::None),
        (0.09, Headwear::Beanie),
        (0.08, Headwear::Cap),
        (0.05, Headwear::Brimmed),
    ]);
    // a hat would hide a bald head and a bun
    if matches!(style, HairStyle::Bald | HairStyle::Bun) {
        Headwear::None
    } else {
        kind
    }
}

fn earrings(random: &mut Random, male: bool) -> Earrings {
    let kind = random.one_of(&[Earrings::Studs, Earrings::Hoops]);
    let worn = random.chance(if male { 0.05 } else { 0.42 });
    if worn { kind } else { Earrings::None }
}

fn background(random: &mut Random) -> [Rgb; 2] {
    let base = random.one_of(&BACKGROUNDS);
    let tint = random.one_of(&BACKGROUNDS);
    let color = mix(base, tint, random.between(0.0, 0.25));
    [lighter(color, random.between(0.1, 0.5)), color]
}

/// The random numbers of one face.
struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(index);
        Self(generator)
    }

    /// Uniform from `low` to `high`.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        const STEPS: f32 = 1.0 / (1 << 24) as f32;
        let unit = (self.0.next_u32() >> 8) as f32 * STEPS;
        low + (high - low) * unit
    }

    /// From 0 to 1, with a bell-shaped density.
    fn bell(&mut self) -> f32 {
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

    /// One of `choices`, with probabilities proportional to the weights. There must be at least one.
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
