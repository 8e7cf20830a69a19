//! Decoded pixels, in grey or in colour, and conversion between them.

/// 8-bit pixels in rows from the top, channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub width: u32,
    pub height: u32,
    /// 1 (grey) or 3 (red, green, blue); 4 only before compositing over the background.
    pub channels: usize,
    /// `height × width × channels` values.
    pub values: Vec<u8>,
}

/// A view of pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PixelsView<'a> {
    pub width: u32,
    pub height: u32,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// `height × width × channels` values.
    pub values: &'a [u8],
}

impl Pixels {
    pub fn view(&self) -> PixelsView<'_> {
        PixelsView {
            width: self.width,
            height: self.height,
            channels: self.channels,
            values: &self.values,
        }
    }

    /// Whether no more than two different colours occur, as in masks.
    pub fn is_two_valued(&self) -> bool {
        let mut pixels = self.values.chunks_exact(self.channels);
        let Some(first) = pixels.next() else {
            return false;
        };
        let mut second = None;
        pixels.all(|pixel| pixel == first || *second.get_or_insert(pixel) == pixel)
    }

    /// Keeps a single channel if red, green and blue agree in every pixel.
    pub fn grey_if_possible(self) -> Self {
        let is_grey = |pixel: &[u8]| pixel[0] == pixel[1] && pixel[1] == pixel[2];
        if self.channels == 3 && self.values.chunks_exact(3).all(is_grey) {
            self.into_grey()
        } else {
            self
        }
    }

    /// Converts to one channel: the luma of ITU-R BT.601 with Pillow's rounding (mode `L`).
    pub fn into_grey(self) -> Self {
        if self.channels == 1 {
            return self;
        }
        let values = self.values.chunks_exact(3).map(luma).collect();
        Self {
            channels: 1,
            values,
            ..self
        }
    }
}

impl From<image::RgbImage> for Pixels {
    fn from(image: image::RgbImage) -> Self {
        Self {
            width: image.width(),
            height: image.height(),
            channels: 3,
            values: image.into_raw(),
        }
    }
}

/// Pillow's `L`: (19595 R + 38470 G + 7471 B) / 65536, rounded.
pub(crate) fn luma(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[u8]) -> Pixels {
        Pixels {
            width: values.len() as u32 / 3,
            height: 1,
            channels: 3,
            values: values.to_vec(),
        }
    }

    #[test]
    fn grey_in_three_channels_becomes_one_channel_of_the_same_level() {
        for level in 0..=255 {
            assert_eq!(row(&[level; 6]).grey_if_possible().values, [level; 2]);
        }
    }

    #[test]
    fn a_single_coloured_pixel_keeps_the_picture_in_colour() {
        let picture = row(&[7, 7, 7, 7, 7, 8]);
        assert_eq!(picture.clone().grey_if_possible(), picture);
    }

    #[test]
    fn primary_colours_have_the_grey_levels_of_pillow() {
        let grey = row(&[255, 0, 0, 0, 255, 0, 0, 0, 255]).into_grey();
        assert_eq!(grey.values, [76, 150, 29]);
    }
}
