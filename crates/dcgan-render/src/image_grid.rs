//! Pictures as networks see them (values in [−1, 1]) and as people see them
//! (bytes): the only place where one becomes the other.

use image::{DynamicImage, GrayImage, RgbImage, imageops};

/// Pixels between the pictures of a grid.
const GAP: u32 = 2;

/// One picture from its values.
///
/// # Shapes
/// `values` `[C, H, W]` with `shape` `[C, H, W]`, C = 1 or 3; −1 is black, 1 is white.
pub fn picture(values: &[f32], [channels, height, width]: [usize; 3]) -> DynamicImage {
    let plane = height * width;
    let mut bytes = Vec::with_capacity(channels * plane);
    for pixel in 0..plane {
        bytes.extend((0..channels).map(|channel| to_byte(values[channel * plane + pixel])));
    }
    picture_of_bytes(bytes, [height, width, channels])
}

/// One picture from its values with the channels last.
///
/// # Shapes
/// `values` `[H, W, C]` with `shape` `[H, W, C]`, C = 1 or 3; −1 is black, 1 is white.
pub fn channels_last_picture(values: &[f32], shape: [usize; 3]) -> DynamicImage {
    picture_of_bytes(values.iter().map(|&value| to_byte(value)).collect(), shape)
}

/// One picture from its bytes.
///
/// # Shapes
/// `bytes` `[H, W, C]` with `shape` `[H, W, C]`, C = 1 or 3.
///
/// # Panics
/// If they are too few for that.
pub fn picture_of_bytes(bytes: Vec<u8>, [height, width, channels]: [usize; 3]) -> DynamicImage {
    let (width, height) = (width as u32, height as u32);
    match channels {
        1 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
    }
    .expect("one byte was made for each channel of each pixel")
}

/// −1..1 to 0..255, rounded; NaN becomes black.
fn to_byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
}

/// Pictures of one size side by side, row by row, with black gaps.
pub fn grid(pictures: &[DynamicImage], columns: usize) -> RgbImage {
    let columns = columns.clamp(1, pictures.len().max(1)) as u32;
    let rows = (pictures.len() as u32).div_ceil(columns).max(1);
    let (width, height) = pictures.first().map_or((1, 1), |p| (p.width(), p.height()));
    let mut grid = RgbImage::new(columns * (width + GAP) + GAP, rows * (height + GAP) + GAP);
    for (place, picture) in (0..).zip(pictures) {
        let left = GAP + (place % columns) * (width + GAP);
        let top = GAP + (place / columns) * (height + GAP);
        imageops::replace(&mut grid, &picture.to_rgb8(), left.into(), top.into());
    }
    grid
}

/// The pictures of a [`grid`], cut out again; none if it is not a grid of so many pictures of
/// `side` by `side` pixels.
pub fn cells(
    grid: &RgbImage,
    count: usize,
    columns: usize,
    side: u32,
) -> Option<Vec<DynamicImage>> {
    let (columns, count) = (columns as u32, count as u32);
    let length = |cells: u32| cells * (side + GAP) + GAP;
    if grid.dimensions() != (length(columns), length(count.div_ceil(columns))) {
        return None;
    }
    let cell = |place: u32| {
        let [left, top] = [place % columns, place / columns].map(&length);
        imageops::crop_imm(grid, left, top, side, side)
            .to_image()
            .into()
    };
    Some((0..count).map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_one_is_black_and_one_is_white_and_outside_is_cut_off() {
        let values = [-1.0, 1.0, -7.0, 7.0, 0.0, f32::NAN];
        let grey = picture(&values, [1, 2, 3]).to_luma8();
        assert_eq!(grey.into_raw(), [0, 255, 0, 255, 128, 0]);
    }

    #[test]
    fn a_grid_is_cut_into_the_pictures_it_was_made_of() {
        let pictures: Vec<DynamicImage> = (0..6)
            .map(|value| RgbImage::from_pixel(4, 4, image::Rgb([value * 40; 3])).into())
            .collect();
        let whole = grid(&pictures, 3);
        assert_eq!(cells(&whole, 6, 3, 4), Some(pictures));
        assert_eq!(cells(&whole, 6, 3, 5), None);
        assert_eq!(cells(&whole, 9, 3, 4), None);
    }

    #[test]
    fn planes_become_pixels() {
        let values = [-1.0, 1.0, 1.0, -1.0, -1.0, -1.0]; // red 0 255, green 255 0, blue 0 0
        let colour = picture(&values, [3, 1, 2]).to_rgb8();
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
        assert_eq!(grid.get_pixel(9, 9).0, [0; 3]);
    }
}
