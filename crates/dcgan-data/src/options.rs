//! The settings of a data set.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::DataError;

/// How a picture that is not square becomes square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crop {
    /// Resizes the shorter side to the image size and keeps the centre: torchvision's `Resize` and
    /// `CenterCrop`.
    #[default]
    Center,
    /// Resizes the shorter side to the image size and crops at a random position along the longer
    /// side, another one in each epoch.
    Random,
    /// Squeezes the whole picture into the square.
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

/// Which levels of pictures with 16 bits become black and white.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Levels {
    /// 0 and 65535.
    #[default]
    Full,
    /// The smallest and the largest of all pictures of the data set.
    Auto,
    /// These.
    Range {
        /// What becomes black.
        least: u16,
        /// What becomes white.
        most: u16,
    },
}

impl Levels {
    /// Whether they are the default.
    pub fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

impl fmt::Display for Levels {
    /// As in `auto` and `700-1690`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::Auto => f.write_str("auto"),
            Self::Range { least, most } => write!(f, "{least}-{most}"),
        }
    }
}

impl FromStr for Levels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = || {
            let (least, most) = text.split_once('-')?;
            let (least, most) = (least.parse().ok()?, most.parse().ok()?);
            (least < most).then_some(Self::Range { least, most })
        };
        match text {
            "full" => Ok(Self::Full),
            "auto" => Ok(Self::Auto),
            _ => range().ok_or_else(|| {
                "expected full, auto or two numbers up to 65535, such as 700-1690".to_owned()
            }),
        }
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
    /// The colour behind transparent pixels: red, green, blue.
    pub background: [u8; 3],
    /// The levels of pictures with 16 bits that become black and white.
    pub levels: Levels,
    /// Whether pictures that this program drew are used as others are. They are no training data.
    pub own_pictures: bool,
    /// 1 for grey, 3 for colour. `None` lets the data decide: grey if every picture is grey.
    pub channels: Option<usize>,
    /// The memory for decoded pictures, in bytes. Pictures beyond it are decoded again in every
    /// epoch. Pictures in a pack do not count.
    pub memory_limit: u64,
}

impl Default for PictureOptions {
    /// The tutorial's 64×64 pixels, cropped to the centre, over white, with 2 GiB of memory.
    fn default() -> Self {
        Self {
            image_size: 64,
            crop: Crop::Center,
            flip: false,
            background: [255; 3],
            levels: Levels::Full,
            own_pictures: false,
            channels: None,
            memory_limit: 2 << 30,
        }
    }
}

impl PictureOptions {
    pub(crate) fn check(&self) -> Result<(), DataError> {
        if !(1..=4096).contains(&self.image_size) {
            return Err(DataError::ImageSize(self.image_size));
        }
        match self.channels {
            None | Some(1 | 3) => Ok(()),
            Some(other) => Err(DataError::Channels(other)),
        }
    }
}

/// The options that pictures are packed with, which training on a pack must share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedOptions {
    /// Width and height of the pictures in pixels.
    pub image_size: u32,
    /// How a picture becomes square.
    pub crop: Crop,
    /// The colour behind transparent pixels: red, green, blue.
    pub background: [u8; 3],
    /// The levels of pictures with 16 bits that became black and white.
    #[serde(default)]
    pub levels: Levels,
}

impl PackedOptions {
    /// The options that `other` does not share, in words.
    pub(crate) fn difference_from(&self, other: &Self) -> String {
        let [red, green, blue] = self.background;
        let options = [
            (
                self.image_size != other.image_size,
                format!("image size {}", self.image_size),
            ),
            (self.crop != other.crop, format!("crop {}", self.crop)),
            (
                self.background != other.background,
                format!("background {red:02x}{green:02x}{blue:02x}"),
            ),
            (
                self.levels != other.levels,
                format!("levels {}", self.levels),
            ),
        ];
        let different = options.into_iter().filter(|(differs, _)| *differs);
        let words: Vec<String> = different.map(|(_, words)| words).collect();
        words.join(", ")
    }
}

impl From<&PictureOptions> for PackedOptions {
    fn from(options: &PictureOptions) -> Self {
        Self {
            image_size: options.image_size,
            crop: options.crop,
            background: options.background,
            levels: options.levels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_different_options_are_named() {
        let packed = PackedOptions::from(&PictureOptions::default());
        let other = PackedOptions {
            image_size: 32,
            background: [0, 128, 255],
            ..packed
        };
        assert_eq!(
            packed.difference_from(&other),
            "image size 64, background ffffff"
        );
        assert_eq!(
            other.difference_from(&packed),
            "image size 32, background 0080ff"
        );
    }

    #[test]
    fn levels_are_read_as_they_are_written() {
        for text in ["full", "auto", "700-1690"] {
            assert_eq!(text.parse::<Levels>().unwrap().to_string(), text);
        }
        for wrong in ["", "700", "9-8", "0-70000", "-", "a-b", "Auto"] {
            assert!(wrong.parse::<Levels>().is_err(), "{wrong}");
        }
    }
}
