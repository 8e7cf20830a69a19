//! What makes pictures worse must make the right figure worse, on drawn faces.

use std::io::Cursor;

use dcgan_evaluate::{
    Features, Pictures, Statistics, frechet_distance, kid, memorisation, reach, sliced_wasserstein,
};
use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};

const SIDE: u32 = 32;
const COUNT: u64 = 120;

fn faces(first: u64) -> Vec<RgbImage> {
    let draw = |index| dcgan_faces::face(0, index).draw(SIDE);
    (first..first + COUNT).map(draw).collect()
}

fn pictures(faces: &[RgbImage]) -> Pictures {
    let bytes = faces.iter().flat_map(|face| face.as_raw());
    Pictures::new(bytes.copied().collect(), SIDE as usize, 3).unwrap()
}

/// The colours of an 8 by 8 reduction stand in for a network's features.
fn features(faces: &[RgbImage]) -> Features {
    let values = faces.iter().flat_map(|face| {
        let small = imageops::thumbnail(face, 8, 8);
        let values: Vec<f32> = small
            .as_raw()
            .iter()
            .map(|&byte| f32::from(byte) / 255.0)
            .collect();
        values
    });
    Features::new(values.collect(), 8 * 8 * 3).unwrap()
}

fn with_noise(faces: &[RgbImage], strength: f32) -> Vec<RgbImage> {
    let mut state = 1_u32;
    let mut noisy = faces.to_vec();
    for byte in noisy.iter_mut().flat_map(|face| face.iter_mut()) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
        *byte = (f32::from(*byte) + strength * noise) as u8;
    }
    noisy
}

fn blurred(faces: &[RgbImage], sigma: f32) -> Vec<RgbImage> {
    faces
        .iter()
        .map(|face| imageops::blur(face, sigma))
        .collect()
}

fn compressed(faces: &[RgbImage], quality: u8) -> Vec<RgbImage> {
    let compress = |face: &RgbImage| {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        face.write_with_encoder(encoder).unwrap();
        let format = image::ImageFormat::Jpeg;
        image::load(Cursor::new(bytes), format).unwrap().to_rgb8()
    };
    faces.iter().map(compress).collect()
}

/// The distance at the finest level.
fn texture(real: &[RgbImage], fakes: &[RgbImage]) -> f64 {
    sliced_wasserstein(&pictures(real), &pictures(fakes), 0).unwrap()[0].distance
}

fn frechet(real: &[RgbImage], fakes: &[RgbImage]) -> f64 {
    let [real, fakes] = [real, fakes].map(|faces| Statistics::of(&features(faces)).unwrap());
    frechet_distance(&real, &fakes).unwrap()
}

#[track_caller]
fn assert_rises(figures: &[f64]) {
    assert!(figures.is_sorted_by(|one, next| one < next), "{figures:?}");
}

#[test]
fn noise_blur_and_compression_worsen_the_texture() {
    // the same faces, so that nothing but the damage differs
    let real = &faces(0)[..40];
    let worse = |fakes: &dyn Fn(usize) -> Vec<RgbImage>| {
        let figures: Vec<f64> = (0..3).map(|grade| texture(real, &fakes(grade))).collect();
        assert_rises(&figures);
    };
    worse(&|grade| with_noise(real, [0.0, 30.0, 90.0][grade]));
    worse(&|grade| blurred(real, [0.6, 1.2, 2.4][grade]));
    worse(&|grade| compressed(real, [100, 40, 10][grade]));
}

#[test]
fn noise_worsens_the_distances_of_features() {
    let real = faces(0);
    let grades = [0.0, 150.0, 400.0].map(|strength| with_noise(&real, strength));
    assert_rises(&grades.each_ref().map(|fakes| frechet(&real, fakes)));
    let distances = grades.map(|fakes| kid(&features(&real), &features(&fakes), 0).unwrap().mean);
    assert_rises(&distances);
}

#[test]
fn dropped_modes_lower_recall_and_coverage_but_not_precision() {
    let (real, new) = (faces(0), faces(COUNT));
    // few faces, each many times with little noise
    let few: Vec<RgbImage> = new
        .iter()
        .take(8)
        .cycle()
        .take(COUNT as usize)
        .cloned()
        .collect();
    let few = with_noise(&few, 4.0);
    let all = reach(&features(&real), &features(&new)).unwrap();
    let dropped = reach(&features(&real), &features(&few)).unwrap();
    assert!(dropped.recall < 0.5 * all.recall, "{all:?} {dropped:?}");
    assert!(dropped.coverage < 0.5 * all.coverage, "{all:?} {dropped:?}");
    assert!(
        dropped.precision > 0.5 * all.precision,
        "{all:?} {dropped:?}"
    );
    assert!(frechet(&real, &few) > frechet(&real, &new));
}

#[test]
fn copies_of_training_pictures_are_found() {
    let (training, held_out, new) = (faces(0), faces(COUNT), faces(2 * COUNT));
    let figures = |fakes: &[RgbImage]| {
        let held_out = features(&held_out);
        memorisation(&features(&training), &features(fakes), Some(&held_out)).unwrap()
    };
    let honest = figures(&new);
    let ratio = honest.ratio().unwrap();
    assert!((0.9..1.1).contains(&ratio), "{honest:?}");
    let mut half = new.clone();
    half[..COUNT as usize / 2].clone_from_slice(&with_noise(&training, 3.0)[..COUNT as usize / 2]);
    let copied = figures(&half);
    assert!(
        copied.near_copies > honest.near_copies + 0.45,
        "{honest:?} {copied:?}"
    );
    assert_eq!(copied.near_copies_real, honest.near_copies_real);
    assert!(figures(&with_noise(&training, 3.0)).ratio().unwrap() < 0.1);
}
