//! `dcgan sample`: pictures from a trained generator.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::SeedList;
use dcgan::sample::LoadedGenerator;
use dcgan_render::image_grid::grid;
use dcgan_render::picture_file::PictureFormat;

use crate::shared::checkpoint::CheckpointArguments;
use crate::shared::compute::ComputeArguments;
use crate::shared::drawing::{
    self, DrawingArguments, Label, Product, SeedArguments, Single, Target,
};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::words::counted;

/// `dcgan sample`
#[derive(Debug, Args)]
#[command(after_help = HELP, allow_negative_numbers = true)]
#[command(mut_arg("seeds", |seeds| seeds.conflicts_with_all(["count", "first_seed"])
    .help("Seeds of the pictures, such as 0-63,100, instead of the first N")))]
pub struct Sample {
    /// A run directory, a checkpoint or a generator.safetensors
    pub run: PathBuf,

    /// Number of pictures
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u64).range(1..=MAX_COUNT))]
    pub count: u64,

    /// Seed of the first picture; picture i has SEED + i
    #[arg(long = "seed", value_name = "SEED", default_value_t = 0, hide = true)]
    pub first_seed: u64,

    /// Write all pictures into one file, beside what --out asks for
    #[arg(long, value_name = "FILE", hide = true)]
    pub grid: Option<PathBuf>,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub checkpoint: CheckpointArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product {
    name: "sample",
    single: "seed",
    default: drawing::Default::Picture,
    is_sequence: false,
    has_columns: true,
    least_side: 1,
};

const HELP: &str = "\
Without --out the pictures are drawn into RUN/sample.png, as a grid; --columns is its width. In a
folder, and in an animation or an array one after the other, each has the name or the place of its
seed.

Examples:
  dcgan sample runs/demo
  dcgan sample runs/demo -n 100 --columns 20 --labels -o faces.png
  dcgan sample runs/demo --checkpoint best --seeds 7-1006 -o faces/
  dcgan sample runs/demo --seeds 3,7,12 --truncation 0.7 --upscale 4 --smooth -o best.jpg
  dcgan sample runs/demo -n 50000 -o faces.npy";

/// Pictures that are drawn at once.
const CHUNK: usize = 64;

/// The most pictures, as for --count.
const MAX_COUNT: u64 = 10_000_000;

/// The most pictures of a grid or an animation.
const MAX_GRID: u64 = 10_000;

impl WritesFiles for Sample {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let is_single = |name: &str| {
            seed_of(name).is_some_and(|seed| {
                seeds(self).is_ok_and(|seeds| seeds.contains(seed))
                    && picture_name(seed, format) == name
            })
        };
        let files = self.drawing.files(&self.run, [], &PRODUCT, is_single);
        match &self.grid {
            Some(path) if self.drawing.out.is_some() => files.writing(path),
            Some(path) => Files::new(self.drawing.replace, [])
                .with_run(&self.run)
                .writing(path),
            None => files,
        }
    }
}

/// Draws the pictures.
pub fn run(arguments: &Sample) -> Result<()> {
    arguments.compute.limit_threads()?;
    let seeds = seeds(arguments)?;
    let targets = targets(arguments)?;
    check(&seeds, &targets)?;
    let run = arguments.checkpoint.resolve(&arguments.run)?;
    let device = arguments.compute.open_device()?;
    let LoadedGenerator {
        generator, header, ..
    } = arguments.weights.load(&run, &device)?;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let drawing = &arguments.drawing;
    let size = sampler.config().image_size;
    let format = drawing.single_format();
    let trained = match header.step {
        0 => header.data.source.clone(), // imported
        step => format!("of step {step}"),
    };
    for target in &targets {
        drawing.check_fits_in_memory(target, &PRODUCT, seeds.len(), size)?;
        let singles = chunks(&seeds).flat_map(|chunk| {
            let pictures = sampler.pictures(chunk.iter().copied());
            chunk
                .into_iter()
                .zip(pictures)
                .map(|(seed, picture)| Single {
                    name: picture_name(seed, format),
                    label: Some(Label::Seed(seed)),
                    picture,
                })
        });
        drawing.write(target, &PRODUCT, seeds.len(), singles, |pictures| {
            let square = (pictures.len() as f64).sqrt().ceil() as usize;
            let columns = drawing.columns.map_or(square, |columns| columns as usize);
            grid(&pictures, columns)
        })?;
        let count = counted(seeds.len(), "picture");
        drawing.report(target, &format!("{count} {trained}"));
    }
    Ok(())
}

/// What is written: two things if the old option --grid asks for one of them.
fn targets(arguments: &Sample) -> Result<Vec<Target>> {
    let drawing = &arguments.drawing;
    let mut targets = Vec::new();
    if let Some(path) = &arguments.grid {
        targets.push(match drawing.named(path, &PRODUCT)? {
            Target::Folder(path, _) if path.extension().is_none() => {
                Target::Picture(path, PictureFormat::Png)
            }
            target => target,
        });
    }
    if drawing.out.is_some() || targets.is_empty() {
        targets.push(drawing.target(&arguments.run, &PRODUCT)?);
    }
    Ok(targets)
}

fn seeds(arguments: &Sample) -> Result<SeedList> {
    if let Some(seeds) = &arguments.seeds.seeds {
        return Ok(seeds.clone());
    }
    let (first, count) = (arguments.first_seed, arguments.count);
    match SeedList::from_first(first, count) {
        Ok(seeds) => Ok(seeds),
        Err(_) => {
            bail!("--seed {first} is too large for {count} pictures")
        }
    }
}

fn check(seeds: &SeedList, targets: &[Target]) -> Result<()> {
    let is_one = |target: &Target| matches!(target, Target::Picture(..)) || target.is_animation();
    if targets.iter().any(is_one) && seeds.len() > MAX_GRID {
        bail!(
            "one file holds at most {MAX_GRID} pictures, not {}: draw them into a folder (-o NAME/) or an array \
             (-o NAME.npy)",
            seeds.len()
        );
    }
    if seeds.len() > MAX_COUNT {
        bail!(
            "--seeds names {} pictures: draw at most {MAX_COUNT} at a time",
            seeds.len()
        );
    }
    Ok(())
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
