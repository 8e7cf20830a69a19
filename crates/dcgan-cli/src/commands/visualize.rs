//! `dcgan visualize`: what the discriminator's features answer to.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::feature_reader::FeatureReader;
use dcgan_explore::visualization::{Answer, Feature, untrained, visualize};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{dataset, files, output, progress};

/// `dcgan visualize`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Visualize {
    /// A run folder, a checkpoint, or a discriminator.safetensors
    pub run: PathBuf,

    /// Pictures to look at: whatever `train` takes, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Features that are shown
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub features: u32,

    /// Pictures that are shown of each
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u32).range(1..=16))]
    pub pictures: u32,

    /// Seed of the discriminator that was not trained
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const HELP: &str = "\
The paper's Figure 5. A feature is a map of the discriminator's last convolution before its answer.
Shown are those whose strongest answers stand out most from their usual ones: above the pictures
that they answer to most, below what in them they answer to, by guided backpropagation
(Springenberg et al. 2014), and how strong the answer is. Grey has no part in it. On the left are features of a
discriminator of the same shape that was not trained, on the right those of the run.

Examples:
  dcgan visualize runs/photos --data photos/ -o features.png
  dcgan visualize runs/demo --data demo --features 3 --pictures 8 -o features.png";

/// The part of a gradient's values that may be so large that they are cut off in the figure.
const CUT_OFF: f64 = 0.002;

/// Draws the figure.
pub fn run(arguments: &Visualize) -> Result<()> {
    arguments.compute.limit_threads()?;
    files::check_figure_name(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let trained = load_discriminator(&arguments.run, &device)?;
    let source = dataset::source(&arguments.data, None, None);
    let (dataset, cache) =
        dataset::load_for_run(&arguments.run, trained.config(), &source, &arguments.cache)
            .map_err(|error| dataset::explain(error, "nothing was drawn"))?;
    dataset::report_cache(&cache);
    let reader = FeatureReader::new(&trained, &dataset)?;
    let random = untrained(&trained, &reader, arguments.seed)?;
    let random = features(arguments, &random, &dataset)?;
    let trained = features(arguments, &trained, &dataset)?;
    files::write_figure(&arguments.out, table(&dataset, &random, &trained)?.draw())?;
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
    let bar = progress::bar("looking at pictures", dataset.len());
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
        headings: ["random filters", "trained filters"]
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
        picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
        caption: None,
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
        picture: picture_from_values(&values, PictureShape::square(side, dataset.channels())),
        caption: Some(format!("{:.1}", answer.answer)),
    }
}
