//! The choices for a face, and their colours.

use super::color::{Rgb, mix};

/// How the hair is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HairStyle {
    /// No hair.
    Bald,
    /// Shaved short.
    Buzz,
    /// Short, combed to the side.
    Short,
    /// Short at the sides, swept up in front.
    Quiff,
    /// Short curls.
    Curly,
    /// A round cloud of tight curls.
    Afro,
    /// Smooth, down to the chin.
    Bob,
    /// Smooth, down past the shoulders.
    Long,
    /// In waves, down past the shoulders.
    Wavy,
    /// Gathered on top of the head.
    Bun,
    /// Gathered at one side of the head.
    Ponytail,
    /// Gathered at both sides of the head.
    Pigtails,
}

impl HairStyle {
    /// Whether this style can have a fringe over the forehead.
    pub fn can_have_bangs(self) -> bool {
        use HairStyle::{Bob, Bun, Long, Pigtails, Ponytail, Short, Wavy};
        matches!(self, Short | Bob | Long | Wavy | Bun | Ponytail | Pigtails)
    }
}

/// The family of the hair's colour; [`hair_shade`](super::Face::hair_shade) chooses within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HairColor {
    /// Black.
    Black,
    /// Dark to light brown.
    Brown,
    /// Golden to light blond.
    Blond,
    /// Auburn to ginger.
    Red,
    /// Gray to white.
    Gray,
    /// Dyed pink.
    Pink,
    /// Dyed teal.
    Teal,
    /// Dyed violet.
    Violet,
}

impl HairColor {
    /// The colour itself, from the family's darkest (`shade` 0) to its lightest (1).
    pub fn rgb(self, shade: f32) -> Rgb {
        let (darkest, lightest) = match self {
            Self::Black => ([30, 27, 36], [52, 44, 48]),
            Self::Brown => ([80, 50, 36], [148, 96, 56]),
            Self::Blond => ([212, 164, 82], [244, 216, 144]),
            Self::Red => ([160, 62, 34], [216, 114, 58]),
            Self::Gray => ([146, 148, 156], [230, 230, 232]),
            Self::Pink => ([228, 100, 142], [246, 162, 188]),
            Self::Teal => ([40, 138, 142], [88, 192, 180]),
            Self::Violet => ([106, 84, 180], [164, 138, 224]),
        };
        mix(darkest, lightest, shade)
    }
}

/// The colour of the irises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EyeColor {
    /// Brown.
    Brown,
    /// Hazel.
    Hazel,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Gray.
    Gray,
}

impl EyeColor {
    /// The colour itself.
    pub fn rgb(self) -> Rgb {
        match self {
            Self::Brown => [104, 62, 34],
            Self::Hazel => [156, 112, 46],
            Self::Green => [70, 140, 84],
            Self::Blue => [62, 126, 196],
            Self::Gray => [122, 142, 158],
        }
    }
}

/// Hair on the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacialHair {
    /// None.
    None,
    /// A shadow of a beard.
    Stubble,
    /// Only above the lip.
    Mustache,
    /// Only on the chin.
    Goatee,
    /// Along the jaws, on the chin and above the lip.
    Beard,
}

/// Glasses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyewear {
    /// Nothing.
    None,
    /// Clear glasses with round frames.
    Round,
    /// Clear glasses with squarish frames.
    Square,
    /// Dark glasses.
    Sunglasses,
}

/// Hats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headwear {
    /// Nothing.
    None,
    /// A knitted cap with a bobble.
    Beanie,
    /// A cap with a visor.
    Cap,
    /// A hat with a brim all around.
    Brimmed,
}

/// Earrings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earrings {
    /// Nothing.
    None,
    /// Small beads.
    Studs,
    /// Rings.
    Hoops,
}

/// The neckline of the clothes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neckline {
    /// Round and close to the neck.
    Crew,
    /// Open in the shape of a V.
    Vee,
    /// A shirt's collar.
    Collar,
}
