//! `dcgan visualize`: what the discriminator's features respond to.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::feature_reader::FeatureReader;
use dcgan_explore::visualization::{FigureSize, Response, StrongMap, untrained, visualize};
use dcgan_render::figure::{Cell, PictureTable};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, files, output, progress};

/// `dcgan visualize`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Visualize {
    /// A run directory, a checkpoint or a discriminator.safetensors
    pub run: PathBuf,

    /// Pictures to examine: anything that `train` accepts, or `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// Write the figure to this .png file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    /// Number of features to show
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub features: u32,

    /// Number of pictures to show for each feature
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u32).range(1..=16))]
    pub pictures: u32,

    /// Seed of the untrained discriminator
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Visualize {
    fn files(&self) -> Files<'_> {
        Files::new(self.replace, [&*self.run, &self.data]).writing(&self.out)
    }
}

const HELP: &str = "\
The paper's Figure 5. A feature is a map of the discriminator's last convolution before the logit.
The figure shows the features whose strongest responses stand out most from their mean: above, the
pictures that they respond to most; below, what in the pictures causes the response, by guided
backpropagation (Springenberg et al. 2014), and its strength. Grey areas have no influence. On the
left are features of an untrained discriminator of the same shape, on the right those of RUN.

Examples:
  dcgan visualize runs/photos --data photos/ -o features.png
  dcgan visualize runs/demo --data demo --features 3 --pictures 8 -o features.png";

/// The share of a gradient's largest values that the figure clips.
const CLIPPED: f64 = 0.002;

pub fn run(arguments: &Visualize) -> Result<()> {
    arguments.compute.limit_threads()?;
    files::check_figure_name(&arguments.out)?;
    let device = arguments.compute.open_device()?;
    let trained = load_discriminator(&arguments.run, &device)?;
    let source = dataset::source(&arguments.data, None, None);
    let model = trained.config();
    let (dataset, cache) = dataset::load_for_run(&arguments.run, model, &source, &arguments.cache)?;
    dataset::report_cache(&cache);
    let reader = FeatureReader::new(&trained, &dataset)?;
    let untrained = untrained(&trained, &reader, arguments.seed)?;
    let untrained = strongest_maps(arguments, &untrained, &dataset)?;
    let trained = strongest_maps(arguments, &trained, &dataset)?;
    let table = table(&dataset, &untrained, &trained)?;
    files::write_figure(&arguments.out, table.draw())?;
    output::line(&format!(
        "{} features, each with the strongest responses to {} pictures, in {}",
        trained.len(),
        dataset.len(),
        arguments.out.display()
    ));
    Ok(())
}

fn strongest_maps(
    arguments: &Visualize,
    discriminator: &Discriminator,
    dataset: &Dataset,
) -> Result<Vec<StrongMap>> {
    let reader = FeatureReader::new(discriminator, dataset)?;
    let size = FigureSize {
        maps: arguments.features as usize,
        pictures: arguments.pictures as usize,
    };
    let bar = progress::bar("examining pictures", dataset.len());
    let found = visualize(discriminator, &reader, size, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// Two rows for each feature: pictures, and what in them it responds to.
fn table(
    dataset: &Dataset,
    untrained: &[StrongMap],
    trained: &[StrongMap],
) -> Result<PictureTable> {
    let mut rows = Vec::new();
    for (untrained, trained) in untrained.iter().zip(trained) {
        rows.push(vec![
            picture_cells(dataset, untrained)?,
            picture_cells(dataset, trained)?,
        ]);
        rows.push(vec![
            cause_cells(dataset, untrained),
            cause_cells(dataset, trained),
        ]);
    }
    Ok(PictureTable {
        headings: ["random filters", "trained filters"]
            .map(String::from)
            .to_vec(),
        rows,
    })
}

fn picture_cells(dataset: &Dataset, map: &StrongMap) -> Result<Vec<Cell>> {
    let side = dataset.image_size();
    let mut cells = Vec::new();
    for response in &map.responses {
        let bytes = dataset.picture(response.index, Augmentation::NONE)?;
        cells.push(Cell {
            picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
            caption: None,
        });
    }
    Ok(cells)
}

fn cause_cells(dataset: &Dataset, map: &StrongMap) -> Vec<Cell> {
    let side = dataset.image_size();
    let cell = |response: &Response| Cell {
        picture: picture_from_values(
            &scaled_gradient(&response.gradient),
            PictureShape::square(side, dataset.channels()),
        ),
        caption: Some(format!("{:.1}", response.activation)),
    };
    map.responses.iter().map(cell).collect()
}

/// A gradient scaled to [−1, 1], with its largest values beyond.
fn scaled_gradient(gradient: &[f32]) -> Vec<f32> {
    let mut magnitudes: Vec<f32> = gradient.iter().map(|value| value.abs()).collect();
    magnitudes.sort_by(f32::total_cmp);
    let place = ((magnitudes.len() - 1) as f64 * (1.0 - CLIPPED)) as usize;
    let largest = magnitudes[place].max(f32::MIN_POSITIVE);
    gradient.iter().map(|value| value / largest).collect()
}
