//! Writes drawn pictures as what was asked for.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, bail};
use dcgan_render::image_grid::PictureShape;
use dcgan_render::label::labelled;
use dcgan_render::picture_file::{PictureFormat, write_animated_webp, write_gif, write_npy};
use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};
use rayon::prelude::*;

use super::open::open;
use super::{DrawingArguments, Product, Target};
use crate::shared::{files, output, progress};

/// One of the pictures that a command draws.
pub struct Single {
    /// The name of its file in a folder.
    pub name: String,
    /// What `--labels` writes on it.
    pub label: Option<Label>,
    pub picture: DynamicImage,
}

/// What `--labels` writes on a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// The seed that it was drawn from, which is in the metadata of the file too.
    Seed(u64),
    /// Something else, such as its number in the data.
    Text(String),
}

impl Label {
    fn text(&self) -> String {
        match self {
            Self::Seed(seed) => seed.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Pictures with their labels, numbered in their order.
pub fn numbered(
    product: &Product,
    format: PictureFormat,
    pictures: impl IntoIterator<Item = (DynamicImage, Option<Label>)>,
) -> Vec<Single> {
    (0..)
        .zip(pictures)
        .map(|(place, (picture, label))| Single {
            name: product.single_name(place, format),
            label,
            picture,
        })
        .collect()
}

/// The name of the task of drawing and writing pictures, as progress bars show it.
pub const WRITING: &str = "drawing";

/// Pictures that are held in memory at once where they can be written one by one.
const CHUNK: usize = 64;

/// The most bytes of pictures that are held in memory at once.
const MAX_BYTES: u64 = 1 << 30;

/// Pixels that a frame of an animation has at least, unless `--upscale` says otherwise.
const LEAST_FRAME: u32 = 256;

/// Pixels that a picture with a label has at least, unless `--upscale` says otherwise.
const LEAST_LABELLED: u32 = 64;

/// The frames per second of an animation, unless `--fps` says otherwise.
const FPS: u32 = 12;

/// The most pixels on a side of a file.
const MAX_JPEG: u32 = 65_535;
const MAX_WEBP: u32 = 16_383;

impl DrawingArguments {
    /// Refuses more pictures than fit into memory, if all of them must. To be called before they
    /// are drawn.
    ///
    /// # Errors
    /// If they do not.
    pub fn check_fits_in_memory(
        &self,
        target: &Target,
        product: &Product,
        count: u64,
        image_size: usize,
    ) -> Result<()> {
        if matches!(target, Target::Array(_) | Target::Folder(..)) {
            return Ok(()); // enlarged and written one by one
        }
        let side = image_size as u64 * u64::from(self.factor(target, product, image_size as u32));
        if count.saturating_mul(3 * side * side) > MAX_BYTES {
            bail!(
                "{count} pictures of {side}x{side} do not fit into one file: draw fewer, or lower --upscale"
            );
        }
        Ok(())
    }

    /// Writes `count` pictures of one size. `arrange` puts them, in their order and as they are to
    /// be seen, into one picture.
    ///
    /// # Errors
    /// If something cannot be written.
    pub fn write(
        &self,
        target: &Target,
        product: &Product,
        count: u64,
        singles: impl IntoIterator<Item = Single, IntoIter: Send>,
        arrange: impl FnOnce(Vec<DynamicImage>) -> RgbImage,
    ) -> Result<()> {
        let bar = progress::bar(WRITING, count.try_into().unwrap_or(usize::MAX));
        let mut singles = singles.into_iter().inspect(|_| bar.inc(1));
        let finished = |single: Single| self.finished(target, product, single);
        let frame_time = Duration::from_secs(1) / self.fps.unwrap_or(FPS);
        match target {
            Target::Picture(path, format) => {
                let singles: Vec<Single> = singles.collect();
                let seeds = seeds(&singles);
                let picture = arrange(singles.into_iter().map(finished).collect());
                check_sides(&picture, *format)?;
                files::write_drawn(path, &picture.into(), *format, seeds)?;
            }
            Target::Gif(path) => {
                let frames: Vec<_> = singles.map(finished).collect();
                files::written(path, write_gif(path, &frames, frame_time))?;
            }
            Target::AnimatedWebp(path) => {
                let frames: Vec<_> = singles.map(finished).collect();
                files::written(path, write_animated_webp(path, &frames, frame_time))?;
            }
            Target::Array(path) => {
                let mut pictures = singles.map(finished).peekable();
                let shape = pictures
                    .peek()
                    .map_or_else(|| PictureShape::square(0, 3), shape_of);
                files::written(path, write_npy(path, count, shape, pictures))?;
            }
            Target::Folder(folder, format) => files::in_folder(folder, || {
                loop {
                    let chunk: Vec<Single> = singles.by_ref().take(CHUNK).collect();
                    if chunk.is_empty() {
                        return Ok(());
                    }
                    chunk.into_par_iter().try_for_each(|single| {
                        let path = folder.join(&single.name);
                        let seed = seeds(std::slice::from_ref(&single));
                        files::write_drawn(&path, &finished(single), *format, seed)
                    })?;
                }
            })?,
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Says where the pictures are, and shows them if that was asked for.
    pub fn report(&self, target: &Target, what: &str) {
        output::line(&format!("{what} in {}", target.path().display()));
        if self.open {
            open(target.path());
        }
    }

    /// A picture as it is to be seen.
    fn finished(&self, target: &Target, product: &Product, single: Single) -> DynamicImage {
        let Single { label, picture, .. } = single;
        let factor = self.factor(target, product, picture.width());
        let enlarged = self.enlarged(picture, factor);
        match label {
            Some(label) if self.labels => labelled(&enlarged, &label.text()),
            _ => enlarged,
        }
    }

    fn enlarged(&self, picture: DynamicImage, factor: u32) -> DynamicImage {
        if factor == 1 {
            return picture;
        }
        let filter = if self.smooth {
            FilterType::CatmullRom
        } else {
            FilterType::Nearest
        };
        let (width, height) = (picture.width() * factor, picture.height() * factor);
        picture.resize_exact(width, height, filter)
    }

    /// How many times pictures of this width are enlarged.
    fn factor(&self, target: &Target, product: &Product, width: u32) -> u32 {
        let least = if target.is_animation() {
            LEAST_FRAME
        } else if self.labels {
            LEAST_LABELLED.max(product.least_side)
        } else {
            1
        };
        self.upscale.unwrap_or_else(|| least.div_ceil(width.max(1)))
    }
}

/// The seeds of pictures, each once; `None` if there are none.
fn seeds(singles: &[Single]) -> Option<String> {
    let mut seen = HashSet::new();
    let mut seeds = Vec::new();
    for single in singles {
        if let Some(Label::Seed(seed)) = single.label
            && seen.insert(seed)
        {
            seeds.push(seed.to_string());
        }
    }
    (!seeds.is_empty()).then(|| seeds.join(","))
}

fn shape_of(picture: &DynamicImage) -> PictureShape {
    PictureShape {
        height: picture.height() as usize,
        width: picture.width() as usize,
        channels: picture.color().channel_count().into(),
    }
}

/// Refuses a picture that is larger than its format allows.
fn check_sides(picture: &RgbImage, format: PictureFormat) -> Result<()> {
    let (width, height) = picture.dimensions();
    let most = match format {
        PictureFormat::Png => return Ok(()),
        PictureFormat::Jpeg => MAX_JPEG,
        PictureFormat::Webp => MAX_WEBP,
    };
    if width.max(height) > most {
        bail!(
            "a .{} has at most {most} pixels a side, not {width}x{height}: draw a .png, fewer pictures or smaller ones",
            format.extension()
        );
    }
    Ok(())
}
