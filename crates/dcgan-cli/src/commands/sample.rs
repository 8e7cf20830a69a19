//! `dcgan sample`: pictures from a trained generator.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use dcgan::latent::SeedList;
use dcgan::sample::{LoadedGenerator, Sampler};
use dcgan_render::image_grid::{PictureShape, grid};
use dcgan_render::picture_file::{PictureFormat, write_npy};
use image::DynamicImage;
use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::shared::checkpoint::CheckpointArguments;
use crate::shared::compute::ComputeArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{files, output, truncation, upscale};

/// `dcgan sample`
#[derive(Debug, Args)]
#[command(after_help = SAMPLE_EXAMPLES, allow_negative_numbers = true)]
pub struct Sample {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Number of pictures
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u64).range(1..=MAX_COUNT))]
    pub count: u64,

    /// Seeds of the pictures, such as 0-63,100, instead of --count and --seed
    #[arg(long, value_name = "SEEDS", conflicts_with_all = ["count", "seed"])]
    pub seeds: Option<SeedList>,

    /// Directory for single pictures
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Format of single pictures; npy is one uint8 array [N, height, width, channels]
    #[arg(long, value_enum, default_value_t = SampleFormat::Png)]
    pub format: SampleFormat,

    /// Write all pictures as a grid into one .png, .jpg or .webp
    #[arg(long, value_name = "FILE")]
    pub grid: Option<PathBuf>,

    /// Seed of the first picture; picture i has SEED + i
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    /// Redraw latent coordinates beyond ±LIMIT: 0.7 gives less varied but better pictures
    #[arg(long, value_name = "LIMIT", value_parser = truncation::parse)]
    pub truncation: Option<f64>,

    /// Enlarge pictures N times, without smoothing
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=32))]
    pub upscale: u32,

    #[command(flatten)]
    pub checkpoint: CheckpointArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Sample {
    fn files(&self) -> Files<'_> {
        let mut files = Files::new(self.replace, [&*self.run]);
        if let Some(path) = &self.grid {
            files = files.writing(path);
        }
        if let Some(folder) = &self.out {
            files = match self.format.picture_format() {
                Some(format) => files.writing_in(folder, |name| {
                    seed_of(name).is_some_and(|seed| {
                        seeds(self).is_ok_and(|seeds| seeds.contains(seed))
                            && picture_name(seed, format) == name
                    })
                }),
                None => files.writing_in(folder, |name| name == ARRAY),
            };
        }
        files
    }
}

/// `--format` of `sample`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum SampleFormat {
    /// PNG.
    Png,
    /// JPEG of quality 95.
    Jpg,
    /// Lossless WebP.
    Webp,
    /// One NumPy array.
    Npy,
}

impl SampleFormat {
    /// The format of picture files; `None` for an array.
    pub fn picture_format(self) -> Option<PictureFormat> {
        match self {
            Self::Png => Some(PictureFormat::Png),
            Self::Jpg => Some(PictureFormat::Jpeg),
            Self::Webp => Some(PictureFormat::Webp),
            Self::Npy => None,
        }
    }
}

const SAMPLE_EXAMPLES: &str = "\
Examples:
  dcgan sample runs/demo -n 64 --grid faces.png
  dcgan sample runs/demo --checkpoint best -n 1000 --seed 7 --out faces/
  dcgan sample runs/demo --seeds 3,7,12 --truncation 0.7 --upscale 4 --out best/
  dcgan sample runs/demo -n 50000 --format npy --out arrays/";

/// The file of all pictures with `--format npy`.
const ARRAY: &str = "pictures.npy";

/// Pictures that are drawn at once.
const CHUNK: usize = 64;

/// The most pictures, as for --count.
const MAX_COUNT: u64 = 10_000_000;

/// The most pictures of a grid.
const MAX_GRID: u64 = 10_000;

