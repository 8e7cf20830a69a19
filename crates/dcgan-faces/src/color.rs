//! Colours and palettes.

/// A colour as red, green and blue, 0 to 255 each.
pub type Rgb = [u8; 3];

/// The colour `amount` of the way from `start` (0) to `end` (1).
pub(super) fn mix(start: Rgb, end: Rgb, amount: f32) -> Rgb {
    let amount = amount.clamp(0.0, 1.0);
    std::array::from_fn(|channel| {
        let (a, b) = (f32::from(start[channel]), f32::from(end[channel]));
        (a + (b - a) * amount + 0.5) as u8
    })
}

/// A darker tone of `color`: `amount` of the way to a deep violet brown, which keeps shadows warm.
pub(super) fn darker(color: Rgb, amount: f32) -> Rgb {
    mix(color, [38, 18, 32], amount)
}

/// A lighter tone of `color`.
pub(super) fn lighter(color: Rgb, amount: f32) -> Rgb {
    mix(color, [255, 250, 240], amount)
}

/// The colour of a skin tone, from the lightest (0) to the deepest (1).
pub(super) fn skin(tone: f32) -> Rgb {
    const TONES: [Rgb; 8] = [
        [255, 228, 212],
        [250, 209, 180],
        [240, 187, 147],
        [222, 161, 115],
        [194, 130, 86],
        [158, 99, 62],
        [122, 73, 46],
        [90, 53, 37],
    ];
    let place = tone.clamp(0.0, 1.0) * (TONES.len() - 1) as f32;
    let lower = (place as usize).min(TONES.len() - 2);
    mix(TONES[lower], TONES[lower + 1], place - lower as f32)
}

/// Soft background colours.
pub(super) const BACKGROUNDS: [Rgb; 10] = [
    [250, 214, 165], // peach
    [166, 214, 240], // sky
    [184, 226, 196], // mint
    [247, 190, 199], // rose
    [206, 192, 238], // lavender
    [248, 227, 156], // butter
    [140, 204, 198], // lagoon
    [244, 164, 136], // coral
    [152, 182, 230], // cornflower
    [232, 226, 214], // linen
];

/// Colours of clothes and hats.
pub(super) const FABRICS: [Rgb; 10] = [
    [47, 75, 124],   // navy
    [209, 73, 91],   // raspberry
    [60, 141, 104],  // green
    [231, 166, 54],  // mustard
    [245, 240, 230], // cream
    [106, 76, 147],  // plum
    [31, 122, 140],  // petrol
    [58, 58, 68],    // charcoal
    [238, 120, 84],  // orange
    [110, 160, 214], // denim
];

/// Colours of glasses' frames.
pub(super) const FRAMES: [Rgb; 5] = [
    [36, 34, 44],   // black
    [122, 70, 40],  // tortoise
    [176, 44, 58],  // red
    [38, 74, 128],  // blue
    [196, 152, 62], // gold
];

/// Colours of lipstick.
pub(super) const LIPSTICKS: [Rgb; 4] = [
    [200, 30, 56],  // red
    [224, 76, 122], // pink
    [150, 32, 72],  // berry
    [222, 84, 66],  // coral
];
