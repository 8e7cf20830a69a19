//! `dcgan neighbours`: what was learned by heart.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent;
use dcgan::latent::SeedList;
use dcgan::model::Discriminator;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::neighbours::{Comparison, Nearest, compare};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, files, output, progress};

/// `dcgan neighbours`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Neighbours {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// The pictures that it was trained on: whatever `train` takes, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The drawn pictures
    #[arg(long, value_name = "SEEDS", default_value = "0-7")]
    pub seeds: SeedList,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
Each row of the figure has a drawn picture, the three training pictures that are nearest in
their pixels, and the three that are nearest in the discriminator's features (all of its layers,
max-pooled to 4x4). The number printed for each is the median distance to the nearest, divided by
the median distance of training pictures to their own nearest: about 1 for new pictures, near 0
for copies.

Example:
  dcgan neighbours runs/photos --data photos/ -o neighbours.png";

/// The most rows of a figure.
const MOST: u64 = 64;

/// Neighbours that are shown of each picture.
const SHOWN: usize = 3;

/// Finds the neighbours, and shows them.
pub fn run(arguments: &Neighbours) -> Result<()> {
    arguments.compute.limit_threads()?;
    check(arguments)?;
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::load(&arguments.run, &device)?;
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let source = dataset::source(&arguments.data, None, None);
    let (dataset, cache) = dataset::load_for_run(&arguments.run, &model, &source, &arguments.cache)
        .map_err(|error| dataset::explain(error, "nothing was compared"))?;
    dataset::report_cache(&cache);
    let seeds = arguments.seeds.iter();
    let vectors: Vec<_> = seeds.map(|seed| latent::from_seed(&model, seed)).collect();
    let drawn = sampler.values(&vectors);
    let found = compare_with_bar(&discriminator, &dataset, &drawn)?;
    let table = table(&dataset, &drawn, &found)?;
    files::write_figure(&arguments.out, table.draw())?;
    tell(&found);
    output::line(&format!(
        "{} drawn pictures beside the nearest of {} in {}",
        vectors.len(),
        dataset.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn check(arguments: &Neighbours) -> Result<()> {
    files::check_figure_name(&arguments.out)?;
    let count = arguments.seeds.len();
    if count > MOST {
        bail!("{count} seeds: take at most {MOST}");
    }
    Ok(())
}

fn compare_with_bar(
    discriminator: &Discriminator,
    dataset: &Dataset,
    drawn: &[f32],
) -> Result<Comparison> {
    let bar = progress::bar("comparing pictures", dataset.len());
    let found = compare(discriminator, dataset, drawn, SHOWN, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// What was found, as the figure shows it.
fn table(dataset: &Dataset, drawn: &[f32], found: &Comparison) -> Result<PictureTable> {
    let side = dataset.image_size();
    let shape = PictureShape::square(side, dataset.channels());
    let drawn = drawn.chunks(shape.values()).enumerate();
    let rows = drawn.map(|(row, values)| {
        let drawn = Cell {
            picture: picture_from_values(values, shape),
            caption: None,
        };
        let shown = |nearest: &Nearest| shown(dataset, nearest, row);
        Ok(vec![
            vec![drawn],
            shown(&found.pixels)?,
            shown(&found.features)?,
        ])
    });
    Ok(PictureTable {
        headings: ["drawn", "nearest in pixels", "nearest in features"]
            .map(String::from)
            .to_vec(),
        rows: rows.collect::<Result<_>>()?,
    })
}

fn tell(found: &Comparison) {
    let novelty = (found.pixels.novelty(), found.features.novelty());
    output::line(&match novelty {
        (Some(pixels), Some(features)) => format!(
            "distance to the nearest training picture: {pixels:.2} in pixels, {features:.2} in \
             features (1: as far as training pictures are from each other, 0: copies)"
        ),
        _ => "training pictures have no distance to each other: there is one alone, or most \
              are the same, and nothing can be said of copies"
            .to_owned(),
    });
}

/// The neighbours of a drawn picture with their distances, in terms of the usual one.
fn shown(dataset: &Dataset, nearest: &Nearest, row: usize) -> Result<Vec<Cell>> {
    let side = dataset.image_size();
    let neighbours = nearest.of_drawn[row].iter();
    neighbours
        .map(|neighbour| {
            let bytes = dataset.picture(neighbour.index, Augmentation::NONE)?;
            let usual = (nearest.usual > 0.0).then_some(nearest.usual);
            Ok(Cell {
                picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
                caption: usual.map(|usual| format!("{:.2}", neighbour.distance / usual)),
            })
        })
        .collect()
}
