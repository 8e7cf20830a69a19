//! `dcgan neighbours`: what was learned by heart.

use anyhow::{Result, anyhow, bail};
use dcgan::data::{Augmentation, Dataset};
use dcgan::figure::{NeighbourRow, draw_neighbours};
use dcgan::image_grid::{channels_last_picture, picture_of_bytes};
use dcgan::latent;
use dcgan::model::Discriminator;
use dcgan::neighbours::{Comparison, Nearest, compare};
use dcgan::picture_file::PictureFormat;
use dcgan::sample::{Sampler, load_discriminator};
use image::DynamicImage;

use super::{pictures, pictures_out, threads};
use crate::cli::Neighbours;
use crate::output;

/// The most rows of a figure.
const MOST: u64 = 64;

/// Faces that `dcgan train demo` learns from.
const DEMO_FACES: u32 = 2000;

/// Neighbours that are shown of each picture.
const SHOWN: usize = 3;

/// Finds the neighbours, and shows them.
pub fn run(arguments: &Neighbours) -> Result<()> {
    threads::limit(arguments.threads)?;
    check(arguments)?;
    let device = dcgan::device::by_name("cpu")?;
    let (mut sampler, _) = Sampler::load(&arguments.run, &device)?;
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = sampler.config().clone();
    let (data, cache) = (&arguments.data, &arguments.cache);
    let dataset = pictures::load_for(&model, data, cache, (DEMO_FACES, "nothing was compared"))?;
    let seeds = arguments.seeds.iter();
    let vectors: Vec<_> = seeds.map(|seed| latent::of_seed(&model, seed)).collect();
    let drawn = sampler.values(&vectors);
    let found = compare_with_bar(&discriminator, &dataset, &drawn)?;
    let rows = rows(&dataset, &drawn, &found)?;
    let figure = draw_neighbours(&rows).map_err(|error| anyhow!(error))?;
    pictures_out::write(&arguments.out, &figure.into(), PictureFormat::Png)?;
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
    pictures_out::check_figure(&arguments.out)?;
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
    let bar = pictures::bar("comparing pictures", dataset.len() as u64);
    let found = compare(discriminator, dataset, drawn, SHOWN, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    found.map_err(|error| pictures::explain(error, "nothing was compared"))
}

/// What was found, as the figure shows it.
fn rows(dataset: &Dataset, drawn: &[f32], found: &Comparison) -> Result<Vec<NeighbourRow>> {
    let side = dataset.image_size();
    let shape = [side, side, dataset.channels()];
    let drawn = drawn.chunks(shape.iter().product()).enumerate();
    drawn
        .map(|(row, values)| {
            let shown = |nearest: &Nearest| shown(dataset, nearest, row);
            Ok(NeighbourRow {
                drawn: channels_last_picture(values, shape),
                by_pixels: shown(&found.pixels)?,
                by_features: shown(&found.features)?,
            })
        })
        .collect()
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
fn shown(
    dataset: &Dataset,
    nearest: &Nearest,
    row: usize,
) -> Result<Vec<(DynamicImage, Option<f64>)>> {
    let side = dataset.image_size();
    let neighbours = nearest.of_drawn[row].iter();
    neighbours
        .map(|neighbour| {
            let bytes = dataset.picture(neighbour.index, Augmentation::NONE)?;
            let picture = picture_of_bytes(bytes, [side, side, dataset.channels()]);
            let usual = (nearest.usual > 0.0).then_some(nearest.usual);
            Ok((picture, usual.map(|usual| neighbour.distance / usual)))
        })
        .collect()
}
