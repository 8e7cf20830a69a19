//! `dcgan interpolate`: pictures on the way from one seed to the next.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use dcgan::config::ModelConfig;
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;
use dcgan_render::image_grid::grid;
use dcgan_render::picture_file::{PictureFormat, write_gif, write_moving_webp};
use image::DynamicImage;
use rayon::prelude::*;

use super::{device, pictures_out, threads};
use crate::cli::Interpolate;
use crate::output;

/// The most pictures of a way that is one file.
const MOST: u64 = 10_000;

/// Where a way goes to.
enum Target {
    Grid,
    Gif,
    Webp,
    Folder,
}

/// Draws the way.
pub fn run(arguments: &Interpolate) -> Result<()> {
    threads::limit(arguments.compute.threads)?;
    let target = target(&arguments.out)?;
    let device = device::open(&arguments.compute)?;
    let (mut sampler, _) = Sampler::load(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let stops = stops(arguments, &model)?;
    let way = latent::Interpolation::from(arguments.mode).way(
        model.latent_distribution(),
        &stops,
        arguments.steps as usize,
        arguments.closed,
    );
    // single pictures are enlarged one by one
    let together = match target {
        Target::Folder => 1,
        Target::Grid | Target::Gif | Target::Webp => arguments.upscale,
    };
    pictures_out::check_together(way.len() as u64, model.image_size, together)?;
    let frames = sampler.draw(&way);
    write(arguments, &target, &frames)?;
    output::line(&format!(
        "{} pictures through {} stops in {}",
        frames.len(),
        stops.len(),
        arguments.out.display()
    ));
    Ok(())
}

/// The saved latent vectors, then those of the seeds.
fn stops(arguments: &Interpolate, model: &ModelConfig) -> Result<Vec<Vec<f32>>> {
    let mut stops = Vec::new();
    for path in &arguments.z {
        stops.extend(latent::read_z(path, model.z_dim)?);
    }
    let seeds = arguments.seeds.as_ref();
    let count = seeds
        .map_or(0, SeedList::len)
        .saturating_add(stops.len() as u64);
    if count < 2 {
        bail!("a way needs at least two stops: give two seeds, as --seeds 1,5, or files by --z");
    }
    if count.saturating_mul(arguments.steps) > MOST {
        bail!(
            "{count} stops with {} steps make more than {MOST} pictures: take fewer",
            arguments.steps
        );
    }
    let seeds = seeds.into_iter().flat_map(SeedList::iter);
    stops.extend(seeds.map(|seed| latent::from_seed(model, seed)));
    Ok(stops)
}

fn target(path: &Path) -> Result<Target> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_lowercase).as_deref() {
        Some("png") => Ok(Target::Grid),
        Some("gif") => Ok(Target::Gif),
        Some("webp") => Ok(Target::Webp),
        None => Ok(Target::Folder),
        Some(_) if path.is_dir() => Ok(Target::Folder),
        Some(other) => bail!("a way is a .png, .gif or .webp, or a folder: not a .{other}"),
    }
}

fn write(arguments: &Interpolate, target: &Target, frames: &[DynamicImage]) -> Result<()> {
    let path = &arguments.out;
    let of_each = Duration::from_secs_f64(1.0 / arguments.fps as f64);
    let enlarged = |frame: &DynamicImage| pictures_out::upscaled(frame, arguments.upscale);
    let large = || frames.iter().map(enlarged).collect::<Vec<_>>();
    match target {
        Target::Grid => {
            let grid = rows(&large(), arguments.steps as usize, arguments.closed);
            pictures_out::write(path, &grid, PictureFormat::Png)
        }
        Target::Gif => pictures_out::written(path, write_gif(path, &large(), of_each)),
        Target::Webp => pictures_out::written(path, write_moving_webp(path, &large(), of_each)),
        Target::Folder => {
            pictures_out::make_folder(path)?;
            let numbered = frames.par_iter().enumerate();
            numbered.try_for_each(|(place, frame)| {
                let path = path.join(format!("frame-{place:05}.png"));
                pictures_out::write(&path, &enlarged(frame), PictureFormat::Png)
            })
        }
    }
}

/// One row for each pair of seeds, with both of its ends.
fn rows(frames: &[DynamicImage], steps: usize, closed: bool) -> DynamicImage {
    let first = frames.first().filter(|_| closed);
    let all: Vec<_> = frames.iter().chain(first).cloned().collect();
    let rows: Vec<_> = (0..all.len() - 1)
        .step_by(steps)
        .flat_map(|start| all[start..=start + steps].iter().cloned())
        .collect();
    grid(&rows, steps + 1).into()
}
