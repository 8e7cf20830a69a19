//! What the small trained networks in `fixtures/faces32` know of glasses and smiles.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dcgan::latent::{
    DirectionOrigin, LatentDirection, SeedList, Sign, SignedVector, from_seed, mean, signed_sum,
};
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{DataSource, Dataset, PictureOptions};
use dcgan_explore::attributes::{
    AttributeClassifier, AttributeError, Description, DroppedMaps, Effect, LabelledSamples, Probe,
    attribute_shares, exemplars, find_direction, find_feature_maps, measure_effect, values_without,
};

/// Learned once for all tests.
static LEARNED: LazyLock<(AttributeClassifier, LabelledSamples)> = LazyLock::new(|| {
    let device = dcgan::device::by_name("cpu").unwrap();
    let discriminator = load_discriminator(&run(), &device).unwrap();
    let classifier =
        AttributeClassifier::train(discriminator, &data(20_000, 32), &|_, _| {}).unwrap();
    let samples = LabelledSamples::draw(&mut sampler(), &classifier, &seeds(0, 6000), &|_| {});
    (classifier, samples)
});

fn run() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faces32")
}

fn sampler() -> Sampler {
    let device = dcgan::device::by_name("cpu").unwrap();
    Sampler::load(&run(), &device).unwrap()
}

/// The generator, and its labelled samples.
struct Faces {
    sampler: Sampler,
    classifier: &'static AttributeClassifier,
    samples: &'static LabelledSamples,
}

fn data(count: u32, image_size: u32) -> Dataset {
    let options = PictureOptions {
        image_size,
        ..PictureOptions::default()
    };
    let source = DataSource::Demo { count, seed: 0 };
    Dataset::load(&source, &options, &|_, _| {}, &|| false).unwrap()
}

fn seeds(first: u64, count: u64) -> SeedList {
    SeedList::from_first(first, count).unwrap()
}

impl Faces {
    fn new() -> Self {
        let (classifier, samples) = &*LEARNED;
        Self {
            sampler: sampler(),
            classifier,
            samples,
        }
    }

    /// The effect of moving samples along a direction.
    fn effect(&mut self, attribute: usize, vector: Vec<f32>) -> Effect {
        let origin = DirectionOrigin {
            attribute: String::new(),
            model: self.sampler.config().clone(),
            step: 0,
            data_fingerprint: String::new(),
            held_out_accuracy: 1.0,
            held_out_balanced_accuracy: 1.0,
            samples: 6000,
        };
        let direction = LatentDirection { vector, origin };
        let seeds = seeds(10_000, 512);
        let (sampler, classifier) = (&mut self.sampler, self.classifier);
        measure_effect(sampler, classifier, &direction, attribute, 4.0, &seeds)
    }
}

fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[test]
fn the_directions_of_glasses_and_smiles_change_them_and_little_else() {
    let mut faces = Faces::new();
    for (name, least_accuracy) in [("Eyeglasses", 0.93), ("Smiling", 0.77)] {
        let attribute = faces.classifier.find(name).unwrap();
        let balanced = faces.classifier.held_out(attribute).balanced_accuracy();
        assert!(balanced > least_accuracy, "{name}: {balanced}");
        let vector = find_direction(faces.samples, faces.classifier, attribute).unwrap();
        let length_of_one = length(&vector);
        assert!((length_of_one - 1.0).abs() < 1e-4, "{length_of_one}");
        let effect = faces.effect(attribute, vector);
        assert!(effect.changed >= 0.8, "{name}: {effect:?}");
        assert!(effect.others_unchanged >= 0.8, "{name}: {effect:?}");
        // as far in a random direction
        let random = from_seed(faces.sampler.config(), 77);
        let unit = random.iter().map(|x| x / length(&random)).collect();
        let by_chance = faces.effect(attribute, unit).changed;
        assert!(by_chance < 0.55, "{name} by chance: {by_chance}");
    }
}

