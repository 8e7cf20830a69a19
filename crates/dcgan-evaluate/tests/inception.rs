//! The network against PyTorch; see `tools/make_inception_fixtures.py`.

use std::collections::BTreeMap;

use dcgan_evaluate::Pictures;
use dcgan_evaluate::inception::{CLASSES, FEATURES, Inception, InceptionError, Resize, Weight};

/// The rule of the fixtures: a hash of the place and of the tensor's number, in [−0.5, 0.5).
fn numbers(count: usize, number: u32) -> impl Iterator<Item = f64> {
    (0..count as u32).map(move |place| {
        let mut hash = place
            .wrapping_mul(2_654_435_761)
            .wrapping_add(number.wrapping_mul(2_246_822_519))
            .wrapping_add(374_761_393);
        hash ^= hash >> 15;
        hash = hash.wrapping_mul(2_246_822_519);
        hash ^= hash >> 13;
        f64::from(hash >> 8) / f64::from(1 << 24) - 0.5
    })
}

fn weights() -> BTreeMap<String, Weight> {
    let make = |(number, (name, shape)): (usize, (String, Vec<usize>))| {
        let count = shape.iter().product();
        let fan_in: usize = shape[1..].iter().product();
        let value = |value: f64| {
            let value = if name.ends_with("conv.weight") {
                value * (24.0 / fan_in as f64).sqrt()
            } else if name.ends_with("bn.weight") || name.ends_with("running_var") {
                1.0 + 0.5 * value
            } else if name == "fc.weight" {
                value * 0.1
            } else {
                value * 0.2
            };
            value as f32
        };
        let values = numbers(count, number as u32).map(value).collect();
        (name, Weight { shape, values })
    };
    Inception::shapes()
        .into_iter()
        .enumerate()
        .map(make)
        .collect()
}

fn picture(side: usize, number: u32) -> Pictures {
    let noise = numbers(side * side * 3, number).enumerate();
    let bytes = noise.map(|(place, noise)| {
        let (y, x, channel) = (place / (3 * side), place / 3 % side, place % 3);
        let wave = (x * (channel + 1) + y * 2) % 32;
        let wave = 128.0 + 90.0 * (wave as f64 - 16.0) / 16.0;
        (wave + 60.0 * noise).floor().clamp(0.0, 255.0) as u8
    });
    Pictures::new(bytes.collect(), side, 3).unwrap()
}

/// What PyTorch computed: lists of these lengths, one after the other.
struct Expected(std::vec::IntoIter<f32>);

impl Expected {
    fn new() -> Self {
        let bytes = include_bytes!("fixtures/inception.bin");
        let values = bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes));
        Self(values.collect::<Vec<_>>().into_iter())
    }

    fn next(&mut self, count: usize) -> Vec<f32> {
        self.0.by_ref().take(count).collect()
    }
}

/// Rows and columns that the fixtures keep.
const KEPT: usize = 23;
const STEP: usize = 13;

#[track_caller]
fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().map(|value| value * value).sum::<f32>() / expected.len() as f32;
    let error = found
        .iter()
        .zip(expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(
        error <= tolerance * size.sqrt(),
        "{error} of {}",
        size.sqrt()
    );
}

#[test]
fn resizes_features_and_logits_are_those_of_pytorch() {
    let inception = Inception::new(&weights()).unwrap();
    let mut expected = Expected::new();
    for resize in [Resize::Bilinear, Resize::Clean] {
        for side in [64, 400] {
            let resized =
                resize.to_inception(picture(side, 1000 + side as u32).picture(0), side, 3);
            let kept = (0..KEPT * KEPT).flat_map(|place| {
                let start = (place / KEPT * STEP * 299 + place % KEPT * STEP) * 3;
                resized[start..start + 3].to_vec()
            });
            let expected = expected.next(3 * KEPT * KEPT);
            assert_near(&kept.collect::<Vec<_>>(), &expected, 1e-5);
        }
        let activations = inception.activations(&picture(64, 1064), resize, &|| {});
        let activations = activations.unwrap();
        assert_near(
            activations.features.values(),
            &expected.next(FEATURES),
            1e-4,
        );
        assert_near(activations.logits.values(), &expected.next(CLASSES), 1e-4);
    }
    assert!(expected.next(1).is_empty());
}

#[test]
fn a_grey_picture_is_one_with_equal_colours() {
    let grey: Vec<u8> = (0..=255).collect();
    let colour: Vec<u8> = grey.iter().flat_map(|&byte| [byte; 3]).collect();
    for resize in [Resize::Bilinear, Resize::Clean] {
        assert_eq!(
            resize.to_inception(&grey, 16, 1),
            resize.to_inception(&colour, 16, 3)
        );
    }
}

#[test]
fn other_weights_are_refused_by_name() {
    let nothing = BTreeMap::new();
    let Err(InceptionError::Missing { missing, names }) = Inception::new(&nothing) else {
        panic!("an empty file is no Inception");
    };
    assert_eq!((missing, names.len()), (Inception::shapes().len(), 3));

    let mut weights = weights();
    let without = weights.remove("Mixed_6c.branch7x7_2.conv.weight").unwrap();
    let message = Inception::new(&weights).unwrap_err().to_string();
    assert!(
        message.contains("Mixed_6c.branch7x7_2.conv.weight"),
        "{message}"
    );
    let mut square = without.clone();
    square.shape = vec![160, 160, 7, 1];
    weights.insert("Mixed_6c.branch7x7_2.conv.weight".to_owned(), square);
    assert!(matches!(
        Inception::new(&weights),
        Err(InceptionError::Shape { .. })
    ));
    weights.insert("Mixed_6c.branch7x7_2.conv.weight".to_owned(), without);

    let variance = weights
        .get_mut("Mixed_5b.branch1x1.bn.running_var")
        .unwrap();
    let kept = std::mem::replace(&mut variance.values[3], -1.0);
    assert!(matches!(
        Inception::new(&weights),
        Err(InceptionError::Values { .. })
    ));
    weights
        .get_mut("Mixed_5b.branch1x1.bn.running_var")
        .unwrap()
        .values[3] = kept;

    for (name, shape) in [("fc.weight", vec![1000, FEATURES]), ("fc.bias", vec![1000])] {
        let values = vec![0.0; shape.iter().product()];
        weights.insert(name.to_owned(), Weight { shape, values });
    }
    assert_eq!(
        Inception::new(&weights).unwrap_err(),
        InceptionError::ImageNet
    );
    assert!(Inception::of_any_training(&weights).is_ok());
}
