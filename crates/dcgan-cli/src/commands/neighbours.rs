//! `dcgan neighbours`: whether the generator memorised training pictures.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::{self, SeedList};
use dcgan::model::Discriminator;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::neighbours::{Comparison, Nearest, compare};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, files, output, progress};

/// `dcgan neighbours`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Neighbours {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// The pictures that RUN was trained on: anything that `train` accepts, or `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The samples to compare
    #[arg(long, value_name = "SEEDS", default_value = "0-7")]
    pub seeds: SeedList,

    /// Write the figure to this .png file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub weights: WeightsArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Neighbours {
    fn files(&self) -> Files<'_> {
        Files::new(self.replace, [&*self.run, &self.data]).writing(&self.out)
    }
}

const HELP: &str = "\
Each row of the figure shows a sample, the three training pictures whose pixels are nearest, and the
three whose discriminator features (all layers, max-pooled to 4x4) are nearest. The printed numbers
are the median distance of samples to their nearest training picture, divided by the median distance
of training pictures to their own nearest neighbour: about 1 for new pictures, near 0 for copies.

Examples:
  dcgan neighbours runs/photos --data photos/ -o neighbours.png
  dcgan neighbours runs/demo --data demo --seeds 0-15 -o neighbours.png";

const MAX_ROWS: u64 = 64;

/// How many neighbours of each sample the figure shows.
const SHOWN: usize = 3;

pub fn run(arguments: &Neighbours) -> Result<()> {
    arguments.compute.limit_threads()?;
    files::check_figure_name(&arguments.out)?;
    let count = arguments.seeds.len();
    if count > MAX_ROWS {
        bail!("{count} samples do not fit in the figure; give at most {MAX_ROWS}");
    }
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::new(arguments.weights.load(&arguments.run, &device)?.generator);
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let source = dataset::source(&arguments.data, None, None);
    let (dataset, cache) =
        dataset::load_for_run(&arguments.run, &model, &source, &arguments.cache)?;
    dataset::report_cache(&cache);
    let vectors: Vec<_> = arguments
        .seeds
        .iter()
        .map(|seed| latent::from_seed(&model, seed))
        .collect();
    let samples = sampler.values(&vectors);
    let found = find_neighbours(&discriminator, &dataset, &samples)?;
    let table = table(&dataset, &samples, &found)?;
    files::write_figure(&arguments.out, table.draw())?;
    report(&found);
    output::line(&format!(
        "{} samples and the nearest of {} training pictures in {}",
        vectors.len(),
        dataset.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn find_neighbours(
    discriminator: &Discriminator,
    dataset: &Dataset,
    samples: &[f32],
) -> Result<Comparison> {
    let bar = progress::bar("comparing pictures", dataset.len());
    let found = compare(discriminator, dataset, samples, SHOWN, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

fn table(dataset: &Dataset, samples: &[f32], found: &Comparison) -> Result<PictureTable> {
    let side = dataset.image_size();
    let shape = PictureShape::square(side, dataset.channels());
    let mut rows = Vec::new();
    for (row, values) in samples.chunks(shape.values()).enumerate() {
        let sample = Cell {
            picture: picture_from_values(values, shape),
            caption: None,
        };
        rows.push(vec![
            vec![sample],
            neighbour_cells(dataset, &found.pixels, row)?,
            neighbour_cells(dataset, &found.features, row)?,
        ]);
    }
    let heads = ["drawn", "nearest in pixels", "nearest in features"];
    Ok(PictureTable {
        headings: heads.map(String::from).to_vec(),
        rows,
    })
}

/// The neighbours of a sample, with their distances relative to the usual one.
fn neighbour_cells(dataset: &Dataset, nearest: &Nearest, sample: usize) -> Result<Vec<Cell>> {
    let side = dataset.image_size();
    let usual = nearest.usual_distance;
    let mut cells = Vec::new();
    for neighbour in &nearest.neighbours[sample] {
        let bytes = dataset.picture(neighbour.index, Augmentation::NONE)?;
        cells.push(Cell {
            picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
            caption: (usual > 0.0).then(|| format!("{:.2}", neighbour.distance / usual)),
        });
    }
    Ok(cells)
}

fn report(found: &Comparison) {
    let novelty = (found.pixels.novelty(), found.features.novelty());
    output::line(&match novelty {
        (Some(pixels), Some(features)) => format!(
            "distance to the nearest training picture: {pixels:.2} in pixels, {features:.2} in \
             features (1: as far apart as training pictures, 0: copies)"
        ),
        _ => "training pictures have no distance to each other: there is only one, or most are \
              identical, so copies cannot be detected"
            .to_owned(),
    });
}
