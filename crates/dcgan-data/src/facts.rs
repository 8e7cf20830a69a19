//! What is known about a picture apart from its pixels.

use std::fmt;

use crate::source::NONE;

/// How a picture was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF; of an animation the first frame.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// Pixels that are not encoded, as in NumPy arrays and MNIST.
    Bare,
    /// TIFF; of several pages the first.
    Tiff,
    /// Portable anymap: PGM, PPM and others.
    Pnm,
}

impl Encoding {
    const ALL: [Self; 8] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Bmp,
        Self::Bare,
        Self::Tiff,
        Self::Pnm,
    ];

    /// Its number in packs.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
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
            Self::Tiff => "TIFF",
            Self::Pnm => "PNM",
        })
    }
}

/// What is known about a picture apart from its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The hash of the file's bytes, or of the bare pixels.
    pub content: u64,
    /// Width and height before resizing, in pixels, after turning the picture upright.
    pub source_size: (u32, u32),
    /// How it was stored.
    pub encoding: Encoding,
    /// Whether red, green and blue agree everywhere.
    pub is_grey: bool,
    /// Whether any of its pixels is transparent; the background replaces them.
    pub transparent: bool,
    /// Whether it has 16 bits and uses a small part of their range.
    pub is_narrow: bool,
    /// Whether it has no more than two different colours, as masks do.
    pub is_two_valued: bool,
    /// Its class, from 0.
    pub label: Option<usize>,
    /// The number of the person in it, if the data set identifies persons.
    pub identity: Option<u32>,
}

/// The value of a column, unless it is [`NONE`].
pub(crate) fn known(value: u32) -> Option<u32> {
    (value != NONE).then_some(value)
}
