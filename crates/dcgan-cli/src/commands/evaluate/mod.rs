//! `dcgan evaluate`: how good pictures are, in figures.

mod report;
mod sides;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use dcgan::latent::SeedList;
use dcgan_data::Format;
use dcgan_evaluate::{Features, Pictures, memorisation, sliced_wasserstein};

use self::report::Report;
use self::sides::Sides;
use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, FORMATS, Split};
use crate::shared::output;

/// `dcgan evaluate`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Evaluate {
    /// What is judged: a run directory, a checkpoint, a generator.safetensors, or pictures
    #[arg(value_name = "RUN|PICTURES")]
    pub generated: PathBuf,

    /// The real pictures: anything that `train` accepts, or `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The format of DATA [default: detected]
    #[arg(long, value_name = "FORMAT", long_help = FORMATS)]
    pub format: Option<Format>,

    /// Which split of DATA to use, if it has splits: train, valid, test, all [default: train]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<Split>,

    /// The most pictures of either side
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    pub count: u64,

    /// Seeds of the drawn pictures, such as 0-4999, instead of the first N
    #[arg(long, value_name = "SEEDS", conflicts_with = "count")]
    pub seeds: Option<SeedList>,

    /// Redraw latent coordinates beyond ±LIMIT
    #[arg(long, value_name = "LIMIT")]
    pub truncation: Option<f64>,

    /// Width and height at which PICTURES are compared [default: 64; a run has its own]
    #[arg(long, value_name = "N")]
    pub image_size: Option<u32>,

    /// What is measured
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Metric::Swd, Metric::Memorisation])]
    pub metrics: Vec<Metric>,

    /// Real pictures that were not trained on, for comparison with copies
    #[arg(long, value_name = "DATA")]
    pub held_out: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

/// `--metrics`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    /// Sliced Wasserstein distance on the levels of a Laplacian pyramid.
    Swd,
    /// Distance to the nearest training picture, and the share of near copies.
    Memorisation,
}

const HELP: &str = "\
swd is the sliced Wasserstein distance between small patches of both sides, times 1000, at every
level of a Laplacian pyramid (Karras et al. 2018): the finest level compares texture, the coarsest
structure. Lower is better. It depends on N: compare figures with the same N only.

memorisation is the median distance of drawn pictures to their nearest real one in pixels, relative
to that of real pictures that are not among them (--held-out), or else of each real picture to its
nearest other: about 1 for new pictures, near 0 for copies.

Examples:
  dcgan evaluate runs/photos --data photos/
  dcgan evaluate runs/demo/checkpoints/step-000500.safetensors --data demo -n 2048 --json
  dcgan evaluate flowers/ --data photos/ --image-size 32";

/// The seed of all random choices: figures can be compared.
const SEED: u64 = 0;

/// The side to which pictures are reduced before they are searched for copies.
const COPY_SIDE: usize = 32;

pub fn run(arguments: &Evaluate) -> Result<()> {
    arguments.compute.limit_threads()?;
    let sides = Sides::load(arguments)?;
    let mut report = Report::of(&sides);
    if arguments.metrics.contains(&Metric::Swd) {
        report.add_swd(&sliced_wasserstein(&sides.real, &sides.generated, SEED)?);
    }
    if arguments.metrics.contains(&Metric::Memorisation) {
        let held_out = sides.held_out.as_ref().map(reduced).transpose()?;
        let (real, generated) = (reduced(&sides.real)?, reduced(&sides.generated)?);
        report.memorisation = Some(memorisation(&real, &generated, held_out.as_ref())?.into());
    }
    if sides.are_same {
        output::note(
            "both sides are the same pictures: these are the figures of a set against itself",
        );
    }
    if arguments.json {
        output::line(&serde_json::to_string_pretty(&report)?);
    } else {
        output::text(&report.text());
    }
    Ok(())
}

/// Pictures as rows of mean colours, of at most [`COPY_SIDE`] a side.
fn reduced(pictures: &Pictures) -> Result<Features> {
    let (side, channels) = (pictures.side(), pictures.channels());
    let block = side.div_ceil(COPY_SIDE);
    let small = side.div_ceil(block);
    let mut values = Vec::with_capacity(pictures.len() * small * small * channels);
    for picture in pictures.iter() {
        for place in 0..small * small {
            let (top, left) = (place / small * block, place % small * block);
            let (rows, columns) = (top..side.min(top + block), left..side.min(left + block));
            let count = (rows.len() * columns.len()) as f32;
            for channel in 0..channels {
                let values_of = |row| {
                    let place = move |column| (row * side + column) * channels + channel;
                    columns
                        .clone()
                        .map(move |column| f32::from(picture[place(column)]))
                };
                let sum: f32 = rows.clone().flat_map(values_of).sum();
                values.push(sum / count / 255.0);
            }
        }
    }
    Ok(Features::new(values, small * small * channels)?)
}
