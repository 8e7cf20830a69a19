//! `dcgan visualize`: what the discriminator's features answer to.

use anyhow::Result;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::feature_reader::FeatureReader;
use dcgan_explore::visualization::{Answer, Feature, untrained, visualize};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{channels_last_picture, picture_of_bytes};

use super::{device, pictures, pictures_out, threads};
use crate::cli::Visualize;
use crate::output;

/// The part of a gradient's values that may be so large that they are cut off in the figure.
const CUT_OFF: f64 = 0.002;

/// Draws the figure.
pub fn run(arguments: &Visualize) -> Result<()> {
    threads::limit(arguments.compute.threads)?;
    pictures_out::check_figure(&arguments.out)?;
    let device = device::open(&arguments.compute)?;
    let trained = load_discriminator(&arguments.run, &device)?;
    let source = pictures::source(&arguments.data, None, None);
    let run = (arguments.run.as_path(), trained.config());
    let (dataset, cache) = pictures::load_for_run(run, &source, &arguments.cache)
        .map_err(|error| pictures::explain(error, "nothing was drawn"))?;
    pictures::tell_cache(&cache);
    let reader = FeatureReader::new(&trained, &dataset)?;
    let random = untrained(&trained, &reader, arguments.seed)?;
    let random = features(arguments, &random, &dataset)?;
    let trained = features(arguments, &trained, &dataset)?;
    pictures_out::write_figure(&arguments.out, table(&dataset, &random, &trained)?.draw())?;
    output::line(&format!(
        "{} features and the strongest of {} pictures for each in {}",
        trained.len(),
        dataset.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn features(
    arguments: &Visualize,
    discriminator: &Discriminator,
    dataset: &Dataset,
) -> Result<Vec<Feature>> {
    let reader = FeatureReader::new(discriminator, dataset)?;
    let bar = pictures::bar("looking at pictures", dataset.len());
    let shown = [arguments.features, arguments.pictures].map(|count| count as usize);
    let found = visualize(discriminator, &reader, shown, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// Two rows for each feature: pictures, and what in them it answers to.
fn table(dataset: &Dataset, random: &[Feature], trained: &[Feature]) -> Result<PictureTable> {
    let mut rows = Vec::new();
    for (random, trained) in random.iter().zip(trained) {
        let both = [random, trained];
        let reals = both.map(|feature| cells(feature, |answer| real(dataset, answer)));
        rows.push(reals.into_iter().collect::<Result<_>>()?);
        let causes = both.map(|feature| cells(feature, |answer| Ok(cause(dataset, answer))));
        rows.push(causes.into_iter().collect::<Result<_>>()?);
    }
    Ok(PictureTable {
        heads: ["random filters", "trained filters"]
            .map(String::from)
            .to_vec(),
        rows,
    })
}

fn cells(feature: &Feature, cell: impl Fn(&Answer) -> Result<Cell>) -> Result<Vec<Cell>> {
    feature.pictures.iter().map(cell).collect()
}

fn real(dataset: &Dataset, answer: &Answer) -> Result<Cell> {
    let side = dataset.image_size();
    let bytes = dataset.picture(answer.index, Augmentation::NONE)?;
    Ok(Cell {
        picture: picture_of_bytes(bytes, [side, side, dataset.channels()]),
        words: None,
    })
}

/// A gradient around grey, its largest values as bright and as dark as can be.
fn cause(dataset: &Dataset, answer: &Answer) -> Cell {
    let side = dataset.image_size();
    let mut sizes: Vec<f32> = answer.gradient.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let largest =
        sizes[((sizes.len() - 1) as f64 * (1.0 - CUT_OFF)) as usize].max(f32::MIN_POSITIVE);
    let values: Vec<f32> = answer
        .gradient
        .iter()
        .map(|value| value / largest)
        .collect();
    Cell {
        picture: channels_last_picture(&values, [side, side, dataset.channels()]),
        words: Some(format!("{:.1}", answer.answer)),
    }
}
