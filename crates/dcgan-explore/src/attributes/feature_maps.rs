//! Feature maps of the generator that draw an attribute, and pictures without them (the paper,
//! section 6.3.1).

use burn::tensor::Device;

use super::annotations::LEAST;
use super::{AttributeClassifier, AttributeError};
use crate::linear::logistic::{self, Examples};
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;

/// Pictures that are drawn and looked at together.
const BATCH: usize = 64;

/// The weight of the squared weights. Maps rise and fall together: with less, one of them gets a
/// weight above 0 for what its neighbour says, and the wrong ones are dropped.
const DECAY: f64 = 0.3;

/// The share of a layer's places that count as where the attribute is: one of so many.
const PLACES: usize = 8;

/// The feature maps of a layer that speak for an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMaps {
    /// The number of the layer, from 0 at z.
    pub layer: usize,
    /// Height and width of its maps.
    pub size: [usize; 2],
    /// The maps that speak for the attribute and their weights, the greatest first.
    pub speaking: Vec<(usize, f32)>,
    /// How many maps the layer has.
    pub count: usize,
}

/// The paper's layer: the second highest of those that give feature maps.
///
/// With 64 pixels it has 16×16 maps. (The paper dropped 200 maps "on the second highest
/// convolution layer", more than the 128 that lie right below its pictures.)
pub fn second_highest_layer(sampler: &Sampler) -> usize {
    sampler.hidden_sizes().len().saturating_sub(2)
}

/// Finds the maps of a layer that speak for an attribute, by logistic regression on activations.
///
/// The paper had boxes drawn around windows, and told activations inside from those outside. Here
/// the classifier says which drawn pictures have the attribute; where it is are the places of the
/// layer whose activations differ most between pictures with and without it. A logistic regression
/// tells with from without by the mean activation of each map there: the maps with positive weights
/// speak for the attribute.
///
/// `progress` is called with the number of pictures that are done, each of which is drawn twice.
///
/// ```
/// use std::path::Path;
/// use dcgan_explore::attributes::{AttributeClassifier, feature_maps, second_highest_layer, values_without};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan::latent::SeedList;
/// use dcgan::sample::{Sampler, load_discriminator};
///
/// let run = Path::new("tests/fixtures/faces32"); // yours: runs/…
/// let device = dcgan::device::by_name("cpu")?;
/// let mut sampler = Sampler::load(run, &device)?;
/// let discriminator = load_discriminator(&run.join("discriminator.safetensors"), &device)?;
/// let options = PictureOptions { image_size: 32, ..PictureOptions::default() };
/// let faces = DataSource::Demo { count: 500, seed: 0 };
/// let faces = Dataset::load(&faces, &options, &|_, _| {}, &|| false)?;
/// let classifier = AttributeClassifier::train(discriminator, &faces, &|_, _| {})?;
///
/// let what = (classifier.find("Eyeglasses")?, second_highest_layer(&sampler));
/// let seeds = SeedList::from_first(0, 300)?;
/// let found = feature_maps(&mut sampler, &classifier, what, &seeds, &|_| {})?;
/// let dropped: Vec<usize> = found.speaking.iter().map(|(map, _)| *map).collect();
/// let z = dcgan::latent::from_seed(sampler.config(), 7);
/// let without = values_without(&mut sampler, &[z], found.layer, &dropped); // one picture
/// assert_eq!(without.len(), 32 * 32 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// An attribute that all or nearly all of the pictures have, or none.
///
/// # Panics
/// If there is no such layer or attribute.
pub fn feature_maps(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    (attribute, layer): (usize, usize),
    seeds: &SeedList,
    progress: &dyn Fn(usize),
) -> Result<FeatureMaps, AttributeError> {
    let [height, width, count] = sampler.hidden_sizes()[layer];
    let seeds: Vec<u64> = seeds.iter().collect();
    let (answers, sides) = sides(sampler, classifier, (attribute, layer), &seeds, progress);
    let held = sides[1].count;
    if held.min(answers.len() - held) < LEAST {
        return Err(AttributeError::OneKind {
            name: classifier.names()[attribute].clone(),
            held,
            drawn: answers.len(),
        });
    }
    let places = places(&sides, count);
    let mut rows = Vec::with_capacity(seeds.len() * count);
    for batch in seeds.chunks(BATCH) {
        let (_, activations) = observe(sampler, batch, layer);
        let pictures = activations.chunks_exact(height * width * count);
        rows.extend(pictures.flat_map(|activations| means(activations, count, &places)));
        progress(seeds.len() + rows.len() / count);
    }
    standardise(&mut rows, count);
    let weights = weights(&rows, &answers, &classifier.device());
    let mut speaking: Vec<(usize, f32)> = weights.into_iter().enumerate().collect();
    speaking.retain(|(_, weight)| *weight > 0.0);
    speaking.sort_by(|one, other| other.1.total_cmp(&one.1));
    Ok(FeatureMaps {
        layer,
        size: [height, width],
        speaking,
        count,
    })
}

/// The values of pictures drawn without some feature maps: they are 0 everywhere.
///
/// # Shapes
/// `[_, z_dim]` → `[_, image_size, image_size, channels]`, in [−1, 1]
///
/// # Panics
/// If there is no such map, or a vector has not `z_dim` coordinates.
pub fn values_without(
    sampler: &mut Sampler,
    vectors: &[Vec<f32>],
    layer: usize,
    maps: &[usize],
) -> Vec<f32> {
    let [_, _, count] = sampler.hidden_sizes()[layer];
    sampler.values_with_hook(vectors, |number, answer| {
        if number == layer {
            for pixel in answer.chunks_exact_mut(count) {
                maps.iter().for_each(|&map| pixel[map] = 0.0);
            }
        }
    })
}

