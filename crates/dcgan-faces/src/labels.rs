//! The labels of a face, and the thresholds at which they hold.

use super::choices::FacialHair::{Beard, Goatee, Mustache, Stubble};
use super::choices::HairColor::{self, Pink, Teal, Violet};
use super::choices::HairStyle::{
    Afro, Bald, Bob, Bun, Buzz, Curly, Long, Pigtails, Ponytail, Quiff, Short, Wavy,
};
use super::choices::{Earrings, Eyewear, Headwear};
use super::face::Face;

/// A label's name and whether it holds for a face.
type Label = (&'static str, fn(&Face) -> bool);

/// The smallest turn of the head that counts as looking to one side.
const MIN_TURN: f32 = 0.35;

const LABELS: [Label; 36] = [
    ("5_o_Clock_Shadow", |face| face.facial_hair == Stubble),
    ("Arched_Eyebrows", |face| face.brow_arch > 0.6),
    ("Bald", |face| {
        face.hair_style == Bald && face.headwear == Headwear::None
    }),
    ("Bangs", |face| {
        face.bangs && face.hair_style.can_have_bangs()
    }),
    ("Black_Hair", |face| face.has_hair(HairColor::Black)),
    ("Blond_Hair", |face| face.has_hair(HairColor::Blond)),
    ("Brown_Hair", |face| face.has_hair(HairColor::Brown)),
    ("Bushy_Eyebrows", |face| face.brow_thickness > 0.65),
    ("Curly_Hair", |face| matches!(face.hair_style, Curly | Afro)),
    ("Dyed_Hair", |face| {
        [Pink, Teal, Violet]
            .into_iter()
            .any(|color| face.has_hair(color))
    }),
    ("Eyeglasses", |face| face.eyewear != Eyewear::None),
    ("Freckles", |face| face.freckles),
    ("Goatee", |face| face.facial_hair == Goatee),
    ("Gray_Hair", |face| face.has_hair(HairColor::Gray)),
    ("Long_Hair", |face| matches!(face.hair_style, Long | Wavy)),
    ("Looking_Left", |face| face.yaw < -MIN_TURN),
    ("Looking_Right", |face| face.yaw > MIN_TURN),
    ("Male", |face| face.male),
    ("Mouth_Slightly_Open", |face| face.mouth_open > 0.1),
    ("Mustache", |face| {
        matches!(face.facial_hair, Mustache | Beard)
    }),
    ("Narrow_Eyes", |face| face.eye_openness < 0.25),
    ("No_Beard", |face| {
        !matches!(face.facial_hair, Stubble | Goatee | Beard)
    }),
    ("Pale_Skin", |face| face.skin_tone < 0.12),
    ("Red_Hair", |face| face.has_hair(HairColor::Red)),
    ("Rosy_Cheeks", |face| face.blush > 0.5),
    ("Short_Hair", |face| {
        matches!(face.hair_style, Buzz | Short | Quiff | Curly | Bob)
    }),
    ("Smiling", |face| face.smile > 0.3),
    ("Sunglasses", |face| face.eyewear == Eyewear::Sunglasses),
    ("Tied_Hair", |face| {
        matches!(face.hair_style, Bun | Ponytail | Pigtails)
    }),
    ("Wavy_Hair", |face| face.hair_style == Wavy),
    ("Wearing_Beanie", |face| face.headwear == Headwear::Beanie),
    ("Wearing_Cap", |face| face.headwear == Headwear::Cap),
    ("Wearing_Earrings", |face| face.earrings != Earrings::None),
    ("Wearing_Hat", |face| face.headwear != Headwear::None),
    ("Wearing_Lipstick", |face| face.lipstick.is_some()),
    ("Young", |face| face.young),
];

/// The names of the labels, in the order of [`Face::labels`].
///
/// Attributes that CelebA has too have the same names.
pub const ATTRIBUTE_NAMES: [&str; LABELS.len()] = {
    let mut names = [""; LABELS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = LABELS[i].0;
        i += 1;
    }
    names
};

impl Face {
    /// Which of [`ATTRIBUTE_NAMES`] hold for this face, in their order.
    ///
    /// Labels describe what is visible: a bald head under a hat is not `Bald`. `Eyeglasses`
    /// includes sunglasses, `Mustache` includes full beards, `No_Beard` means no hair on chin or
    /// jaws, and `Wearing_Hat` includes hats of all kinds.
    ///
    /// ```
    /// use dcgan_faces::ATTRIBUTE_NAMES;
    ///
    /// let labels = dcgan_faces::face(0, 7).labels();
    /// let names = ATTRIBUTE_NAMES.iter().zip(labels);
    /// let held: Vec<_> = names.filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    /// assert!(!held.is_empty());
    /// ```
    pub fn labels(&self) -> [bool; ATTRIBUTE_NAMES.len()] {
        LABELS.map(|(_, holds)| holds(self))
    }

    /// Whether the face has hair of this colour.
    fn has_hair(&self, color: HairColor) -> bool {
        self.hair_style != Bald && self.hair_color == color
    }
}
