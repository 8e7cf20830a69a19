//! Pictures as networks see them (values in [−1, 1]) and as people see them (bytes), and grids of
//! pictures. Only this module converts one into the other.

use image::{DynamicImage, GrayImage, Rgb, RgbImage, imageops};

/// Pixels between the pictures of a grid.
const GAP: u32 = 2;

/// What is between the pictures, and where a row has none: light, so that it is not taken for a part of
/// dark pictures, and not white, so that white pictures have an edge.
const BACKGROUND: Rgb<u8> = Rgb([228; 3]);

/// The shape of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureShape {
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
}

impl PictureShape {
    /// The shape of a square picture.
    pub fn square(side: usize, channels: usize) -> Self {
        Self {
            height: side,
            width: side,
            channels,
        }
    }

    /// The number of values of a picture.
    pub fn values(self) -> usize {
        self.height * self.width * self.channels
    }
}

/// A picture from values with the channels first, as PyTorch lays them out; −1 is black, 1 is
/// white.
///
/// # Shapes
/// `values` `[channels, height, width]`
pub fn picture_from_planes(values: &[f32], shape: PictureShape) -> DynamicImage {
    let pixels = shape.height * shape.width;
    let mut bytes = Vec::with_capacity(shape.values());
    for pixel in 0..pixels {
        bytes.extend((0..shape.channels).map(|channel| to_byte(values[channel * pixels + pixel])));
    }
    picture_from_bytes(bytes, shape)
}

/// A picture from values with the channels last; −1 is black, 1 is white.
///
/// # Shapes
/// `values` `[height, width, channels]`
pub fn picture_from_values(values: &[f32], shape: PictureShape) -> DynamicImage {
    picture_from_bytes(values.iter().map(|&value| to_byte(value)).collect(), shape)
}

/// A picture from its bytes.
///
/// # Shapes
/// `bytes` `[height, width, channels]`
///
/// # Panics
/// If there are too few bytes.
pub fn picture_from_bytes(bytes: Vec<u8>, shape: PictureShape) -> DynamicImage {
    let (width, height) = (shape.width as u32, shape.height as u32);
    match shape.channels {
        1 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
    }
    .expect("there is a byte for each channel of each pixel")
}

/// −1..1 to 0..255, rounded; NaN becomes black.
fn to_byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
}

/// Pictures of one size side by side, row by row, on a light grey background.
pub fn grid(pictures: &[DynamicImage], columns: usize) -> RgbImage {
    let columns = columns.clamp(1, pictures.len().max(1)) as u32;
    let rows = (pictures.len() as u32).div_ceil(columns).max(1);
    let (width, height) = pictures.first().map_or((1, 1), |p| (p.width(), p.height()));
    let (width_of_all, height_of_all) =
        (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP);
    let mut grid = RgbImage::from_pixel(width_of_all, height_of_all, BACKGROUND);
    for (place, picture) in (0..).zip(pictures) {
        let left = GAP + (place % columns) * (width + GAP);
        let top = GAP + (place / columns) * (height + GAP);
        imageops::replace(&mut grid, &picture.to_rgb8(), left.into(), top.into());
    }
    grid
}

/// Cuts a [`grid`] into its pictures; `None` if it is not one of `count` pictures of `side` by
/// `side` pixels.
pub fn cut_grid(
    grid: &RgbImage,
    count: usize,
    columns: usize,
    side: u32,
) -> Option<Vec<DynamicImage>> {
    let (columns, count) = (columns as u32, count as u32);
    let start = |cell: u32| cell * (side + GAP) + GAP;
    if grid.dimensions() != (start(columns), start(count.div_ceil(columns))) {
        return None;
    }
    let cell = |place: u32| {
        let (left, top) = (start(place % columns), start(place / columns));
        imageops::crop_imm(grid, left, top, side, side)
            .to_image()
            .into()
    };
    Some((0..count).map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(height: usize, width: usize, channels: usize) -> PictureShape {
        PictureShape {
            height,
            width,
            channels,
        }
    }

    #[test]
    fn values_are_scaled_from_black_to_white_and_clamped() {
        let values = [-1.0, 1.0, -7.0, 7.0, 0.0, f32::NAN];
        let grey = picture_from_planes(&values, shape(2, 3, 1)).to_luma8();
        assert_eq!(grey.into_raw(), [0, 255, 0, 255, 128, 0]);
    }

    #[test]
    fn a_grid_is_cut_into_its_pictures() {
        let pictures: Vec<DynamicImage> = (0..6)
            .map(|value| RgbImage::from_pixel(4, 4, image::Rgb([value * 40; 3])).into())
            .collect();
        let whole = grid(&pictures, 3);
        assert_eq!(cut_grid(&whole, 6, 3, 4), Some(pictures));
        assert_eq!(cut_grid(&whole, 6, 3, 5), None);
        assert_eq!(cut_grid(&whole, 9, 3, 4), None);
    }

    #[test]
    fn planes_become_pixels() {
        let values = [-1.0, 1.0, 1.0, -1.0, -1.0, -1.0]; // red 0 255, green 255 0, blue 0 0
        let colour = picture_from_planes(&values, shape(1, 2, 3)).to_rgb8();
        assert_eq!(colour.into_raw(), [0, 255, 0, 255, 0, 0]);
    }

    #[test]
    fn a_grid_keeps_every_picture_in_its_place() {
        let pictures: Vec<_> = [10, 20, 30]
            .map(|value| GrayImage::from_pixel(4, 4, image::Luma([value])).into())
            .to_vec();
        let grid = grid(&pictures, 2);
        assert_eq!(grid.dimensions(), (2 * 6 + 2, 2 * 6 + 2));
        assert_eq!(grid.get_pixel(3, 3).0, [10; 3]);
        assert_eq!(grid.get_pixel(9, 3).0, [20; 3]);
        assert_eq!(grid.get_pixel(3, 9).0, [30; 3]);
        assert_eq!(*grid.get_pixel(9, 9), BACKGROUND);
    }
}
