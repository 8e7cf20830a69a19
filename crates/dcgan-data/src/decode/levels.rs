//! Pictures of 16 bits, and which part of the range they use.

use image::DynamicImage;

use crate::options::Levels;

/// The smallest and the largest value of pictures of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub least: u16,
    pub most: u16,
}

/// A picture uses a small part of the range if it is less than one in this many.
const SMALL_PART: u16 = 8;

/// A picture with fewer different levels than this is of a single colour, whatever its range.
const BLANK_RANGE: u16 = 16;

impl Used {
    /// Of a picture; `None` if it has 8 bits or no pixels.
    pub fn of(image: &DynamicImage) -> Option<Self> {
        let of_values = |values: &mut dyn Iterator<Item = u16>| {
            let first = values.next()?;
            let (least, most) = values.fold((first, first), |(least, most), value| {
                (least.min(value), most.max(value))
            });
            Some(Self { least, most })
        };
        match image {
            DynamicImage::ImageLuma16(image) => of_values(&mut image.iter().copied()),
            DynamicImage::ImageRgb16(image) => of_values(&mut image.iter().copied()),
            // Transparency is always of the whole range.
            DynamicImage::ImageLumaA16(image) => {
                of_values(&mut image.pixels().map(|pixel| pixel[0]))
            }
            DynamicImage::ImageRgba16(image) => of_values(
                &mut image
                    .pixels()
                    .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]),
            ),
            _ => None,
        }
    }

    /// What both use.
    pub fn with(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    /// Whether that is a small part of the range, but not a single colour.
    pub fn is_narrow(self) -> bool {
        let range = self.most - self.least;
        (BLANK_RANGE..u16::MAX / SMALL_PART).contains(&range)
    }
}

/// Stretches a picture of 16 bits, so that these levels become the whole range. Others stay as they
/// are.
pub(super) fn stretch(image: &mut DynamicImage, levels: Levels) {
    let Levels::Range { least, most } = levels else {
        return;
    };
    let width = u32::from(most.saturating_sub(least)).max(1);
    let stretched = |value: &mut u16| {
        let above = u32::from(value.saturating_sub(least)).min(width);
        *value = ((above * u32::from(u16::MAX) + width / 2) / width) as u16;
    };
    match image {
        DynamicImage::ImageLuma16(image) => image.iter_mut().for_each(stretched),
        DynamicImage::ImageRgb16(image) => image.iter_mut().for_each(stretched),
        DynamicImage::ImageLumaA16(image) => {
            image
                .pixels_mut()
                .for_each(|pixel| stretched(&mut pixel[0]));
        }
        DynamicImage::ImageRgba16(image) => {
            image
                .pixels_mut()
                .for_each(|pixel| pixel.0[..3].iter_mut().for_each(stretched));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Luma};

    use super::*;

    fn grey(values: [u16; 3]) -> DynamicImage {
        ImageBuffer::<Luma<u16>, _>::from_vec(3, 1, values.to_vec())
            .unwrap()
            .into()
    }

    #[test]
    fn the_used_part_of_the_range_is_found_and_stretched() {
        let mut image = grey([700, 1190, 1690]);
        let used = Used::of(&image).unwrap();
        assert_eq!((used.least, used.most), (700, 1690));
        assert!(used.is_narrow());
        assert!(!Used::of(&grey([0, 9, 65535])).unwrap().is_narrow());
        assert!(!Used::of(&grey([900, 901, 902])).unwrap().is_narrow());
        stretch(
            &mut image,
            Levels::Range {
                least: 700,
                most: 1690,
            },
        );
        assert_eq!(image.into_luma16().into_raw(), [0, 32437, 65535]);
        let mut outside = grey([0, 700, 65535]);
        stretch(
            &mut outside,
            Levels::Range {
                least: 700,
                most: 700,
            },
        );
        assert_eq!(outside.into_luma16().into_raw(), [0, 0, 65535]);
    }
}
