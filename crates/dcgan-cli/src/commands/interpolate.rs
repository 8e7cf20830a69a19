//! `dcgan interpolate`: pictures along a path between latent vectors.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::latent::{self, Interpolation, LatentPath, SeedList};
use dcgan::sample::Sampler;
use dcgan_render::image_grid::grid;
use image::{DynamicImage, RgbImage};

use crate::shared::compute::ComputeArguments;
use crate::shared::drawing::{self, DrawingArguments, Label, Product, SeedArguments, numbered};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};

/// `dcgan interpolate`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("seeds", |seeds| seeds.required_unless_present("z")
    .help("The stops of the path, such as 1,5,9 or 0-7")))]
pub struct Interpolate {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Files of latent vectors to pass through before the seeds, as written by `dcgan project`
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub z: Vec<PathBuf>,

    /// Pictures from one stop to the next
    #[arg(long, alias = "steps", value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub frames: u64,

    /// How to get from one stop to the next
    #[arg(long, value_enum, default_value_t = Mode::Slerp)]
    pub mode: Mode,

    /// Return to the first stop, so that an animation loops smoothly
    #[arg(long = "loop")]
    pub closed: bool,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product {
    name: "interpolate",
    single: "frame",
    default: drawing::Default::Picture,
    is_sequence: true,
    has_columns: true,
    least_side: 1,
};

impl WritesFiles for Interpolate {
    fn files(&self) -> Files<'_> {
        let z = self.z.iter().map(PathBuf::as_path);
        let format = self.drawing.single_format();
        self.drawing.files(&self.run, z, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const HELP: &str = "\
A picture has one row from each stop to the next, or --columns pictures in a row; without --out it
is RUN/interpolate.png. A .webp is an animation, as a .gif is. --labels writes the seed on each stop.

slerp follows the sphere on which nearly all normal latent vectors lie, so every picture on the path
is as likely as a random sample. Uniform latent vectors (preset paper) are mapped to normal ones,
quantile to quantile, and back. lerp is a straight line: its middle is closer to 0 than random
vectors are, and its pictures are closer to the average.

Examples:
  dcgan interpolate runs/photos --seeds 1,5,9 -o walk.png
  dcgan interpolate runs/photos --seeds 1,5,9 --frames 24 --loop -o walk.gif
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

/// A latent vector that the path passes through, and its seed.
struct Stop {
    z: Vec<f32>,
    seed: Option<u64>,
}

pub fn run(arguments: &Interpolate) -> Result<()> {
    arguments.compute.limit_threads()?;
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    check_count(arguments, 0)?; // before anything is loaded
    let device = arguments.compute.open_device()?;
    let generator = arguments.weights.load(&arguments.run, &device)?.generator;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let stops = stops(arguments, &sampler)?;
    let model = sampler.config().clone();
    let path = LatentPath {
        interpolation: arguments.mode.into(),
        steps: arguments.frames as usize,
        closed: arguments.closed,
    };
    let through: Vec<_> = stops.iter().map(|stop| stop.z.clone()).collect();
    let vectors = path.through(&through, model.latent_distribution());
    let count = vectors.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, model.image_size)?;
    let label = |place: usize| {
        let is_stop = place.is_multiple_of(path.steps);
        let stop = stops.get(place / path.steps).filter(|_| is_stop)?;
        stop.seed.map(Label::Seed)
    };
    let frames = sampler.draw(&vectors).into_iter().enumerate();
    let frames = frames.map(|(place, frame)| (frame, label(place)));
    let frames = numbered(&PRODUCT, drawing.single_format(), frames);
    drawing.write(&target, &PRODUCT, count, frames, |frames| {
        match drawing.columns {
            Some(columns) => grid(&frames, columns as usize),
            None => rows(&frames, path.steps, path.closed),
        }
    })?;
    drawing.report(
        &target,
        &format!("{count} pictures through {} stops", stops.len()),
    );
    Ok(())
}

/// Checks the number of pictures with this many stops besides those of the seeds.
fn check_count(arguments: &Interpolate, others: u64) -> Result<()> {
    let seeds = arguments.seeds.seeds.as_ref().map_or(0, SeedList::len);
    let count = seeds.saturating_add(others);
    let are_all = others > 0 || arguments.z.is_empty();
    if are_all && count < 2 {
        bail!(
            "a path needs at least two stops: give two seeds, as in --seeds 1,5, or files with --z"
        );
    }
    if count.saturating_mul(arguments.frames) > MAX_PICTURES {
        bail!(
            "{count} stops with --frames {} make more than {MAX_PICTURES} pictures",
            arguments.frames
        );
    }
    Ok(())
}

/// The latent vectors of the files, then those of the seeds.
fn stops(arguments: &Interpolate, sampler: &Sampler) -> Result<Vec<Stop>> {
    let mut stops = Vec::new();
    for path in &arguments.z {
        let vectors = latent::read_z(path, sampler.config().z_dim)?;
        stops.extend(vectors.into_iter().map(|z| Stop { z, seed: None }));
    }
    check_count(arguments, stops.len() as u64)?;
    let seeds = arguments.seeds.seeds.as_ref();
    let seeds = seeds.into_iter().flat_map(SeedList::iter);
    stops.extend(seeds.map(|seed| Stop {
        z: sampler.latent(seed),
        seed: Some(seed),
    }));
    Ok(stops)
}

/// One row from each stop to the next, with both of them.
fn rows(frames: &[DynamicImage], steps: usize, closed: bool) -> RgbImage {
    let first = frames.first().filter(|_| closed);
    let all: Vec<_> = frames.iter().chain(first).cloned().collect();
    let rows: Vec<_> = (0..all.len() - 1)
        .step_by(steps)
        .flat_map(|start| all[start..=start + steps].iter().cloned())
        .collect();
    grid(&rows, steps + 1)
}