/// The shares of pictures that have an attribute, as the classifier says: drawn whole, and
/// without some maps.
///
/// # Panics
/// If there are no seeds, or no such map or attribute.
pub fn shares_without(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    attribute: usize,
    (layer, maps): (usize, &[usize]),
    seeds: &SeedList,
) -> [f64; 2] {
    let all: Vec<u64> = seeds.iter().collect();
    let mut held = [0, 0];
    for batch in all.chunks(BATCH) {
        let vectors = vectors(sampler, batch);
        let whole = sampler.values(&vectors);
        let without = values_without(sampler, &vectors, layer, maps);
        for (held, pictures) in held.iter_mut().zip([whole, without]) {
            let logits = classifier.logits(&pictures);
            *held += logits
                .iter()
                .filter(|logits| logits[attribute] > 0.0)
                .count();
        }
    }
    held.map(|held| held as f64 / all.len() as f64)
}

fn vectors(sampler: &Sampler, seeds: &[u64]) -> Vec<Vec<f32>> {
    let model = sampler.config();
    seeds
        .iter()
        .map(|&seed| latent::from_seed(model, seed))
        .collect()
}

/// The weight of each map, of mean activations with deviation 1.
fn weights(rows: &[f32], answers: &[f32], device: &Device) -> Vec<f32> {
    let width = rows.len() / answers.len();
    let examples = Examples {
        count: answers.len(),
        width,
        rows: &|chosen| {
            let rows = chosen
                .iter()
                .map(|&index| &rows[index as usize * width..][..width]);
            rows.flatten().copied().collect()
        },
        answers,
    };
    logistic::fit(&examples, DECAY, device).weights
}

/// Pictures, and what a layer answers on the way to them.
fn observe(sampler: &mut Sampler, seeds: &[u64], layer: usize) -> (Vec<f32>, Vec<f32>) {
    let vectors = vectors(sampler, seeds);
    let mut activations = Vec::new();
    let pictures = sampler.values_with_hook(&vectors, |number, answer| {
        if number == layer {
            activations.extend_from_slice(answer);
        }
    });
    (pictures, activations)
}

/// Which pictures have the attribute (1, else 0), and the activations of those that do not and of
/// those that do.
fn sides(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    (attribute, layer): (usize, usize),
    seeds: &[u64],
    progress: &dyn Fn(usize),
) -> (Vec<f32>, [Moments; 2]) {
    let len = sampler.hidden_sizes()[layer].iter().product();
    let mut answers = Vec::new();
    let mut sides = [Moments::new(len), Moments::new(len)];
    for batch in seeds.chunks(BATCH) {
        let (pictures, activations) = observe(sampler, batch, layer);
        let logits = classifier.logits(&pictures);
        for (logits, activations) in logits.iter().zip(activations.chunks_exact(len)) {
            let holds = logits[attribute] > 0.0;
            sides[usize::from(holds)].add(activations);
            answers.push(f32::from(u8::from(holds)));
        }
        progress(answers.len());
    }
    (answers, sides)
}

/// Sums over pictures, for mean and variance of each activation.
struct Moments {
    count: usize,
    /// Of each activation the sum, and that of the squares.
    sums: Vec<[f32; 2]>,
}

impl Moments {
    fn new(len: usize) -> Self {
        Self {
            count: 0,
            sums: vec![[0.0; 2]; len],
        }
    }

    fn add(&mut self, activations: &[f32]) {
        self.count += 1;
        for (sums, value) in self.sums.iter_mut().zip(activations) {
            sums[0] += value;
            sums[1] += value * value;
        }
    }

    fn mean_and_variance(&self, place: usize) -> [f32; 2] {
        let [mean, square] = self.sums[place].map(|sum| sum / self.count as f32);
        [mean, (square - mean * mean).max(0.0)]
    }
}

/// The places whose activations differ most between pictures without and with the attribute: by
/// the squared difference of means over the variances, summed over the maps.
fn places(sides: &[Moments; 2], maps: usize) -> Vec<usize> {
    let difference = |activation: usize| {
        let [without, with] = sides
            .each_ref()
            .map(|side| side.mean_and_variance(activation));
        (with[0] - without[0]).powi(2) / (with[1] + without[1]).max(1e-6)
    };
    let places = sides[0].sums.len() / maps;
    let mut ranked: Vec<(f32, usize)> = (0..places)
        .map(|place| {
            (
                (place * maps..(place + 1) * maps).map(difference).sum(),
                place,
            )
        })
        .collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked.truncate(places.div_ceil(PLACES));
    ranked.into_iter().map(|(_, place)| place).collect()
}

/// The mean of each map over some places.
fn means(activations: &[f32], maps: usize, places: &[usize]) -> Vec<f32> {
    let mut means = vec![0.0; maps];
    for &place in places {
        let here = &activations[place * maps..][..maps];
        let each = means.iter_mut().zip(here);
        each.for_each(|(mean, value)| *mean += value / places.len() as f32);
    }
    means
}

/// Gives each map mean 0 and deviation 1; 0 where it never changes.
fn standardise(rows: &mut [f32], maps: usize) {
    let count = (rows.len() / maps) as f32;
    for map in 0..maps {
        let values = || rows.iter().skip(map).step_by(maps);
        let mean = values().sum::<f32>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        let deviation = variance.sqrt();
        let scale = if deviation > 1e-6 {
            1.0 / deviation
        } else {
            0.0
        };
        for value in rows.iter_mut().skip(map).step_by(maps) {
            *value = (*value - mean) * scale;
        }
    }
}
