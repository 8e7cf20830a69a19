//! `dcgan visualize`: what the discriminator's features respond to.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan_data::{Augmentation, Dataset};
use dcgan_explore::feature_reader::FeatureReader;
use dcgan_explore::visualization::{FigureSize, Response, StrongMap, untrained, visualize};
use dcgan_render::image_grid::{PictureShape, picture_from_bytes, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::{
    DrawingArguments, Label, Product, Table, TableCell, WRITING, numbered,
};
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{dataset, early, progress};
use crate::words::counted;

/// `dcgan visualize`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("columns", |columns| columns.alias("pictures")
    .help("Number of pictures to show for each feature [default: 4]")))]
#[command(mut_arg("labels", |labels| labels.help("Write on each picture its number in DATA")))]
pub struct Visualize {
    /// A run directory, a checkpoint or a discriminator.safetensors
    pub run: PathBuf,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// Number of features to show
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub features: u32,

    /// Seed of the untrained discriminator
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    #[command(flatten)]
    pub drawing: DrawingArguments,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const PRODUCT: Product = Product::figure("visualize");

/// The name of the task, as its progress bar shows it.
const EXAMINING: &str = "examining pictures";

/// The pictures for each feature if --columns does not say otherwise, and the most.
const PICTURES: u32 = 4;
const MAX_PICTURES: u32 = 16;

impl WritesFiles for Visualize {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let data = self.data.data.as_deref();
        self.drawing.files(&self.run, data, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const HELP: &str = "\
The paper's Figure 5. A feature is a map of the discriminator's last convolution before the logit.
The figure shows the features whose strongest responses stand out most from their mean: above, the
pictures that they respond to most; below, what in the pictures causes the response, by guided
backpropagation (Springenberg et al. 2014), and its strength. Grey areas have no influence. On the
left are features of an untrained discriminator of the same shape, on the right those of RUN.
Without --out the figure is RUN/visualize.png.

Examples:
  dcgan visualize runs/photos -o features.png
  dcgan visualize runs/demo --data photos/ --features 3 --columns 8 -o features.png";

/// The share of a gradient's largest values that the figure clips.
const CLIPPED: f64 = 0.002;

pub fn run(arguments: &Visualize) -> Result<()> {
    arguments.compute.limit_threads()?;
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    if let Some(columns) = drawing.columns.filter(|columns| *columns > MAX_PICTURES) {
        bail!("--columns {columns}: a feature is shown with at most {MAX_PICTURES} pictures");
    }
    let (source, _) = arguments.data.source(&arguments.run)?;
    // the untrained network, and the trained one
    let examining = (EXAMINING, 1.0);
    let reading = (dataset::READING, 0.3);
    progress::cover([reading, examining, examining, (WRITING, 0.1)]);
    let device = arguments.compute.open_device()?;
    let trained = load_discriminator(&arguments.run, &device)?;
    early::note_of_discriminator(&arguments.run);
    let model = trained.config();
    let (dataset, cache) = dataset::load_for_run(&arguments.run, model, &source, &arguments.cache)?;
    dataset::report_cache(&cache);
    let reader = FeatureReader::new(&trained, &dataset)?;
    let untrained = untrained(&trained, &reader, arguments.seed)?;
    let untrained = strongest_maps(arguments, &untrained, &dataset)?;
    let trained = strongest_maps(arguments, &trained, &dataset)?;
    let table = table(&dataset, &untrained, &trained)?;
    let (pictures, arrange) = table.into_parts();
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
    let count = singles.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, dataset.image_size())?;
    drawing.write(&target, &PRODUCT, count, singles, arrange)?;
    drawing.report(
        &target,
        &format!(
            "{}, each with the strongest responses to {},",
            counted(trained.len(), "feature"),
            counted(dataset.len(), "picture"),
        ),
    );
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
        pictures: arguments.drawing.columns.unwrap_or(PICTURES) as usize,
    };
    let bar = progress::bar(EXAMINING, dataset.len());
    let found = visualize(discriminator, &reader, size, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// Two rows for each feature: pictures, and what in them it responds to.
fn table(dataset: &Dataset, untrained: &[StrongMap], trained: &[StrongMap]) -> Result<Table> {
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
    Ok(Table {
        headings: ["random filters", "trained filters"]
            .map(String::from)
            .to_vec(),
        rows,
    })
}

fn picture_cells(dataset: &Dataset, map: &StrongMap) -> Result<Vec<TableCell>> {
    let side = dataset.image_size();
    let mut cells = Vec::new();
    for response in &map.responses {
        let bytes = dataset.picture(response.index, Augmentation::NONE)?;
        cells.push(TableCell {
            picture: picture_from_bytes(bytes, PictureShape::square(side, dataset.channels())),
            caption: None,
            label: Some(Label::Text(response.index.to_string())),
        });
    }
    Ok(cells)
}

fn cause_cells(dataset: &Dataset, map: &StrongMap) -> Vec<TableCell> {
    let side = dataset.image_size();
    let cell = |response: &Response| TableCell {
        picture: picture_from_values(
            &scaled_gradient(&response.gradient),
            PictureShape::square(side, dataset.channels()),
        ),
        caption: Some(format!("response {:.1}", response.activation)),
        label: Some(Label::Text(response.index.to_string())),
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
