//! Drawn cartoon faces with labels: a built-in data set for a first training run.
//!
//! [`face()`] samples a face, [`Face::draw`] draws it at any size, and [`Face::labels`] describes it
//! with attributes like those of CelebA. As in CelebA's aligned crops, the eyes are always at about
//! the same place, so that a small network learns quickly. A seed and an index give the same face
//! on every machine, bit for bit.
//!
//! ```
//! use dcgan_faces::{ATTRIBUTE_NAMES, face};
//!
//! let face = face(1, 42);
//! let picture = face.draw(64);
//! assert_eq!(picture.dimensions(), (64, 64));
//!
//! let smiling = ATTRIBUTE_NAMES.iter().position(|name| *name == "Smiling");
//! assert_eq!(face.labels()[smiling.unwrap()], face.smile > 0.3);
//! ```

mod attribute_file;
mod beard;
mod canvas;
mod choices;
mod clothes;
mod color;
mod draw;
mod eyes;
mod face;
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

pub use attribute_file::{AttributeFileError, AttributeRow, file_name, write_attribute_file};
pub use choices::{
    Earrings, EyeColor, Eyewear, FacialHair, HairColor, HairStyle, Headwear, Neckline,
};
pub use color::Rgb;
pub use draw::SIZES;
pub use face::Face;
pub use labels::ATTRIBUTE_NAMES;
pub use sample::face;
