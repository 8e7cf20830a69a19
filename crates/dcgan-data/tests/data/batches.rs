//! Batches depend on nothing but their position.

use std::sync::Arc;

use dcgan_data::{
    Batch, BatchOptions, BatchPosition, Batches, Crop, DataError, Dataset, PictureOptions,
    epoch_order,
};

use super::support::*;

/// `count` pictures of one grey level each, wide enough for random crops.
fn levels(count: u8, options: &PictureOptions) -> Arc<Dataset> {
    let pictures: Vec<(String, Vec<u8>)> = (0..count)
        .map(|level| {
            let ramp = image::GrayImage::from_fn(30, 10, |x, _| [level + 3 * x as u8].into());
            let bytes = encoded(&ramp.into(), image::ImageFormat::Png);
            (format!("{level:03}.png"), bytes)
        })
        .collect();
    let files: Vec<(&str, &[u8])> = pictures
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let data = folder(&files);
    let dataset = load_with(data.path(), options).unwrap();
    if dataset.in_memory() < dataset.len() {
        // The files are read again in every epoch.
        let _ = data.keep();
    }
    Arc::new(dataset)
}

fn augmented() -> PictureOptions {
    PictureOptions {
        flip: true,
        crop: Crop::Random,
        ..small()
    }
}

const SEED: u64 = 5;

const START: BatchPosition = BatchPosition { epoch: 0, index: 0 };

fn start(
    dataset: &Arc<Dataset>,
    batch_size: usize,
    position: BatchPosition,
) -> Result<Batches, DataError> {
    let options = BatchOptions::new(SEED, batch_size);
    Batches::start(Arc::clone(dataset), options, position)
}

fn take(
    dataset: &Arc<Dataset>,
    batch_size: usize,
    position: BatchPosition,
    count: usize,
) -> Vec<Batch> {
    start(dataset, batch_size, position)
        .unwrap()
        .take(count)
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn an_epoch_shows_each_picture_once_in_its_order() {
    let dataset = levels(10, &small());
    let batches = take(&dataset, 3, START, 6);
    let positions: Vec<_> = batches
        .iter()
        .map(|batch| (batch.position.epoch, batch.position.index))
        .collect();
    assert_eq!(positions, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
    for epoch in [0, 1] {
        let seen: Vec<u32> = batches[epoch * 3..][..3]
            .iter()
            .flat_map(|batch| batch.indices.clone())
            .collect();
        assert_eq!(seen, epoch_order(SEED, epoch as u64, 10)[..9]);
    }
}

#[test]
fn pixels_are_the_pictures_scaled_to_minus_one_to_one() {
    let dataset = levels(4, &small());
    let batch = &take(&dataset, 2, START, 1)[0];
    assert_eq!(batch.shape, [2, 8, 8, 1]);
    for (place, &picture) in batch.indices.iter().enumerate() {
        let expected = plain(&dataset, picture as usize)
            .into_iter()
            .map(|value| f32::from(value) / 127.5 - 1.0);
        assert!(
            batch.pixels[place * 64..][..64]
                .iter()
                .copied()
                .eq(expected)
        );
    }

    let (black, white) = (png([0; 3]), png([255; 3]));
    let data = folder(&[("a.png", &black), ("b.png", &white)]);
    let extremes = Arc::new(load(data.path()).unwrap());
    let batch = &take(&extremes, 2, START, 1)[0];
    let level = |picture| {
        let place = batch
            .indices
            .iter()
            .position(|&index| index == picture)
            .unwrap();
        batch.pixels[place * 64]
    };
    assert_eq!((level(0), level(1)), (-1.0, 1.0));
}

#[test]
fn a_resumed_run_sees_the_same_bits() {
    let dataset = levels(10, &augmented());
    let all = take(&dataset, 3, START, 12);
    for expected in &all {
        assert_eq!(&take(&dataset, 3, expected.position, 1)[0], expected);
    }
    // The end of an epoch is the start of the next.
    let end = BatchPosition { epoch: 1, index: 3 };
    assert_eq!(take(&dataset, 3, end, 1)[0], all[6]);
}

#[test]
fn augmentation_differs_between_epochs_but_not_between_memory_and_files() {
    let from_files = PictureOptions {
        memory_limit: 500,
        ..augmented()
    };
    let (kept, read) = (levels(10, &augmented()), levels(10, &from_files));
    assert_eq!(kept.in_memory(), 10);
    assert!((1..10).contains(&read.in_memory()), "{}", read.in_memory());
    let batches = take(&kept, 10, START, 2);
    assert_eq!(batches, take(&read, 10, START, 2));

    let of_picture = |batch: &Batch, picture| {
        let place = batch
            .indices
            .iter()
            .position(|&index| index == picture)
            .unwrap();
        batch.pixels[place * 64..][..64].to_vec()
    };
    let changed = (0..10)
        .filter(|&picture| of_picture(&batches[0], picture) != of_picture(&batches[1], picture));
    assert!(changed.count() >= 5);
}

#[test]
fn a_batch_that_cannot_be_filled_is_refused() {
    let dataset = levels(3, &small());
    let start = |batch_size| start(&dataset, batch_size, START);
    assert!(matches!(
        start(4),
        Err(DataError::BatchTooLarge {
            batch_size: 4,
            pictures: 3
        })
    ));
    assert!(matches!(start(0), Err(DataError::EmptyBatch)));
    assert_eq!(start(3).unwrap().per_epoch(), 1);
}

#[test]
fn dropping_batches_ends_their_thread() {
    let dataset = levels(3, &small());
    let batches = start(&dataset, 1, START).unwrap();
    drop(batches);
    // The thread held the other reference.
    assert_eq!(Arc::strong_count(&dataset), 1);
}

#[test]
fn a_lost_picture_is_reported_and_ends_the_batches() {
    let options = PictureOptions {
        memory_limit: 0,
        ..small()
    };
    let data = folder(&[("a.png", &png([1; 3]))]);
    let dataset = Arc::new(load_with(data.path(), &options).unwrap());
    drop(data);
    let mut batches = start(&dataset, 1, START).unwrap();
    let first = batches.next();
    assert!(
        matches!(first, Some(Err(DataError::PictureLost { .. }))),
        "{first:?}"
    );
    assert!(batches.next().is_none());
}
