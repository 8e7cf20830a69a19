//! What a pack says of itself.

use serde::{Deserialize, Serialize};

use crate::error::Skipped;
use crate::options::{Crop, PictureOptions};

/// The options that pictures were packed with, which training on them must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedOptions {
    /// Width and height of the pictures in pixels.
    pub image_size: u32,
    /// How a picture becomes square.
    pub crop: Crop,
    /// What transparent pictures were laid over.
    pub background: [u8; 3],
}

impl PackedOptions {
    /// Those of `options` that packing depends on.
    pub fn of(options: &PictureOptions) -> Self {
        Self {
            image_size: options.image_size,
            crop: options.crop,
            background: options.background,
        }
    }

    /// Those options in which two differ, as they are given to the program.
    pub(crate) fn differences(&self, other: &Self) -> (String, String) {
        let colour = |[red, green, blue]: [u8; 3]| format!("{red:02x}{green:02x}{blue:02x}");
        let texts = |options: &Self| {
            [
                format!("--image-size {}", options.image_size),
                format!("--crop {}", options.crop),
                format!("--background {}", colour(options.background)),
            ]
        };
        let (one, other) = (texts(self), texts(other));
        let pairs = one
            .into_iter()
            .zip(other)
            .filter(|(one, other)| one != other);
        let (one, other): (Vec<String>, Vec<String>) = pairs.unzip();
        (one.join(" "), other.join(" "))
    }
}

/// All that is not a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    pub options: PackedOptions,
    pub pictures: u64,
    /// Where the tables begin in the file.
    pub records_at: u64,
    pub attributes_at: u64,
    pub name_ends_at: u64,
    pub names_at: u64,
    pub classes: Vec<String>,
    pub attribute_names: Vec<String>,
    /// What tells whether the files of the source have changed.
    pub stamp: u64,
    /// The fingerprint of the data set.
    pub fingerprint: u64,
    pub skipped: Vec<Skipped>,
    pub remarks: Vec<String>,
}
