//! Feature maps of the generator that draw an attribute, and pictures without them (the paper,
//! section 6.3.1).

use burn::tensor::Device;

use super::activations::{BATCH_SIZE, SplitActivations, draw_with_activations, mean_activations};
use super::annotations::MIN_EXAMPLES;
use super::labelled_samples::latent_vectors;
use super::{AttributeClassifier, AttributeError};
use crate::linear::{Standardiser, logistic};
use dcgan::latent::SeedList;
use dcgan::model::LayerSize;
use dcgan::sample::Sampler;

/// The weight decay. The activations of maps are correlated: with less decay, one map of a pair
/// makes up for the other, and the wrong maps get positive weights.
const DECAY: f64 = 0.3;

/// Where to look for an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The attribute's index among the classifier's names.
    pub attribute: usize,
    /// The generator's layer, from 0 at z.
    pub layer: usize,
}

/// The feature maps of a layer that draw an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMaps {
    /// The layer, from 0 at z.
    pub layer: usize,
    /// The height of a map.
    pub height: usize,
    /// The width of a map.
    pub width: usize,
    /// How many maps the layer has.
    pub count: usize,
    /// The maps that draw the attribute, the strongest first.
    pub drawing: Vec<WeightedMap>,
}

/// A feature map and its weight for an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedMap {
    /// The map's index in its layer.
    pub map: usize,
    /// Its positive weight in the logistic regression.
    pub weight: f32,
}

/// Feature maps to set to 0.
#[derive(Debug, Clone, Copy)]
pub struct DroppedMaps<'a> {
    /// Their layer, from 0 at z.
    pub layer: usize,
    /// Their indices in the layer.
    pub maps: &'a [usize],
}

/// How many samples have an attribute according to the classifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttributeShares {
    /// The share among whole samples, 0 to 1.
    pub whole: f64,
    /// The share among the same samples without some maps, 0 to 1.
    pub without_maps: f64,
}

/// The paper's layer: the second highest one with feature maps.
///
/// At 64 pixels its maps are 16×16. (The paper dropped 200 maps of "the second highest convolution
/// layer", more than the 128 right below the picture.)
pub fn second_highest_layer(sampler: &Sampler) -> usize {
    sampler.hidden_sizes().len().saturating_sub(2)
}

/// Finds the maps of a layer that draw an attribute, by logistic regression on activations.
///
/// The paper had people draw boxes around windows, and separated the activations inside from those
/// outside. Here the classifier says which samples have the attribute. It is located where the
/// layer's activations differ most between samples with and without it; a logistic regression then
/// predicts the attribute from the mean activation of each map there. Maps with positive weights
/// draw the attribute.
///
/// `progress` is called with the number of samples done. Each is drawn and counted twice.
///
/// ```
/// use std::path::Path;
/// use dcgan_explore::attributes::{
///     AttributeClassifier, DroppedMaps, Probe, find_feature_maps, second_highest_layer,
///     values_without,
/// };
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
/// let layer = second_highest_layer(&sampler);
/// let probe = Probe { attribute: classifier.find("Eyeglasses")?, layer };
/// let seeds = SeedList::from_first(0, 300)?;
/// let found = find_feature_maps(&mut sampler, &classifier, probe, &seeds, &|_| {})?;
/// let maps: Vec<usize> = found.drawing.iter().map(|drawing| drawing.map).collect();
/// let z = dcgan::latent::from_seed(sampler.config(), 7);
/// let picture = values_without(&mut sampler, &[z], DroppedMaps { layer, maps: &maps });
/// assert_eq!(picture.len(), 32 * 32 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If nearly all samples have the attribute, or nearly none.
///
/// # Panics
/// If the layer or the attribute is out of range.
pub fn find_feature_maps(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    probe: Probe,
    seeds: &SeedList,
    progress: &dyn Fn(usize),
) -> Result<FeatureMaps, AttributeError> {
    let LayerSize {
        height,
        width,
        maps: count,
    } = sampler.hidden_sizes()[probe.layer];
    let seeds: Vec<u64> = seeds.iter().collect();
    let split = SplitActivations::observe(sampler, classifier, probe, &seeds, progress);
    let with = split.with.samples;
    if with.min(seeds.len() - with) < MIN_EXAMPLES {
        return Err(AttributeError::NoContrast {
            name: classifier.names()[probe.attribute].clone(),
            with,
            drawn: seeds.len(),
            needed: MIN_EXAMPLES,
        });
    }
    let positions = split.contrasting_positions(count);
    let mut rows = Vec::with_capacity(seeds.len() * count);
    for batch in seeds.chunks(BATCH_SIZE) {
        let drawn = draw_with_activations(sampler, batch, probe.layer);
        for activations in drawn.activations.chunks_exact(height * width * count) {
            rows.extend(mean_activations(activations, count, &positions));
        }
        progress(seeds.len() + rows.len() / count);
    }
    let weights = weights(rows, &split.answers, &classifier.device());
    let mut drawing: Vec<WeightedMap> = weights
        .into_iter()
        .enumerate()
        .map(|(map, weight)| WeightedMap { map, weight })
        .filter(|drawing| drawing.weight > 0.0)
        .collect();
    drawing.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    Ok(FeatureMaps {
        layer: probe.layer,
        height,
        width,
        count,
        drawing,
    })
}

