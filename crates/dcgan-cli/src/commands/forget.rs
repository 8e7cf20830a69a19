//! `dcgan forget`: pictures without the feature maps that draw an attribute.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{
    AttributeClassifier, FeatureMaps, feature_maps, second_highest_layer, shares_without,
    values_without,
};
use dcgan_render::figure::{Strip, draw_strips};
use dcgan_render::image_grid::{PictureShape, picture_from_values};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::CacheArguments;
use crate::shared::{attributes, files, output, progress};

/// `dcgan forget`
#[derive(Debug, Args)]
#[command(after_help = FORGET_HELP)]
pub struct Forget {
    /// A run folder or a checkpoint
    pub run: PathBuf,

    /// What the generator shall forget: an attribute (or a class) of DATA, such as Eyeglasses
    #[arg(long, value_name = "NAME")]
    pub attribute: String,

    /// Pictures with attributes, of the kind that RUN was trained on, or the word `demo`
    #[arg(long, value_name = "DATA")]
    pub data: PathBuf,

    /// Which layer's maps, from 1 at z [default: the second highest with maps, as in the paper]
    #[arg(long, value_name = "N")]
    pub layer: Option<usize>,

    /// Drop only so many maps, those that speak for it most [default: all that speak for it]
    #[arg(long, value_name = "N")]
    pub maps: Option<usize>,

    /// Pictures that are drawn and labelled
    #[arg(long, value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u64).range(100..=100_000))]
    pub samples: u64,

    /// The pictures to show [default: the first ten that have the attribute]
    #[arg(long, value_name = "SEEDS")]
    pub seeds: Option<SeedList>,

    /// The figure, a .png
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

const FORGET_HELP: &str = "\
The paper's section 6.3.1, where a generator forgot windows: a logistic regression tells, from the
activations of a layer's feature maps, pictures with the attribute from pictures without; the maps
with positive weights are dropped (0 everywhere), and pictures drawn without them. What is printed
was found on pictures drawn anew.

Examples:
  dcgan forget runs/celeba --attribute Smiling --data img_align_celeba.zip -o forgotten.png
  dcgan forget runs/demo --attribute Eyeglasses --data demo --layer 2 --maps 20 -o forgotten.png";

/// Pictures that are shown if none are named.
const SHOWN: usize = 10;

/// The most pictures of a figure.
const MOST: u64 = 64;

/// Pictures of which the shares are told.
const JUDGED: u64 = 1024;

/// Finds the maps, and shows pictures with and without them.
pub fn run(arguments: &Forget) -> Result<()> {
    arguments.compute.limit_threads()?;
    files::check_figure_name(&arguments.out)?;
    if let Some(seeds) = arguments.seeds.as_ref().filter(|seeds| seeds.len() > MOST) {
        bail!("{} pictures: take at most {MOST}", seeds.len());
    }
    let device = arguments.compute.open_device()?;
    let mut sampler = Sampler::load(&arguments.run, &device)?;
    let layer = layer(arguments, &sampler)?;
    let (data, cache) = (&arguments.data, &arguments.cache);
    let classifier = attributes::learn(
        &arguments.run,
        (sampler.config(), sampler.device()),
        data,
        cache,
    )?;
    let attribute = classifier.find(&arguments.attribute)?;
    attributes::tell_accuracy(&classifier, attribute);
    let found = find(arguments, &mut sampler, &classifier, (attribute, layer))?;
    let speaking = found.speaking.iter().map(|(map, _)| *map);
    let dropped: Vec<usize> = speaking
        .take(arguments.maps.unwrap_or(usize::MAX))
        .collect();
    let judged = SeedList::from_first(arguments.samples, JUDGED)?;
    let what = (layer, &dropped[..]);
    let shares = shares_without(&mut sampler, &classifier, attribute, what, &judged);
    let seeds = shown(arguments, &mut sampler, &classifier, attribute)?;
    draw(arguments, &mut sampler, (&found, &dropped), &seeds)?;
    tell(
        &classifier.names()[attribute],
        &found,
        dropped.len(),
        shares,
    );
    output::line(&format!(
        "{} pictures with and without them in {}",
        seeds.len(),
        arguments.out.display()
    ));
    Ok(())
}

/// The layer's number, from 0.
fn layer(arguments: &Forget, sampler: &Sampler) -> Result<usize> {
    let count = sampler.hidden_sizes().len();
    match arguments.layer {
        None => Ok(second_highest_layer(sampler)),
        Some(layer) if (1..=count).contains(&layer) => Ok(layer - 1),
        Some(layer) => bail!(
            "--layer {layer}: this generator has feature maps in layers 1 (4x4) to {count} (the \
             one below the picture)"
        ),
    }
}

fn find(
    arguments: &Forget,
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    what: (usize, usize),
) -> Result<FeatureMaps> {
    let seeds = SeedList::from_first(0, arguments.samples)?;
    let bar = progress::bar("looking at feature maps", 2 * arguments.samples as usize);
    let found = feature_maps(sampler, classifier, what, &seeds, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// The pictures that were asked for, or the first ones that have the attribute, of seeds that the
/// maps were not found from.
fn shown(
    arguments: &Forget,
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    attribute: usize,
) -> Result<Vec<u64>> {
    if let Some(seeds) = &arguments.seeds {
        return Ok(seeds.iter().collect());
    }
    let seeds: Vec<u64> = SeedList::from_first(arguments.samples, JUDGED)?
        .iter()
        .collect();
    let vectors: Vec<_> = seeds
        .iter()
        .map(|&seed| latent::from_seed(sampler.config(), seed))
        .collect();
    let logits = classifier.logits(&sampler.values(&vectors));
    let with = seeds.into_iter().zip(logits);
    let with = with.filter(|(_, logits)| logits[attribute] > 0.0);
    let shown: Vec<u64> = with.map(|(seed, _)| seed).take(SHOWN).collect();
    match shown.is_empty() {
        true => bail!("none of {JUDGED} more pictures has the attribute: name --seeds to show"),
        false => Ok(shown),
    }
}

fn draw(
    arguments: &Forget,
    sampler: &mut Sampler,
    (found, dropped): (&FeatureMaps, &[usize]),
    seeds: &[u64],
) -> Result<()> {
    let config = sampler.config().clone();
    let shape = PictureShape::square(config.image_size, config.channels);
    let vectors: Vec<_> = seeds
        .iter()
        .map(|&seed| latent::from_seed(&config, seed))
        .collect();
    let whole = sampler.draw(&vectors);
    let without = values_without(sampler, &vectors, found.layer, dropped);
    let without = without.chunks(shape.values());
    let without = without
        .map(|values| picture_from_values(values, shape))
        .collect();
    let head = format!("without {} of {} feature maps", dropped.len(), found.count);
    let strips = [("as drawn".to_owned(), whole), (head, without)].map(|(head, pictures)| Strip {
        headings: vec![head],
        pictures,
    });
    files::write_figure(&arguments.out, draw_strips(&strips))
}

fn tell(name: &str, found: &FeatureMaps, dropped: usize, [before, after]: [f64; 2]) {
    let [height, width] = found.size;
    output::line(&format!(
        "{} of {} feature maps of layer {} ({height}x{width}) speak for {name}; without {dropped} \
         of them the classifier sees it in {:.0}% of {JUDGED} pictures, {:.0}% before",
        found.speaking.len(),
        found.count,
        found.layer + 1,
        100.0 * after,
        100.0 * before,
    ));
}
