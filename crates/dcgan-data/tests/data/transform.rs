//! Agreement with torchvision. `tools/make_transform_fixtures.py` makes the fixtures.

use dcgan_data::{Augmentation, Crop, PictureOptions};

use super::support::*;

const PICTURES: [&str; 5] = [
    "aligned_face_shape",
    "wide",
    "odd_crop_offset",
    "smaller_than_the_target",
    "grey",
];

fn transformed(name: &str, crop: Crop) -> Vec<u8> {
    let options = PictureOptions {
        image_size: 32,
        crop,
        ..PictureOptions::default()
    };
    let bytes = fixture_bytes(&format!("transform/{name}.png"));
    plain(&load_one(&bytes, &options).unwrap(), 0)
}

fn expected(name: &str) -> Vec<u8> {
    image::open(fixture(&format!("transform/{name}.png")))
        .unwrap()
        .into_bytes()
}

#[test]
fn the_centre_crop_agrees_with_torchvision_within_a_grey_level() {
    for name in PICTURES {
        let found = transformed(name, Crop::Center);
        assert_close(&found, &expected(&format!("{name}.expected")), 1, name);
    }
}

#[test]
fn the_squeezed_picture_agrees_with_torchvision_within_a_grey_level() {
    for name in PICTURES {
        let found = transformed(name, Crop::None);
        assert_close(&found, &expected(&format!("{name}.squeezed")), 1, name);
    }
}

#[test]
fn a_random_crop_without_augmentation_is_the_centre_crop() {
    for name in PICTURES {
        let (random, center) = (
            transformed(name, Crop::Random),
            transformed(name, Crop::Center),
        );
        assert_close(&random, &center, 1, name);
    }
}

#[test]
fn random_crops_slide_along_the_longer_side() {
    let options = PictureOptions {
        image_size: 32,
        crop: Crop::Random,
        ..PictureOptions::default()
    };
    let dataset = load_one(&fixture_bytes("transform/wide.png"), &options).unwrap();
    let at = |crop| {
        let augmentation = Augmentation {
            flip: false,
            crop: Some(crop),
        };
        dataset.picture(0, augmentation).unwrap()
    };
    let row = |picture: &[u8]| picture[..32 * 3].to_vec();
    let (first, last) = (at(0), at(u32::MAX));
    assert_ne!(row(&first), row(&last));
    // 200×75 becomes 85×32, with 54 positions one pixel apart.
    let second = at(u32::MAX / 54 + 1);
    assert_eq!(row(&first)[3..], row(&second)[..31 * 3]);
}
