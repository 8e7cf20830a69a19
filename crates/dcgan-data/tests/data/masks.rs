//! Masks beside photos are noticed.

use dcgan_data::MasksPlace;
use image::{GrayImage, ImageFormat, Luma, RgbImage};

use super::support::*;

fn photo(number: u32) -> Vec<u8> {
    let photo = RgbImage::from_fn(20, 20, |x, y| {
        image::Rgb([(x * 9) as u8, (y * 9) as u8, number as u8])
    });
    encoded(&photo.into(), ImageFormat::Png)
}

fn mask(number: u32) -> Vec<u8> {
    let mask = GrayImage::from_fn(20, 20, |x, y| Luma([if x + y > number { 255 } else { 0 }]));
    encoded(&mask.into(), ImageFormat::Png)
}

/// Photos and masks with names made from a number.
fn pairs(photo_name: &str, mask_name: &str) -> Vec<(String, Vec<u8>)> {
    let name = |name: &str, number: u32| name.replace('N', &number.to_string());
    let pair = |number| {
        [
            (name(photo_name, number), photo(number)),
            (name(mask_name, number), mask(number + 9)),
        ]
    };
    (0..6).flat_map(pair).collect()
}

fn load_files(files: &[(String, Vec<u8>)]) -> dcgan_data::Dataset {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    load(folder(&files).path()).unwrap()
}

fn load_pairs(photo_name: &str, mask_name: &str) -> dcgan_data::Dataset {
    load_files(&pairs(photo_name, mask_name))
}

#[test]
fn folders_of_masks_are_found_by_their_names_and_by_their_two_values() {
    for (photos, masks) in [
        ("images/N.png", "masks/N.png"),
        ("train/N.png", "train_masks/N_mask.png"),
        ("JPEGImages/N.png", "SegmentationClass/N.png"),
        ("photos/N.png", "other/N.png"),
    ] {
        let dataset = load_pairs(photos, masks);
        let found = dataset.masks();
        let [found] = &found[..] else {
            panic!("{photos} {masks}: {found:?}");
        };
        let folder = masks.split('/').next().unwrap().to_owned();
        assert_eq!(found.place, MasksPlace::Folder(folder));
        assert_eq!(found.photos.as_deref(), photos.split('/').next());
        assert_eq!(found.count, 6);
    }
}

#[test]
fn no_folder_is_recommended_that_holds_few_of_the_photos() {
    let dataset = load_pairs("photos/N.png", "masks/N.png");
    assert!(dataset.masks()[0].photos.is_some());
    let mut files = pairs("photos/N.png", "masks/N.png");
    files.extend((0..12).map(|number| (format!("more/other-{number}.png"), photo(number))));
    let dataset = load_files(&files);
    assert_eq!(dataset.masks()[0].photos, None);
}

#[test]
fn masks_in_the_same_folder_are_found_by_the_ends_of_their_names() {
    let dataset = load_pairs("N.png", "N_mask.png");
    let found = dataset.masks();
    assert_eq!((found.len(), found[0].count), (1, 6));
    assert_eq!(found[0].place, MasksPlace::Suffix("_mask"));
}

#[test]
fn classes_and_drawings_are_no_masks() {
    for (one, other) in [("cats/N.png", "dogs/aN.png"), ("N.png", "aN.png")] {
        assert!(load_pairs(one, other).masks().is_empty(), "{one} {other}");
    }
    // Drawings in black and white alone.
    let (one, other) = (mask(9), mask(12));
    let data = folder(&[("a/1.png", &one), ("b/1.png", &other)]);
    assert!(load(data.path()).unwrap().masks().is_empty());
}
