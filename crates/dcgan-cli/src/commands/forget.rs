//! `dcgan forget`: pictures without the feature maps that draw an attribute.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::SeedList;
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{
    AttributeClassifier, AttributeShares, DroppedMaps, FeatureMaps, Probe, attribute_shares,
    find_feature_maps, second_highest_layer, values_without,
};
use dcgan_render::figure::{Strip, draw_strips};
use dcgan_render::image_grid::{PictureShape, picture_from_values};
use image::{DynamicImage, RgbImage};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::drawing::{DrawingArguments, Label, Product, SeedArguments, WRITING, numbered};
use crate::shared::generator::WeightsArguments;
use crate::shared::targets::{Files, WritesFiles};
use crate::shared::{attributes, output, progress};
use crate::words::counted;

/// `dcgan forget`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(mut_arg("seeds", |seeds| seeds
    .help("Seeds of the samples to show [default: the first ten with the attribute]")))]
#[command(mut_args(attributes::describe_data))]
pub struct Forget {
    /// A run directory or a checkpoint
    pub run: PathBuf,

    /// What to forget: an attribute or a class of DATA, such as Eyeglasses
    #[arg(long, value_name = "NAME")]
    pub attribute: String,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// The layer whose maps to drop, from 1 at z [default: the second highest one with maps, as in
    /// the paper]
    #[arg(long, value_name = "N")]
    pub layer: Option<usize>,

    /// Drop only this many maps, those with the greatest weights [default: all with positive
    /// weights]
    #[arg(long, value_name = "N")]
    pub maps: Option<usize>,

    /// Number of samples to draw and label
    #[arg(short = 'n', long, alias = "samples", value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u64).range(100..=100_000))]
    pub count: u64,

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

const PRODUCT: Product = Product::figure("forget").with_columns();

impl WritesFiles for Forget {
    fn files(&self) -> Files<'_> {
        let format = self.drawing.single_format();
        let data = self.data.data.as_deref();
        self.drawing.files(&self.run, data, &PRODUCT, |name| {
            PRODUCT.is_single(name, format)
        })
    }
}

const HELP: &str = "\
The experiment of the paper's section 6.3.1, where a generator forgot windows. A logistic
regression predicts the attribute of samples from the activations of a layer's feature maps. The
maps with positive weights are set to 0, and samples are drawn without them. The printed numbers
are measured on other samples.

The figure shows samples as they are, and below without these maps, --columns side by side; without
--out it is RUN/forget.png. Single pictures come in the same order: all as they are, then all without.

Examples:
  dcgan forget runs/demo --attribute Eyeglasses --layer 2 --maps 20 -o forgotten.png
  dcgan forget runs/celeba --attribute Smiling --data img_align_celeba.zip -o forgotten.png";

/// How many samples the figure shows by default.
const DEFAULT_SHOWN: usize = 10;

const MAX_SHOWN: u64 = 64;

/// The name of the task, as its progress bar shows it.
const OBSERVING: &str = "observing feature maps";

/// How many samples the shares are measured on.
const JUDGED: u64 = 1024;

pub fn run(arguments: &Forget) -> Result<()> {
    arguments.compute.limit_threads()?;
    let drawing = &arguments.drawing;
    let target = drawing.target(&arguments.run, &PRODUCT)?;
    let seeds = arguments.seeds.seeds.as_ref();
    if let Some(seeds) = seeds.filter(|seeds| seeds.len() > MAX_SHOWN) {
        bail!(
            "--seeds: {} samples do not fit in the figure; show at most {MAX_SHOWN}",
            seeds.len()
        );
    }
    let (source, _) = arguments.data.source(&arguments.run)?;
    attributes::check_name(&arguments.attribute, &source)?;
    let [reading, learning, _] = attributes::tasks(&source, 0);
    let observing = (OBSERVING, 2.0 * arguments.count as f64);
    progress::cover([reading, learning, observing, (WRITING, 50.0)]);
    let device = arguments.compute.open_device()?;
    let generator = arguments.weights.load(&arguments.run, &device)?.generator;
    let mut sampler = arguments.seeds.sampler(generator)?;
    let layer = layer_index(arguments.layer, &sampler)?;
    let classifier = attributes::learn(&arguments.run, &sampler, &source, &arguments.cache)?;
    let attribute = classifier.find(&arguments.attribute)?;
    attributes::report_accuracy(&classifier, attribute);
    let probe = Probe { attribute, layer };
    let found = find_maps(&mut sampler, &classifier, probe, arguments.count)?;
    let maps: Vec<usize> = found
        .drawing
        .iter()
        .map(|drawing| drawing.map)
        .take(arguments.maps.unwrap_or(usize::MAX))
        .collect();
    let dropped = DroppedMaps { layer, maps: &maps };
    let other_seeds = SeedList::from_first(arguments.count, JUDGED)?;
    let shares = attribute_shares(&mut sampler, &classifier, attribute, dropped, &other_seeds);
    let shown: Vec<u64> = match seeds {
        Some(seeds) => seeds.iter().collect(),
        None => first_with_attribute(&mut sampler, &classifier, attribute, &other_seeds)?,
    };
    let head = format!(
        "{} forgotten: without {} of {} feature maps",
        classifier.names()[attribute],
        maps.len(),
        found.count
    );
    let pictures = with_and_without(&mut sampler, &shown, dropped);
    let singles = numbered(&PRODUCT, drawing.single_format(), pictures);
    let count = singles.len() as u64;
    drawing.check_fits_in_memory(&target, &PRODUCT, count, sampler.config().image_size)?;
    let columns = drawing
        .columns
        .map_or(usize::MAX, |columns| columns as usize);
    drawing.write(&target, &PRODUCT, count, singles, |pictures| {
        figure(&pictures, &shown, columns, &head)
    })?;
    report(&classifier.names()[attribute], &found, maps.len(), shares);
    drawing.report(
        &target,
        &format!(
            "{} with and without these maps",
            counted(shown.len(), "sample")
        ),
    );
    Ok(())
}

