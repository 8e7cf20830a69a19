//! `dcgan interpolate`: pictures along a path between latent vectors.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::config::ModelConfig;
use dcgan::latent::{self, Interpolation, LatentPath, SeedList};
use dcgan::sample::Sampler;
use dcgan_render::image_grid::grid;
use dcgan_render::picture_file::{PictureFormat, write_animated_webp, write_gif};
use image::DynamicImage;
use rayon::prelude::*;

use crate::shared::compute::ComputeArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output, upscale};

/// `dcgan interpolate`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Interpolate {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// The stops of the path, such as 1,5,9 or 0-7
    #[arg(long, value_name = "SEEDS", required_unless_present = "z")]
    pub seeds: Option<SeedList>,

    /// Files of latent vectors to pass through before the seeds, as written by `dcgan project`
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub z: Vec<PathBuf>,

    /// Pictures from one stop to the next
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub steps: u64,

    /// How to get from one stop to the next
    #[arg(long, value_enum, default_value_t = Mode::Slerp)]
    pub mode: Mode,

    /// A .png (one row from each stop to the next), a .gif, a .webp, or a directory for single
    /// pictures
    #[arg(short, long, value_name = "FILE|DIR")]
    pub out: PathBuf,

    /// Return to the first stop, so that an animation loops smoothly
    #[arg(long = "loop")]
    pub closed: bool,

    /// Frames per second of a .gif or .webp
    #[arg(long, value_name = "N", default_value_t = 12,
          value_parser = clap::value_parser!(u64).range(1..=50))]
    pub fps: u64,

    /// Enlarge pictures by this factor, without smoothing
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=32))]
    pub upscale: u32,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Interpolate {
    fn files(&self) -> Files<'_> {
        let files = Files::new(
            self.replace,
            self.z.iter().map(PathBuf::as_path).chain([&*self.run]),
        );
        match target(&self.out) {
            Ok(Target::Directory) => files.writing_in(&self.out, is_frame_name),
            Ok(Target::Grid | Target::Gif | Target::Webp) => files.writing(&self.out),
            Err(_) => files, // refused by the command
        }
    }
}

const HELP: &str = "\
slerp follows the sphere on which nearly all normal latent vectors lie, so every picture on the path
is as likely as a random sample. Uniform latent vectors (preset paper) are mapped to normal ones,
quantile to quantile, and back. lerp is a straight line: its middle is closer to 0 than random
vectors are, and its pictures are closer to the average.

Examples:
  dcgan interpolate runs/photos --seeds 1,5,9 -o walk.png
  dcgan interpolate runs/photos --seeds 1,5,9 --steps 24 --loop -o walk.gif
  dcgan interpolate runs/photos --seeds 0-3 --mode lerp -o frames/
  dcgan interpolate runs/photos --z me.safetensors,you.safetensors --seeds 7 -o walk.webp";

/// `--mode`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Mode {
    /// Along the sphere
    Slerp,
    /// Along a straight line
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

const MAX_PICTURES: u64 = 10_000;

/// What to write.
enum Target {
    Grid,
    Gif,
    Webp,
    Directory,
}

pub fn run(arguments: &Interpolate) -> Result<()> {
    arguments.compute.limit_threads()?;
    let target = target(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::new(arguments.weights.load(&arguments.run, &device)?.generator);
    let model = sampler.config().clone();
    let stops = stops(arguments, &model)?;
    let path = LatentPath {
        interpolation: arguments.mode.into(),
        steps: arguments.steps as usize,
        closed: arguments.closed,
    };
    let vectors = path.through(&stops, model.latent_distribution());
    let factor = match target {
        Target::Directory => 1, // single pictures are enlarged one by one
        Target::Grid | Target::Gif | Target::Webp => arguments.upscale,
    };
    upscale::check_fits_in_memory(vectors.len() as u64, model.image_size, factor)?;
    let frames = sampler.draw(&vectors);
    write(arguments, &target, &frames)?;
    output::line(&format!(
        "{} pictures through {} stops in {}",
        frames.len(),
        stops.len(),
        arguments.out.display()
    ));
    Ok(())
}

/// The latent vectors of the files, then those of the seeds.
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
        bail!(
            "a path needs at least two stops: give two seeds, as in --seeds 1,5, or files with --z"
        );
    }
    if count.saturating_mul(arguments.steps) > MAX_PICTURES {
        bail!(
            "{count} stops with --steps {} make more than {MAX_PICTURES} pictures",
            arguments.steps
        );
    }
    let seeds = seeds.into_iter().flat_map(SeedList::iter);
    stops.extend(seeds.map(|seed| latent::from_seed(model, seed)));
    Ok(stops)
}

fn target(path: &Path) -> Result<Target> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_lowercase).as_deref() {
        Some("png") => Ok(Target::Grid),
        Some("gif") => Ok(Target::Gif),
        Some("webp") => Ok(Target::Webp),
        None => Ok(Target::Directory),
        Some(_) if path.is_dir() => Ok(Target::Directory),
        Some(other) => bail!("--out takes a .png, .gif or .webp, or a directory, not a .{other}"),
    }
}

fn write(arguments: &Interpolate, target: &Target, frames: &[DynamicImage]) -> Result<()> {
    let path = &arguments.out;
    let frame_time = Duration::from_secs_f64(1.0 / arguments.fps as f64);
    let enlarge = |frame: &DynamicImage| upscale::upscaled(frame, arguments.upscale);
    let enlarged = || frames.iter().map(enlarge).collect::<Vec<_>>();
    match target {
        Target::Grid => {
            let grid = rows(&enlarged(), arguments.steps as usize, arguments.closed);
            files::write_picture(path, &grid, PictureFormat::Png)
        }
        Target::Gif => files::written(path, write_gif(path, &enlarged(), frame_time)),
        Target::Webp => files::written(path, write_animated_webp(path, &enlarged(), frame_time)),
        Target::Directory => files::in_folder(path, || {
            frames
                .par_iter()
                .enumerate()
                .try_for_each(|(place, frame)| {
                    let path = path.join(frame_name(place));
                    files::write_picture(&path, &enlarge(frame), PictureFormat::Png)
                })
        }),
    }
}

fn frame_name(place: usize) -> String {
    format!("frame-{place:05}.png")
}

fn is_frame_name(name: &str) -> bool {
    let place = name
        .strip_prefix("frame-")
        .and_then(|rest| rest.strip_suffix(".png"));
    let place = place.and_then(|place| place.parse().ok());
    place.is_some_and(|place| place < MAX_PICTURES as usize && frame_name(place) == name)
}

/// One row from each stop to the next, with both of them.
fn rows(frames: &[DynamicImage], steps: usize, closed: bool) -> DynamicImage {
    let first = frames.first().filter(|_| closed);
    let all: Vec<_> = frames.iter().chain(first).cloned().collect();
    let rows: Vec<_> = (0..all.len() - 1)
        .step_by(steps)
        .flat_map(|start| all[start..=start + steps].iter().cloned())
        .collect();
    grid(&rows, steps + 1).into()
}
