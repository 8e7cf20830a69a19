//! A built-in data set of drawn cartoon faces, for a first run without any pictures of one's own.
//!
//! [`face`] samples what a face looks like, [`FaceAttributes::draw`] draws it at any size, and
//! [`FaceAttributes::labels`] says what can be seen in it, in the manner of CelebA's attributes.
//! As in CelebA's aligned crops, all eyes are at about the same place, so that a small network
//! learns quickly. The same seed and index give the same face, to the last bit, on every machine.

mod attribute_file;
mod attributes;
mod beard;
mod canvas;
mod choices;
mod clothes;
mod color;
mod draw;
mod eyes;
mod glasses;
mod hair;
mod hat;
mod head;
mod labels;
mod locks;
mod mouth;
mod outline;
mod sample;
#[cfg(test)]
mod tests;

pub use attribute_file::{AttributeFileError, file_name, write_attribute_file};
pub use attributes::FaceAttributes;
pub use choices::{
    Earrings, EyeColor, Eyewear, FacialHair, HairColor, HairStyle, Headwear, Neckline,
};
pub use color::Rgb;
pub use draw::SIZES;
pub use labels::ATTRIBUTE_NAMES;
pub use sample::face;
