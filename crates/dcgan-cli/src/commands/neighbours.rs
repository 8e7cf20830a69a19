//! `dcgan neighbours`: whether the generator memorised training pictures.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::{self, SeedList};
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::neighbours::{Comparison, Nearest, Neighbour, compare};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};
use serde::Serialize;

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::{
    DrawingArguments, Label, Product, SeedArguments, Table, TableCell, WRITING, numbered,
};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{dataset, output, progress};
use crate::words::counted;

/// `dcgan neighbours`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("seeds", |seeds| seeds.help("Seeds of the samples to compare [default: 0-7]")))]
#[command(mut_arg("columns", |columns| columns
    .help("Number of nearest pictures to show for each sample [default: 3]")))]
#[command(mut_arg("labels", |labels| labels
    .help("Write on each sample its seed, on each training picture its number in DATA")))]
pub struct Neighbours {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// Latent vectors to compare the pictures of, before those of --seeds: a safetensors file with a tensor
    /// z [N, z_dim]
    #[arg(long, value_name = "FILE")]
    pub z: Option<PathBuf>,

    /// Print one JSON object: the nearest training pictures of each sample, with their distances relative to
    /// the usual one
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub seeds: SeedArguments,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product::figure("neighbours");

impl WritesFiles for Neighbours {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let inputs = self
            .data
            .data
            .as_deref()
            .into_iter()
            .chain(self.z.as_deref());
        self.drawing.files(&self.run, inputs, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const HELP: &str = "\
Each row of the figure shows a sample, the training pictures whose pixels are nearest, and those
whose discriminator features (all layers, max-pooled to 4x4) are nearest. The printed numbers
are the median distance of samples to their nearest training picture, divided by the median distance
of training pictures to their own nearest neighbour: about 1 for new pictures, near 0 for copies.
Without --out the figure is RUN/neighbours.png.

Examples:
  dcgan neighbours runs/photos
  dcgan neighbours runs/demo --seeds 0-15 --columns 5 -o neighbours.png
  dcgan neighbours runs/demo --data photos/ -o neighbours.png
  dcgan neighbours runs/photos --z found/face.safetensors --json";

const MAX_ROWS: u64 = 64;

/// The name of the task, as its progress bar shows it.
const COMPARING: &str = "comparing pictures";

/// The samples that are compared if neither --seeds nor --z says otherwise.
const SAMPLES: u64 = 8;

/// How many neighbours of each sample are shown if --columns does not say otherwise, and the most.
const SHOWN: u32 = 3;
const MAX_SHOWN: u32 = 32;

pub fn run(arguments: &Neighbours) -> Result<()> {
    arguments.compute.limit_threads()?;
    if arguments.json {
        output::answer_in_json();
    }
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    let seeds = match (&arguments.seeds.seeds, &arguments.z) {
        (Some(seeds), _) => Some(seeds.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(SeedList::from_first(0, SAMPLES)?),
    };
    let shown = drawing.columns.unwrap_or(SHOWN);
    if shown > MAX_SHOWN {
        bail!("--columns {shown}: a sample is shown with at most {MAX_SHOWN} pictures");
    }
    let (source, _) = arguments.data.source(&arguments.run)?;
    check_count(seeds.as_ref().map_or(0, SeedList::len))?;
    progress::cover([(dataset::READING, 0.3), (COMPARING, 1.0), (WRITING, 0.1)]);
    let device = arguments.compute.open_device()?;
    let generator = arguments.weights.load(&arguments.run, &device)?.generator;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let (dataset, cache) =
        dataset::load_for_run(&arguments.run, &model, &source, &arguments.cache)?;
    dataset::report_cache(&cache);
    let mut compared: Vec<Compared> = Vec::new();
    if let Some(path) = &arguments.z {
        let vectors = latent::read_z(path, model.z_dim)?.into_iter();
        compared.extend(vectors.map(|z| Compared { z, seed: None }));
    }
    compared.extend(seeds.iter().flat_map(SeedList::iter).map(|seed| Compared {
        z: sampler.latent(seed),
        seed: Some(seed),
    }));
    check_count(compared.len() as u64)?;
    let vectors: Vec<_> = compared.iter().map(|one| one.z.clone()).collect();
    let samples = sampler.values(&vectors);
    let found = find_neighbours(&discriminator, &dataset, &samples, shown as usize)?;
    let table = table(&dataset, &samples, &compared, &found)?;
    let (pictures, arrange) = table.into_parts();
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
    let count = singles.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, model.image_size)?;
    drawing.write(&target, &PRODUCT, count, singles, arrange)?;
    if arguments.json {
        output::json(&serde_json::to_string_pretty(&answer(
            &dataset, &compared, &found,
        ))?);
    } else {
        output::line(&summary(&found));
    }
    drawing.report(
        &target,
        &format!(
            "{} and the nearest of {}",
            counted(vectors.len(), "sample"),
            counted(dataset.len(), "training picture"),
        ),
    );
    Ok(())
}

/// A sample that is compared.
struct Compared {
    z: Vec<f32>,
    seed: Option<u64>,
}

fn check_count(count: u64) -> Result<()> {
    if count > MAX_ROWS {
        bail!("{count} samples do not fit in the figure; give at most {MAX_ROWS}");
    }
    Ok(())
}

fn find_neighbours(
    discriminator: &Discriminator,
    dataset: &Dataset,
    samples: &[f32],
    shown: usize,
) -> Result<Comparison> {
    let bar = progress::bar(COMPARING, dataset.len());
    let found = compare(discriminator, dataset, samples, shown, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

fn table(
    dataset: &Dataset,
    samples: &[f32],
    compared: &[Compared],
    found: &Comparison,
) -> Result<Table> {
    let side = dataset.image_size();
    let shape = PictureShape::square(side, dataset.channels());
    let mut rows = Vec::new();
    for ((row, values), one) in samples.chunks(shape.values()).enumerate().zip(compared) {
        let sample = TableCell {
            picture: picture_from_values(values, shape),
            caption: one.seed.map(|seed| format!("seed {seed}")),
            label: one.seed.map(Label::Seed),
        };
        rows.push(vec![
            vec![sample],
            neighbour_cells(dataset, &found.pixels, row)?,
            neighbour_cells(dataset, &found.features, row)?,
        ]);
    }
    let heads = ["drawn", "nearest in pixels", "nearest in features"];
    Ok(Table {
        headings: heads.map(String::from).to_vec(),
        rows,
    })
}

/// The neighbours of a sample, with their distances relative to the usual one.
fn neighbour_cells(dataset: &Dataset, nearest: &Nearest, sample: usize) -> Result<Vec<TableCell>> {
    let side = dataset.image_size();
    let usual = nearest.usual_distance;
    let mut cells = Vec::new();
    for neighbour in &nearest.neighbours[sample] {
        let bytes = dataset.picture(neighbour.index, Augmentation::NONE)?;
        cells.push(TableCell {
            picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
            caption: (usual > 0.0).then(|| format!("distance {:.2}", neighbour.distance / usual)),
            label: Some(Label::Text(neighbour.index.to_string())),
        });
    }
    Ok(cells)
}

/// The numbers that say whether samples are copies, in a sentence.
fn summary(found: &Comparison) -> String {
    match (found.pixels.novelty(), found.features.novelty()) {
        (Some(pixels), Some(features)) => format!(
            "distance to the nearest training picture: {pixels:.2} in pixels, {features:.2} in \
             features (1: as far apart as training pictures, 0: copies)"
        ),
        _ => "training pictures have no distance to each other: there is only one, or most are \
              identical, so copies cannot be detected"
            .to_owned(),
    }
}

/// `--json`
#[derive(Serialize)]
struct Answer {
    /// The median distance of samples to their nearest training picture, relative to the usual one.
    pixels: Option<f64>,
    features: Option<f64>,
    summary: String,
    samples: Vec<SampleAnswer>,
}

#[derive(Serialize)]
struct SampleAnswer {
    seed: Option<u64>,
    pixels: Vec<NeighbourAnswer>,
    features: Vec<NeighbourAnswer>,
}

#[derive(Serialize)]
struct NeighbourAnswer {
    /// Its number in DATA.
    index: usize,
    name: Option<String>,
    /// Relative to the usual one; none if training pictures have no distance to each other.
    distance: Option<f64>,
}

fn answer(dataset: &Dataset, compared: &[Compared], found: &Comparison) -> Answer {
    let neighbours = |nearest: &Nearest, row: usize| {
        let usual = nearest.usual_distance;
        let one = |found: &Neighbour| NeighbourAnswer {
            index: found.index,
            name: dataset.name(found.index),
            distance: (usual > 0.0).then(|| found.distance / usual),
        };
        nearest.neighbours[row].iter().map(one).collect()
    };
    let samples = compared.iter().enumerate().map(|(row, one)| SampleAnswer {
        seed: one.seed,
        pixels: neighbours(&found.pixels, row),
        features: neighbours(&found.features, row),
    });
    Answer {
        pixels: found.pixels.novelty(),
        features: found.features.novelty(),
        summary: summary(found),
        samples: samples.collect(),
    }
}
