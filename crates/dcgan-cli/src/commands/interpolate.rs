//! `dcgan interpolate`: pictures on the way from one seed to the next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::config::ModelConfig;
use dcgan::latent::{self, Interpolation, SeedList};
use dcgan::sample::Sampler;
use dcgan_render::image_grid::grid;
use dcgan_render::picture_file::{PictureFormat, write_animated_webp, write_gif};
use image::DynamicImage;
use rayon::prelude::*;

use crate::shared::compute::ComputeArguments;
use crate::shared::{files, output, upscale};

/// `dcgan interpolate`
#[derive(Debug, Args)]
#[command(after_help = INTERPOLATE_HELP)]
pub struct Interpolate {
    /// A run folder, a checkpoint, or a generator.safetensors
    pub run: PathBuf,

    /// The pictures that the way goes through, such as 1,5,9 or 0-7
    #[arg(long, value_name = "SEEDS", required_unless_present = "z")]
    pub seeds: Option<SeedList>,

    /// Files of latent vectors that the way goes through before the seeds, as `dcgan project`
    /// writes them
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub z: Vec<PathBuf>,

    /// Pictures from one seed to the next
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub steps: u64,

    /// How the way goes
    #[arg(long, value_enum, default_value_t = Mode::Slerp)]
    pub mode: Mode,

    /// A .png (one row for each pair of seeds), .gif or .webp, or a folder for single pictures
    #[arg(short, long, value_name = "FILE|DIR")]
    pub out: PathBuf,

    /// Go back to the first seed, so that a moving picture has no jump
    #[arg(long = "loop")]
    pub closed: bool,

    /// Pictures in a second of a .gif or .webp
    #[arg(long, value_name = "N", default_value_t = 12,
          value_parser = clap::value_parser!(u64).range(1..=50))]
    pub fps: u64,

    /// Enlarge pictures by this number, without smoothing
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=32))]
    pub upscale: u32,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const INTERPOLATE_HELP: &str = "\
slerp goes along the sphere on which nearly all normal latent vectors lie, so every picture on
the way is as likely as one that was drawn. For networks with uniform latent vectors (paper) it
carries each coordinate to a normal one by its rank, goes along the sphere there, and comes
back. lerp is the straight line: its middle is nearer to 0 than drawn vectors are, and its
pictures are tamer.

Examples:
  dcgan interpolate runs/photos --seeds 1,5,9 -o walk.png
  dcgan interpolate runs/photos --seeds 1,5,9 --steps 24 --loop -o walk.gif
  dcgan interpolate runs/photos --seeds 0-3 --mode lerp -o frames/
  dcgan interpolate runs/photos --z me.safetensors,you.safetensors --seeds 7 -o walk.webp";

/// `--mode`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Mode {
    /// Along the sphere.
    Slerp,
    /// Along the straight line.
    Lerp,
}

impl From<Mode> for Interpolation {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Slerp => Self::Spherical,
            Mode::Lerp => Self::Linear,
        }
    }
}

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
    arguments.compute.limit_threads()?;
    let target = target(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::load(&arguments.run, &device)?;
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
    upscale::check_fits_in_memory(way.len() as u64, model.image_size, together)?;
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
    let enlarged = |frame: &DynamicImage| upscale::upscaled(frame, arguments.upscale);
    let large = || frames.iter().map(enlarged).collect::<Vec<_>>();
    match target {
        Target::Grid => {
            let grid = rows(&large(), arguments.steps as usize, arguments.closed);
            files::write_picture(path, &grid, PictureFormat::Png)
        }
        Target::Gif => files::written(path, write_gif(path, &large(), of_each)),
        Target::Webp => files::written(path, write_animated_webp(path, &large(), of_each)),
        Target::Folder => {
            files::create_folder(path)?;
            let numbered = frames.par_iter().enumerate();
            numbered.try_for_each(|(place, frame)| {
                let path = path.join(format!("frame-{place:05}.png"));
                files::write_picture(&path, &enlarged(frame), PictureFormat::Png)
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
