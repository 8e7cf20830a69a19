//! The properties of a face.

use super::choices::{
    Earrings, EyeColor, Eyewear, FacialHair, HairColor, HairStyle, Headwear, Neckline,
};
use super::color::Rgb;

/// The properties of a face. [`face`](crate::face()) samples one, [`draw`](Self::draw) draws it.
///
/// Every field can be changed. Numbers out of range are clamped when the face is drawn.
///
/// ```
/// use dcgan_faces::Eyewear;
///
/// let mut face = dcgan_faces::face(0, 7);
/// face.eyewear = Eyewear::Round;
/// let picture = face.draw(64);
/// assert_eq!(picture.dimensions(), (64, 64));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// A man (true) or a woman (false). It shifts the odds of hair style, beard, brows, lashes,
    /// lipstick, earrings and jaw when a face is sampled; it is not used for drawing.
    pub male: bool,
    /// Young: without wrinkles.
    pub young: bool,
    /// From the lightest skin (0) to the deepest (1).
    pub skin_tone: f32,
    /// From a narrow face (0) to a wide one (1).
    pub face_width: f32,
    /// From a pointed chin (0) to a square jaw (1).
    pub jaw: f32,
    /// From a head turned to the picture's left (−1) to one turned to its right (1).
    pub yaw: f32,
    /// From a head leaning to the picture's left (−1) to one leaning to its right (1).
    pub tilt: f32,
    /// How the hair is worn.
    pub hair_style: HairStyle,
    /// The family of the hair's colour.
    pub hair_color: HairColor,
    /// From the darkest of that family (0) to its lightest (1).
    pub hair_shade: f32,
    /// From flat hair (0) to full hair (1).
    pub hair_volume: f32,
    /// A fringe over the forehead, where the style can have one.
    pub bangs: bool,
    /// Where the hair parts: from the picture's left (−1) to its right (1).
    pub parting: f32,
    /// The colour of the irises.
    pub eye_color: EyeColor,
    /// From narrowed eyes (0) to wide ones (1).
    pub eye_openness: f32,
    /// Marked eyelashes.
    pub lashes: bool,
    /// From thin eyebrows (0) to bushy ones (1).
    pub brow_thickness: f32,
    /// From straight eyebrows (0) to arched ones (1).
    pub brow_arch: f32,
    /// From corners of the mouth turned down (−1) through straight (0) to a broad smile (1).
    pub smile: f32,
    /// From a closed mouth (0) to an open one (1).
    pub mouth_open: f32,
    /// The lipstick's colour, if any.
    pub lipstick: Option<Rgb>,
    /// From plain cheeks (0) to rosy ones (1).
    pub blush: f32,
    /// Freckles on nose and cheeks.
    pub freckles: bool,
    /// Hair on the face.
    pub facial_hair: FacialHair,
    /// Glasses.
    pub eyewear: Eyewear,
    /// The colour of the glasses' frame.
    pub frame_color: Rgb,
    /// The hat.
    pub headwear: Headwear,
    /// The colour of the hat.
    pub headwear_color: Rgb,
    /// Earrings.
    pub earrings: Earrings,
    /// The neckline of the clothes.
    pub neckline: Neckline,
    /// The colour of the clothes.
    pub clothes_color: Rgb,
    /// The colours of the background at the top and at the bottom.
    pub background: [Rgb; 2],
}

impl Face {
    /// The face with every number clamped to its range; NaN becomes 0.
    pub(super) fn in_range(&self) -> Self {
        let part = |value: f32| {
            if value.is_nan() {
                0.0
            } else {
                value.clamp(0.0, 1.0)
            }
        };
        let side = |value: f32| {
            if value.is_nan() {
                0.0
            } else {
                value.clamp(-1.0, 1.0)
            }
        };
        Self {
            skin_tone: part(self.skin_tone),
            face_width: part(self.face_width),
            jaw: part(self.jaw),
            yaw: side(self.yaw),
            tilt: side(self.tilt),
            hair_shade: part(self.hair_shade),
            hair_volume: part(self.hair_volume),
            parting: side(self.parting),
            eye_openness: part(self.eye_openness),
            brow_thickness: part(self.brow_thickness),
            brow_arch: part(self.brow_arch),
            smile: side(self.smile),
            mouth_open: part(self.mouth_open),
            blush: part(self.blush),
            ..self.clone()
        }
    }
}