#[test]
fn arithmetic_with_descriptions_adds_glasses() {
    let mut faces = Faces::new();
    let descriptions = [
        "man with glasses",
        "man without glasses",
        "woman without glasses",
    ]
    .map(|words| faces.classifier.describe(words).unwrap());
    let chosen = exemplars(faces.samples, &descriptions, 8).unwrap();
    let mut all = chosen.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 24, "no seed twice");
    let model = faces.sampler.config().clone();
    let vectors = |seeds: &[u64]| -> Vec<_> {
        let seeds = seeds.iter();
        seeds.map(|&seed| from_seed(&model, seed)).collect()
    };
    for (seeds, description) in chosen.iter().zip(&descriptions) {
        let pictures = faces.sampler.values(&vectors(seeds));
        let logits = faces.classifier.logits(&pictures);
        let all_match = logits.iter().all(|logits| description.matches(logits));
        assert!(all_match, "{}", description.words);
    }
    let terms: Vec<_> = [Sign::Plus, Sign::Minus, Sign::Plus]
        .into_iter()
        .zip(&chosen)
        .map(|(sign, seeds)| SignedVector {
            sign,
            vector: mean(&vectors(seeds)),
        })
        .collect();
    let result = faces.sampler.values(&[signed_sum(&terms)]);
    let result = &faces.classifier.logits(&result)[0];
    let expected = faces.classifier.describe("woman with glasses").unwrap();
    assert!(expected.matches(result), "{expected:?} {result:?}");
}

#[test]
fn descriptions_without_matching_samples_are_refused_by_their_words() {
    let faces = Faces::new();
    let describe = |words| -> Description { faces.classifier.describe(words).unwrap() };
    let rare = "bald woman with hat and goatee";
    let error = exemplars(faces.samples, &[describe("man"), describe(rare)], 3).unwrap_err();
    assert!(matches!(&error, AttributeError::TooFewMatches { words, .. } if words == rare));
    let error = faces.classifier.find("Eyeglases").unwrap_err().to_string();
    assert!(error.contains("Eyeglasses"), "{error}");
}

#[test]
fn without_the_maps_that_draw_a_smile_fewer_faces_smile() {
    let mut faces = Faces::new();
    let attribute = faces.classifier.find("Smiling").unwrap();
    let (sampler, classifier) = (&mut faces.sampler, faces.classifier);
    let layer = 1; // 40 maps of 8×8
    let probe = Probe { attribute, layer };
    let found = find_feature_maps(sampler, classifier, probe, &seeds(0, 1500), &|_| {}).unwrap();
    assert_eq!((found.height, found.width, found.count), (8, 8, 40));
    let descending = |a: &f32, b: &f32| a >= b;
    let weights: Vec<f32> = found.drawing.iter().map(|drawing| drawing.weight).collect();
    assert!(weights.is_sorted_by(descending));
    let maps: Vec<usize> = found.drawing.iter().map(|drawing| drawing.map).collect();
    assert!(!maps.is_empty() && maps.len() < 40);
    let other_seeds = seeds(5000, 256);
    let mut shares = |maps: &[usize]| {
        let dropped = DroppedMaps { layer, maps };
        attribute_shares(sampler, classifier, attribute, dropped, &other_seeds)
    };
    let drawing = shares(&maps);
    assert!(drawing.without_maps < 0.85 * drawing.whole, "{drawing:?}");
    // as many of the other maps
    let others: Vec<usize> = (0..40)
        .filter(|map| !maps.contains(map))
        .take(maps.len())
        .collect();
    let others = shares(&others);
    assert!(
        others.without_maps > drawing.without_maps + 0.1,
        "{drawing:?}, others {others:?}"
    );
    let z = from_seed(sampler.config(), 1);
    let whole = sampler.values(std::slice::from_ref(&z));
    let none = DroppedMaps { layer, maps: &[] };
    assert_eq!(values_without(sampler, &[z], none), whole);
}

#[test]
fn pictures_of_another_size_and_data_with_too_few_pictures_are_refused() {
    let device = dcgan::device::by_name("cpu").unwrap();
    let refused = |data: &Dataset| {
        let discriminator = load_discriminator(&run(), &device).unwrap();
        AttributeClassifier::train(discriminator, data, &|_, _| {}).unwrap_err()
    };
    let error = refused(&data(50, 64));
    assert!(matches!(error, AttributeError::Mismatch(_)), "{error}");
    let error = refused(&data(8, 32));
    assert!(
        matches!(error, AttributeError::NothingToLearn { .. }),
        "{error}"
    );
}
