//! The settings of a data set.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::DataError;

/// How a picture that is not square becomes square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crop {
    /// The shorter side is resized to the image size and the middle is kept:
    /// torchvision's `Resize` and `CenterCrop`.
    #[default]
    Center,
    /// The shorter side is resized to the image size, and the position along
    /// the longer side is drawn anew in each epoch.
    Random,
    /// The whole picture is squeezed into the square.
    None,
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Center => "center",
            Self::Random => "random",
            Self::None => "none",
        })
    }
}

/// How pictures are brought to one size and one number of channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureOptions {
    /// Width and height of the pictures to train on, in pixels, 1 to 4096.
    pub image_size: u32,
    /// How a picture becomes square.
    pub crop: Crop,
    /// Whether each picture is mirrored left to right in half of the epochs.
    pub flip: bool,
    /// What shows through transparent pixels: red, green, blue.
    pub background: [u8; 3],
    /// 1 for grey, 3 for colour. `None` lets the data decide: grey only if
    /// every picture is grey.
    pub channels: Option<usize>,
    /// How many bytes of decoded pictures are kept in memory. Those beyond it
    /// are decoded again in every epoch. A pack that is mapped into memory does
    /// not count.
    pub memory_limit: u64,
}

impl Default for PictureOptions {
    /// The tutorial's 64×64, cropped to the centre, over white, with 2 GiB of memory.
    fn default() -> Self {
        Self {
            image_size: 64,
            crop: Crop::Center,
            flip: false,
            background: [255; 3],
            channels: None,
            memory_limit: 2 << 30,
        }
    }
}

impl PictureOptions {
    pub(super) fn check(&self) -> Result<(), DataError> {
        if !(1..=4096).contains(&self.image_size) {
            return Err(DataError::InvalidOption(format!(
                "the image size must be 1 to 4096 pixels, not {}",
                self.image_size
            )));
        }
        match self.channels {
            None | Some(1 | 3) => Ok(()),
            Some(other) => Err(DataError::InvalidOption(format!(
                "pictures have 1 channel (grey) or 3 (colour), not {other}"
            ))),
        }
    }
}
