//! The yes/no labels that follow from a face's properties, and where each begins.

use super::attributes::FaceAttributes;
use super::choices::FacialHair::{Beard, Goatee, Mustache, Stubble};
use super::choices::HairColor::{self, Pink, Teal, Violet};
use super::choices::HairStyle::{
    Afro, Bald, Bob, Bun, Buzz, Curly, Long, Pigtails, Ponytail, Quiff, Short, Wavy,
};
use super::choices::{Earrings, Eyewear, Headwear};

/// A label's name and whether it holds for a face.
type Label = (&'static str, fn(&FaceAttributes) -> bool);

/// How far a head must be turned to count as looking to one side.
const TURNED: f32 = 0.35;

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
    ("Looking_Left", |face| face.yaw < -TURNED),
    ("Looking_Right", |face| face.yaw > TURNED),
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

/// The names of the labels, in the order of [`FaceAttributes::labels`].
///
/// Those that CelebA has too are named as there.
pub const ATTRIBUTE_NAMES: [&str; LABELS.len()] = {
    let mut names = [""; LABELS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = LABELS[i].0;
        i += 1;
    }
    names
};

impl FaceAttributes {
    /// Which of [`ATTRIBUTE_NAMES`] hold for this face, in their order.
    ///
    /// A label says what can be seen: a bald head under a hat is not `Bald`. `Eyeglasses` holds
    /// for sunglasses too, `Mustache` also for the one of a full beard, `No_Beard` unless there
    /// is hair on chin or jaws, and `Wearing_Hat` for a hat of any kind.
    ///
    /// ```
    /// use dcgan_data::demo::{self, ATTRIBUTE_NAMES};
    ///
    /// let labels = demo::face(0, 7).labels();
    /// let names = ATTRIBUTE_NAMES.iter().zip(labels);
    /// let held: Vec<_> = names.filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    /// assert!(!held.is_empty());
    /// ```
    pub fn labels(&self) -> [bool; ATTRIBUTE_NAMES.len()] {
        LABELS.map(|(_, holds)| holds(self))
    }

    /// Whether there is hair, and of that colour.
    fn has_hair(&self, color: HairColor) -> bool {
        self.hair_style != Bald && self.hair_color == color
    }
}