/// Draws the pictures.
pub fn run(arguments: &Sample) -> Result<()> {
    arguments.compute.limit_threads()?;
    let seeds = seeds(arguments)?;
    check(arguments, &seeds)?;
    let run = arguments.checkpoint.resolve(&arguments.run)?;
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&run, &device)?;
    let mut sampler = Sampler::new(generator);
    if let Some(limit) = arguments.truncation {
        sampler = sampler.with_truncation(limit)?;
    }
    let mut drawing = Drawing {
        sampler,
        upscale: arguments.upscale,
    };
    let trained = match header.step {
        0 => header.data.source.clone(), // imported
        step => format!("of step {step}"),
    };
    let report = |place: &Path| {
        let place = place.display();
        output::line(&format!("{} pictures {trained} in {place}", seeds.len()));
    };
    if let Some(path) = &arguments.grid {
        let image_size = drawing.sampler.config().image_size;
        upscale::check_fits_in_memory(seeds.len(), image_size, arguments.upscale)?;
        let seeds: Vec<u64> = seeds.iter().collect();
        let pictures = drawing.pictures(&seeds);
        let pictures: Vec<_> = pictures.iter().map(|one| drawing.enlarged(one)).collect();
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let format = PictureFormat::from_path(path).unwrap_or(PictureFormat::Png);
        files::write_picture(path, &grid(&pictures, columns).into(), format)?;
        report(path);
    }
    if let Some(folder) = &arguments.out {
        drawing.write(&seeds, folder, arguments.format)?;
        report(folder);
    }
    Ok(())
}

fn seeds(arguments: &Sample) -> Result<SeedList> {
    if let Some(seeds) = &arguments.seeds {
        return Ok(seeds.clone());
    }
    let (first, count) = (arguments.seed, arguments.count);
    match SeedList::from_first(first, count) {
        Ok(seeds) => Ok(seeds),
        Err(_) => {
            bail!("--seed {first} is too large for {count} pictures")
        }
    }
}

fn check(arguments: &Sample, seeds: &SeedList) -> Result<()> {
    if arguments.out.is_none() && arguments.grid.is_none() {
        bail!("no output: give --out DIR for single pictures or --grid FILE.png for one grid");
    }
    if arguments.grid.is_some() && seeds.len() > MAX_GRID {
        bail!(
            "a grid holds at most {MAX_GRID} pictures, not {}",
            seeds.len()
        );
    }
    if seeds.len() > MAX_COUNT {
        bail!(
            "--seeds names {} pictures: draw at most {MAX_COUNT} at a time",
            seeds.len()
        );
    }
    if let Some(path) = &arguments.grid
        && path.extension().is_some()
        && PictureFormat::from_path(path).is_none()
    {
        bail!(
            "--grid {}: the name must end in .png, .jpg or .webp",
            path.display()
        );
    }
    Ok(())
}

/// Draws pictures and enlarges them.
struct Drawing {
    sampler: Sampler,
    upscale: u32,
}

impl Drawing {
    fn pictures(&mut self, seeds: &[u64]) -> Vec<DynamicImage> {
        self.sampler.pictures(seeds.iter().copied())
    }

    fn enlarged(&self, picture: &DynamicImage) -> DynamicImage {
        upscale::upscaled(picture, self.upscale)
    }

    /// Writes a file for each picture or one array of all, a chunk at a time.
    fn write(&mut self, seeds: &SeedList, folder: &Path, format: SampleFormat) -> Result<()> {
        files::in_folder(folder, || self.write_files(seeds, folder, format))
    }

    fn write_files(&mut self, seeds: &SeedList, folder: &Path, format: SampleFormat) -> Result<()> {
        let progress = ProgressBar::new(seeds.len());
        match format.picture_format() {
            Some(format) => {
                for chunk in chunks(seeds) {
                    let pictures = self.pictures(&chunk);
                    let all = chunk.par_iter().zip(&pictures);
                    all.try_for_each(|(seed, picture)| {
                        let name = picture_name(*seed, format);
                        files::write_picture(&folder.join(name), &self.enlarged(picture), format)?;
                        progress.inc(1);
                        anyhow::Ok(())
                    })?;
                }
            }
            None => {
                let model = self.sampler.config();
                let side = model.image_size * self.upscale as usize;
                let shape = PictureShape::square(side, model.channels);
                let upscale = self.upscale;
                let pictures = chunks(seeds).flat_map(|chunk| {
                    progress.inc(chunk.len() as u64);
                    self.pictures(&chunk)
                });
                let pictures = pictures.map(|one| upscale::upscaled(&one, upscale));
                let path = folder.join(ARRAY);
                files::written(&path, write_npy(&path, seeds.len(), shape, pictures))?;
            }
        }
        progress.finish_and_clear();
        Ok(())
    }
}

fn picture_name(seed: u64, format: PictureFormat) -> String {
    format!("seed-{seed:06}.{}", format.extension())
}

fn seed_of(name: &str) -> Option<u64> {
    name.strip_prefix("seed-")?.split_once('.')?.0.parse().ok()
}

/// The seeds in chunks of [`CHUNK`].
fn chunks(seeds: &SeedList) -> impl Iterator<Item = Vec<u64>> {
    let mut seeds = seeds.iter();
    std::iter::from_fn(move || {
        let chunk: Vec<u64> = seeds.by_ref().take(CHUNK).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}