/// The values of samples drawn with some feature maps set to 0.
///
/// # Shapes
/// `[_, z_dim]` → `[_, image_size, image_size, channels]`, in [−1, 1]
///
/// # Panics
/// If the layer or a map is out of range, or a vector is not `[z_dim]`.
pub fn values_without(
    sampler: &mut Sampler,
    vectors: &[Vec<f32>],
    dropped: DroppedMaps,
) -> Vec<f32> {
    let count = sampler.hidden_sizes()[dropped.layer].maps;
    sampler.values_with_hook(vectors, |layer, activations| {
        if layer == dropped.layer {
            for pixel in activations.chunks_exact_mut(count) {
                for &map in dropped.maps {
                    pixel[map] = 0.0;
                }
            }
        }
    })
}

/// How many samples have an attribute, drawn whole and without some feature maps.
///
/// # Panics
/// If there are no seeds, or the layer, a map or the attribute is out of range.
pub fn attribute_shares(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    attribute: usize,
    dropped: DroppedMaps,
    seeds: &SeedList,
) -> AttributeShares {
    let seeds: Vec<u64> = seeds.iter().collect();
    let count = |pictures: &[f32]| {
        let logits = classifier.logits(pictures);
        logits.iter().filter(|row| row[attribute] > 0.0).count()
    };
    let (mut whole, mut without_maps) = (0, 0);
    for batch in seeds.chunks(BATCH_SIZE) {
        let vectors = latent_vectors(sampler, batch);
        whole += count(&sampler.values(&vectors));
        without_maps += count(&values_without(sampler, &vectors, dropped));
    }
    AttributeShares {
        whole: whole as f64 / seeds.len() as f64,
        without_maps: without_maps as f64 / seeds.len() as f64,
    }
}

/// The weight of each map for predicting the answers from mean activations, `[samples, maps]`.
fn weights(mut rows: Vec<f32>, answers: &[f32], device: &Device) -> Vec<f32> {
    let maps = rows.len() / answers.len();
    let standardiser = Standardiser::unit_variance(&rows, maps);
    for row in rows.chunks_exact_mut(maps) {
        standardiser.apply(row);
    }
    let problem = logistic::Problem {
        examples: answers.len(),
        features: maps,
        rows: &|chosen| {
            let rows = chosen
                .iter()
                .map(|&index| &rows[index as usize * maps..][..maps]);
            rows.flatten().copied().collect()
        },
        targets: answers,
    };
    logistic::fit(&problem, DECAY, device)
        .weights
        .swap_remove(0)
}
