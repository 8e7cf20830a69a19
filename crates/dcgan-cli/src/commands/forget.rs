//! `dcgan forget`: pictures without the feature maps that draw an attribute.

use anyhow::{Result, bail};
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;
use dcgan_explore::attributes::{
    AttributeClassifier, FeatureMaps, feature_maps, second_highest_layer, shares_without,
    values_without,
};
use dcgan_render::figure::{Strip, draw_strips};
use dcgan_render::image_grid::channels_last_picture;

use super::{attributes, device, pictures, pictures_out, threads};
use crate::cli::Forget;
use crate::output;

/// Pictures that are shown if none are named.
const SHOWN: usize = 10;

/// The most pictures of a figure.
const MOST: u64 = 64;

/// Pictures of which the shares are told.
const JUDGED: u64 = 1024;

/// Finds the maps, and shows pictures with and without them.
pub fn run(arguments: &Forget) -> Result<()> {
    threads::limit(arguments.compute.threads)?;
    pictures_out::check_figure(&arguments.out)?;
    if let Some(seeds) = arguments.seeds.as_ref().filter(|seeds| seeds.len() > MOST) {
        bail!("{} pictures: take at most {MOST}", seeds.len());
    }
    let device = device::open(&arguments.compute)?;
    let (mut sampler, _) = Sampler::load(&arguments.run, &device)?;
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
    let bar = pictures::bar("looking at feature maps", 2 * arguments.samples as usize);
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
    let shape = [config.image_size, config.image_size, config.channels];
    let vectors: Vec<_> = seeds
        .iter()
        .map(|&seed| latent::from_seed(&config, seed))
        .collect();
    let whole = sampler.draw(&vectors);
    let without = values_without(sampler, &vectors, found.layer, dropped);
    let without = without.chunks(shape.iter().product());
    let without = without
        .map(|values| channels_last_picture(values, shape))
        .collect();
    let head = format!("without {} of {} feature maps", dropped.len(), found.count);
    let strips = [("as drawn".to_owned(), whole), (head, without)].map(|(head, pictures)| Strip {
        heads: vec![head],
        pictures,
    });
    pictures_out::write_figure(&arguments.out, draw_strips(&strips))
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
