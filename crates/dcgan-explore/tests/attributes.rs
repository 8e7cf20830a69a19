//! What the small trained networks in `fixtures/faces32` know of glasses and smiles.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dcgan::latent::{Direction, DirectionOrigin, SeedList, from_seed, mean, signed_sum};
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{DataSource, Dataset, PictureOptions};
use dcgan_explore::attributes::{
    AttributeClassifier, AttributeError, LabelledSamples, direction, effect, exemplars,
    feature_maps, shares_without, values_without,
};

/// What is learned once for all tests.
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

/// The networks, and what they tell of their pictures.
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

    fn moved(&mut self, attribute: usize, vector: Vec<f32>) -> (f64, f64) {
        let origin = DirectionOrigin {
            attribute: String::new(),
            model: self.sampler.config().clone(),
            step: 0,
            data_fingerprint: String::new(),
            held_out_accuracy: 1.0,
            held_out_balanced_accuracy: 1.0,
            samples: 6000,
        };
        let direction = Direction { vector, origin };
        let (sampler, classifier) = (&mut self.sampler, self.classifier);
        let what = (attribute, 4.0);
        let effect = effect(sampler, classifier, &direction, what, &seeds(10_000, 512));
        (effect.changed, effect.others_stayed)
    }
}

#[test]
fn moving_along_glasses_and_smile_changes_them_and_mostly_nothing_else() {
    let mut faces = Faces::new();
    for (name, least_accuracy) in [("Eyeglasses", 0.93), ("Smiling", 0.77)] {
        let attribute = faces.classifier.find(name).unwrap();
        let balanced = faces.classifier.held_out(attribute).balanced_accuracy();
        assert!(balanced > least_accuracy, "{name}: {balanced}");
        let vector = direction(faces.samples, faces.classifier, attribute).unwrap();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((length - 1.0).abs() < 1e-4, "one deviation long: {length}");
        let (changed, stayed) = faces.moved(attribute, vector);
        assert!(changed >= 0.8, "{name} changes in {changed}");
        assert!(stayed >= 0.8, "beside {name} stays {stayed}");
        // as far in a direction of no meaning
        let strange = from_seed(faces.sampler.config(), 77);
        let length = strange.iter().map(|x| x * x).sum::<f32>().sqrt();
        let (by_chance, _) = faces.moved(attribute, strange.iter().map(|x| x / length).collect());
        assert!(by_chance < 0.55, "{name} by chance: {by_chance}");
    }
}

#[test]
fn glasses_are_added_by_arithmetic_with_words() {
    let mut faces = Faces::new();
    let words = [
        "man with glasses",
        "man without glasses",
        "woman without glasses",
    ];
    let groups: Vec<_> = words
        .iter()
        .map(|&words| (words, faces.classifier.conditions(words).unwrap()))
        .collect();
    let chosen = exemplars(faces.samples, &groups, 8).unwrap();
    let mut all = chosen.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 24, "no seed twice");
    let model = faces.sampler.config().clone();
    let of_group = |seeds: &[u64]| {
        let vectors: Vec<_> = seeds.iter().map(|&seed| from_seed(&model, seed)).collect();
        mean(&vectors)
    };
    for (seeds, (words, conditions)) in chosen.iter().zip(&groups) {
        let logits = faces.classifier.logits(
            &faces.sampler.values(
                &seeds
                    .iter()
                    .map(|&seed| from_seed(&model, seed))
                    .collect::<Vec<_>>(),
            ),
        );
        let met = logits
            .iter()
            .all(|logits| conditions.iter().all(|it| it.is_met(logits)));
        assert!(met, "{words}");
    }
    let terms = [false, true, false].into_iter().zip(&chosen);
    let terms: Vec<_> = terms
        .map(|(minus, seeds)| (minus, of_group(seeds)))
        .collect();
    let result = faces.sampler.values(&[signed_sum(&terms)]);
    let result = &faces.classifier.logits(&result)[0];
    let expected = faces.classifier.conditions("woman with glasses").unwrap();
    assert!(
        expected.iter().all(|it| it.is_met(result)),
        "{expected:?} {result:?}"
    );
}

#[test]
fn groups_that_are_not_drawn_are_refused_by_their_words() {
    let faces = Faces::new();
    let group = |words| (words, faces.classifier.conditions(words).unwrap());
    let rare = "bald woman with hat and goatee";
    let error = exemplars(faces.samples, &[group("man"), group(rare)], 3).unwrap_err();
    assert!(matches!(&error, AttributeError::NoCandidates { words, .. } if words == rare));
    let error = faces.classifier.find("Eyeglases").unwrap_err().to_string();
    assert!(error.contains("Eyeglasses"), "{error}");
}

#[test]
fn without_the_maps_that_speak_for_a_smile_fewer_faces_smile() {
    let mut faces = Faces::new();
    let attribute = faces.classifier.find("Smiling").unwrap();
    let (sampler, classifier) = (&mut faces.sampler, faces.classifier);
    let layer = 1; // 40 maps of 8×8
    let found = feature_maps(
        sampler,
        classifier,
        (attribute, layer),
        &seeds(0, 1500),
        &|_| {},
    );
    let found = found.unwrap();
    assert_eq!((found.size, found.count), ([8, 8], 40));
    assert!(found.speaking.is_sorted_by(|one, other| one.1 >= other.1));
    let dropped: Vec<usize> = found.speaking.iter().map(|(map, _)| *map).collect();
    assert!(!dropped.is_empty() && dropped.len() < 40);
    let what = (layer, &dropped[..]);
    let [before, after] = shares_without(sampler, classifier, attribute, what, &seeds(5000, 256));
    assert!(after < 0.85 * before, "{before} before, {after} after");
    // as many of the others
    let others = (0..40)
        .filter(|map| !dropped.contains(map))
        .take(dropped.len());
    let what = (layer, &others.collect::<Vec<_>>()[..]);
    let [_, without_others] =
        shares_without(sampler, classifier, attribute, what, &seeds(5000, 256));
    assert!(
        without_others > after + 0.1,
        "{after}, {without_others} without others"
    );
    let z = from_seed(sampler.config(), 1);
    let whole = sampler.values(std::slice::from_ref(&z));
    assert_eq!(
        values_without(sampler, &[z], layer, &[]),
        whole,
        "nothing dropped"
    );
}

#[test]
fn pictures_of_another_size_and_without_attributes_are_refused() {
    let device = dcgan::device::by_name("cpu").unwrap();
    let refused = |data: &Dataset| {
        let discriminator = load_discriminator(&run(), &device).unwrap();
        AttributeClassifier::train(discriminator, data, &|_, _| {}).unwrap_err()
    };
    let error = refused(&data(50, 64));
    assert!(
        matches!(error, AttributeError::OtherPictures { .. }),
        "{error}"
    );
    let error = refused(&data(8, 32));
    assert!(matches!(error, AttributeError::TooFew { .. }), "{error}");
}
