//! Copies of training pictures are detected, and new pictures are not taken for copies.

use dcgan::config::{ModelOptions, Preset};
use dcgan::model::Discriminator;
use dcgan_data::{Augmentation, DataSource, Dataset, PictureOptions};
use dcgan_explore::neighbours::compare;

fn faces() -> Dataset {
    let source = DataSource::Demo { count: 60, seed: 3 };
    let options = PictureOptions::default();
    Dataset::load(&source, &options, &|_, _| {}, &|| false).unwrap()
}

fn values(dataset: &Dataset, index: usize) -> Vec<f32> {
    let bytes = dataset.picture(index, Augmentation::NONE).unwrap();
    bytes
        .iter()
        .map(|&byte| f32::from(byte) / 127.5 - 1.0)
        .collect()
}

#[test]
fn copies_are_detected_and_new_pictures_are_not_taken_for_copies() {
    let dataset = faces();
    let device = dcgan::device::by_name("cpu").unwrap();
    for preset in [Preset::Tutorial, Preset::Paper] {
        let model = ModelOptions::new(preset).with_ndf(4).build().unwrap();
        let discriminator = Discriminator::new(&model, 1, &device).unwrap();
        let copies: Vec<f32> = [7, 31, 59]
            .into_iter()
            .flat_map(|index| values(&dataset, index))
            .collect();
        let found = compare(&discriminator, &dataset, &copies, 2, &|_| {}).unwrap();
        for nearest in [&found.pixels, &found.features] {
            let novelty = nearest.novelty().unwrap();
            assert!(novelty < 1e-3, "{preset}: {novelty}");
            for (all, index) in nearest.neighbours.iter().zip([7, 31, 59]) {
                assert_eq!(all[0].index, index, "{preset}");
                assert!(all.len() == 2 && all[0].distance < 1e-3 && all[1].distance > 0.1);
            }
        }
        let negatives: Vec<f32> = copies.iter().map(|value| -value).collect();
        let found = compare(&discriminator, &dataset, &negatives, 1, &|_| {}).unwrap();
        assert!(found.pixels.novelty().unwrap() > 1.0 && found.features.novelty().unwrap() > 0.7);
    }
}

#[test]
fn every_map_of_every_hidden_layer_gives_sixteen_features() {
    let device = dcgan::device::by_name("cpu").unwrap();
    let count = |preset| {
        let model = ModelOptions::new(preset).with_ndf(4).build().unwrap();
        Discriminator::new(&model, 1, &device)
            .unwrap()
            .feature_count()
    };
    assert_eq!(count(Preset::Tutorial), 16 * (4 + 8 + 16 + 16));
    assert_eq!(count(Preset::Pytorch), 16 * (4 + 8 + 16 + 32));
    assert_eq!(count(Preset::Paper), 16 * (4 + 8 + 16 + 32));
}