/// The layer's index, from 0. On the command line it counts from 1.
fn layer_index(layer: Option<usize>, sampler: &Sampler) -> Result<usize> {
    let count = sampler.hidden_sizes().len();
    match layer {
        None => Ok(second_highest_layer(sampler)),
        Some(layer) if (1..=count).contains(&layer) => Ok(layer - 1),
        Some(layer) => bail!(
            "--layer {layer}: this generator has feature maps in layers 1 (4x4) to {count} (just \
             below the picture)"
        ),
    }
}

fn find_maps(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    probe: Probe,
    samples: u64,
) -> Result<FeatureMaps> {
    let seeds = SeedList::from_first(0, samples)?;
    let bar = progress::bar(OBSERVING, 2 * samples as usize);
    let found = find_feature_maps(sampler, classifier, probe, &seeds, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// The first seeds whose samples have the attribute.
fn first_with_attribute(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    attribute: usize,
    seeds: &SeedList,
) -> Result<Vec<u64>> {
    let vectors: Vec<_> = seeds.iter().map(|seed| sampler.latent(seed)).collect();
    let logits = classifier.logits(&sampler.values(&vectors));
    let found: Vec<u64> = seeds
        .iter()
        .zip(logits)
        .filter(|(_, logits)| logits[attribute] > 0.0)
        .map(|(seed, _)| seed)
        .take(DEFAULT_SHOWN)
        .collect();
    if found.is_empty() {
        bail!("none of {JUDGED} samples has the attribute; choose samples to show with --seeds");
    }
    Ok(found)
}

/// The samples as they are, then all without some maps, with their seeds.
fn with_and_without(
    sampler: &mut Sampler,
    seeds: &[u64],
    dropped: DroppedMaps,
) -> Vec<(DynamicImage, Option<Label>)> {
    let config = sampler.config();
    let shape = PictureShape::square(config.image_size, config.channels);
    let vectors: Vec<_> = seeds.iter().map(|&seed| sampler.latent(seed)).collect();
    let whole = sampler.draw(&vectors);
    let values = values_without(sampler, &vectors, dropped);
    let without = values
        .chunks(shape.values())
        .map(|values| picture_from_values(values, shape));
    let labels = seeds
        .iter()
        .chain(seeds)
        .map(|seed| Some(Label::Seed(*seed)));
    whole.into_iter().chain(without).zip(labels).collect()
}

/// The samples of these seeds as they are, at most `columns` side by side, and each below itself
/// without some maps, under the heading `head`.
fn figure(pictures: &[DynamicImage], seeds: &[u64], columns: usize, head: &str) -> RgbImage {
    let (whole, without) = pictures.split_at(pictures.len() / 2);
    let rows = whole.chunks(columns).zip(without.chunks(columns));
    let mut strips = Vec::new();
    for ((whole, without), seeds) in rows.zip(seeds.chunks(columns)) {
        strips.push(Strip {
            headings: vec!["as drawn".to_owned()],
            pictures: whole.to_vec(),
            captions: Vec::new(),
        });
        strips.push(Strip {
            headings: vec![head.to_owned()],
            pictures: without.to_vec(),
            captions: seeds.iter().map(|seed| format!("seed {seed}")).collect(),
        });
    }
    draw_strips(&strips)
}

fn report(attribute: &str, found: &FeatureMaps, dropped: usize, shares: AttributeShares) {
    output::line(&format!(
        "{} of {} feature maps of layer {} ({}x{}) draw {attribute}; without {dropped} of them the \
         classifier finds it in {:.0}% of {JUDGED} samples, instead of {:.0}%",
        found.drawing.len(),
        found.count,
        found.layer + 1,
        found.height,
        found.width,
        100.0 * shares.without_maps,
        100.0 * shares.whole,
    ));
}
