//! What is known of a picture beside its pixels.

use std::fmt;

use super::source::NONE;

/// How a picture was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF; of an animated one the first frame counts.
    Gif,
    /// Windows' bitmap.
    Bmp,
    /// Pixels without a file format, as in NumPy arrays and MNIST.
    Bare,
}

impl Encoding {
    const ALL: [Self; 6] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Bmp,
        Self::Bare,
    ];

    /// Its number in files.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    pub(super) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Bare => "bare pixels",
        })
    }
}

/// What is known of a picture beside its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// A hash of the file's content, or of the bare pixels.
    pub content: u64,
    /// Width and height before resizing, in pixels, turned upright.
    pub source_size: (u32, u32),
    /// How it was stored.
    pub encoding: Encoding,
    /// Whether red, green and blue agree everywhere.
    pub is_grey: bool,
    /// Whether its file has transparency, which the background has replaced.
    pub transparent: bool,
    /// The number of its class.
    pub label: Option<usize>,
    /// The number of the person in it, where the data set has such.
    pub identity: Option<u32>,
}

/// A column's value, unless it is [`NONE`].
pub(super) fn known(value: u32) -> Option<u32> {
    (value != NONE).then_some(value)
}
