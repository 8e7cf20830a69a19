//! `--upscale`.

use anyhow::{Result, bail};
use image::{DynamicImage, imageops::FilterType};

/// The most bytes of pictures that are held in memory at once.
const MAX_BYTES: u64 = 1 << 30;

/// A picture enlarged by a whole number, its pixels as squares.
pub fn upscaled(picture: &DynamicImage, factor: u32) -> DynamicImage {
    let (width, height) = (picture.width() * factor, picture.height() * factor);
    picture.resize_exact(width, height, FilterType::Nearest)
}

/// Refuses more pictures than fit into memory at three bytes a pixel.
pub fn check_fits_in_memory(count: u64, image_size: usize, upscale: u32) -> Result<()> {
    let side = image_size as u64 * u64::from(upscale);
    if count.saturating_mul(3 * side * side) > MAX_BYTES {
        bail!(
            "{count} pictures of {side}x{side} do not fit into one file: draw fewer, or lower --upscale"
        );
    }
    Ok(())
}
