//! Picture files of every format: intact, broken and hostile.

use dcgan_data::{Crop, Dataset, PictureOptions};
use image::{DynamicImage, GrayAlphaImage, ImageBuffer, ImageFormat, LumaA, Rgba, RgbaImage};

use super::support::*;

/// The colours of the fixtures' quadrants in reading order.
const QUADRANTS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];

/// Pictures of 16×16 over a background that no fixture contains.
fn squeezed() -> PictureOptions {
    PictureOptions {
        image_size: 16,
        crop: Crop::None,
        background: [255, 0, 255],
        ..PictureOptions::default()
    }
}

fn load_fixture(name: &str) -> Dataset {
    load_one(&fixture_bytes(&format!("pictures/{name}")), &squeezed()).unwrap()
}

/// Checks the centre of each quadrant.
fn assert_quadrants(dataset: &Dataset, expected: [[u8; 3]; 4], what: &str) {
    assert_eq!(dataset.channels(), 3, "{what}");
    let pixels = plain(dataset, 0);
    for (index, colour) in expected.iter().enumerate() {
        let (left, top) = (index % 2 * 8 + 4, index / 2 * 8 + 4);
        let at = (top * 16 + left) * 3;
        assert_close(
            &pixels[at..at + 3],
            colour,
            6,
            &format!("{what}, quadrant {index}"),
        );
    }
}

#[test]
fn every_format_shows_the_same_picture() {
    for name in [
        "baseline.jpg",
        "progressive.jpg",
        "lossy.webp",
        "animated.gif",
    ] {
        assert_quadrants(&load_fixture(name), QUADRANTS, name);
    }
    let picture = image::open(fixture("pictures/orientation_6.png"))
        .unwrap()
        .rotate90();
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let bytes = encoded(&picture, format);
        let dataset = load_one(&bytes, &squeezed()).unwrap();
        assert_quadrants(&dataset, QUADRANTS, &format!("{format:?}"));
    }
}

#[test]
fn all_eight_exif_orientations_are_turned_upright() {
    for orientation in 1..=8 {
        let name = format!("orientation_{orientation}.jpg");
        assert_quadrants(&load_fixture(&name), QUADRANTS, &name);
    }
    for name in ["orientation_6.png", "orientation_6.webp"] {
        assert_quadrants(&load_fixture(name), QUADRANTS, name);
    }
}

#[test]
fn cmyk_is_converted_as_by_pillow() {
    for name in ["cmyk", "ycck"] {
        let found = plain(&load_fixture(&format!("{name}.jpg")), 0);
        let expected = plain(&load_fixture(&format!("{name}.expected.png")), 0);
        assert_close(&found, &expected, 3, name);
    }
}

#[test]
fn the_background_shows_through_transparency() {
    let background = [255, 0, 255];
    let mut expected = QUADRANTS;
    expected[1] = background;
    let name = "palette_without_green.png";
    assert_quadrants(&load_fixture(name), expected, name);

    let clear = RgbaImage::from_pixel(4, 4, Rgba([9, 99, 9, 0])).into();
    let half = GrayAlphaImage::from_pixel(4, 4, LumaA([100, 128])).into();
    for (picture, colour) in [(clear, background), (half, [177, 50, 177])] {
        let picture: DynamicImage = picture;
        let bytes = encoded(&picture, ImageFormat::Png);
        let dataset = load_one(&bytes, &squeezed()).unwrap();
        assert_eq!(plain(&dataset, 0), colour.repeat(256));
    }
}

#[test]
fn sixteen_bits_are_scaled_to_eight() {
    let colour = ImageBuffer::from_pixel(4, 4, image::Rgb([0_u16, 0x8080, 0xffff]));
    let grey = ImageBuffer::from_pixel(4, 4, image::Luma([0x4040_u16]));
    let cases: [(DynamicImage, &[u8]); 2] = [(colour.into(), &[0, 128, 255]), (grey.into(), &[64])];
    for (picture, expected) in cases {
        let bytes = encoded(&picture, ImageFormat::Png);
        let dataset = load_one(&bytes, &squeezed()).unwrap();
        assert_eq!(plain(&dataset, 0), expected.repeat(256));
    }
}

#[test]
fn the_data_decides_between_grey_and_colour() {
    let grey_jpeg = fixture_bytes("pictures/grey.jpg");
    let grey_in_colour = png([40; 3]);
    let colour = png([40, 40, 41]);
    let all_grey = folder(&[("a.jpg", &grey_jpeg), ("b.png", &grey_in_colour)]);
    let mixed = folder(&[("a.png", &grey_in_colour), ("b.png", &colour)]);

    assert_eq!(load(all_grey.path()).unwrap().channels(), 1);
    let dataset = load(mixed.path()).unwrap();
    assert_eq!(dataset.channels(), 3);
    assert_eq!(plain(&dataset, 0), [40; 192]);

    let asked_for = |channels| PictureOptions {
        channels: Some(channels),
        ..small()
    };
    let dataset = load_with(all_grey.path(), &asked_for(3)).unwrap();
    assert_eq!(plain(&dataset, 1), [40; 192]);
    let red = load_one(&png([255, 0, 0]), &asked_for(1)).unwrap();
    assert_eq!(plain(&red, 0), [76; 64]);
}

/// The most bytes that a file of each format may lack: Pillow reads it, and so it is read here.
const DISPENSABLE: [(&str, usize); 3] = [("Png", 24), ("Gif", 2), ("animated.gif", usize::MAX)];

#[test]
fn a_file_truncated_anywhere_is_skipped_or_shows_the_whole_picture() {
    let picture = image::open(fixture("pictures/cmyk.expected.png")).unwrap();
    let written = [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Tiff,
    ]
    .map(|format| (format!("{format:?}"), encoded(&picture, format)));
    let stored = [
        "baseline.jpg",
        "progressive.jpg",
        "grey.jpg",
        "cmyk.jpg",
        "animated.gif",
        "lossy.webp",
    ]
    .map(|name| (name.to_owned(), fixture_bytes(&format!("pictures/{name}"))));
    for (name, bytes) in written.into_iter().chain(stored) {
        let cuts: Vec<usize> = (1..30).chain((30..bytes.len()).step_by(7)).collect();
        let mut files: Vec<(String, &[u8])> = Vec::new();
        for &missing in cuts.iter().filter(|&&missing| missing < bytes.len()) {
            files.push((
                format!("cut/{missing:05}.jpg"),
                &bytes[..bytes.len() - missing],
            ));
            files.push((format!("whole/{missing:05}.jpg"), &bytes));
        }
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), *bytes))
            .collect();
        let dataset = load(folder(&files).path()).unwrap();
        assert_eq!(
            dataset.len() + dataset.skipped().len(),
            files.len(),
            "{name}"
        );
        let whole = plain(&dataset, dataset.len() - 1);
        let dispensable = DISPENSABLE.iter().find(|(known, _)| *known == name);
        let dispensable = dispensable.map_or(0, |(_, bytes)| *bytes);
        for (index, cut) in names(&dataset).iter().enumerate() {
            assert_eq!(plain(&dataset, index), whole, "{name}, {cut}");
            if let Some(missing) = cut.strip_prefix("cut/") {
                let missing: usize = missing.strip_suffix(".jpg").unwrap().parse().unwrap();
                assert!(missing <= dispensable, "{name}, {cut}");
            }
        }
    }
}

#[test]
fn a_jpeg_with_a_corrupt_middle_is_skipped() {
    let mut bytes = fixture_bytes("pictures/baseline.jpg");
    let scan = bytes
        .windows(2)
        .position(|bytes| bytes == [0xff, 0xda])
        .unwrap();
    let end = bytes.len() - 2;
    // Nothing but ones, each 0xff stuffed with a zero: no code is that long.
    for pair in bytes[scan + 20..end].chunks_exact_mut(2) {
        pair.copy_from_slice(&[0xff, 0]);
    }
    let data = folder(&[("a.png", &png([0; 3])), ("b.jpg", &bytes)]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(names(&dataset), ["a.png"]);
}

/// A PNG whose header claims a size that its data does not have.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png([0; 3]);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |state, _| {
            (state >> 1) ^ if state & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

#[test]
fn a_header_that_claims_a_huge_size_is_refused() {
    let mut jpeg = fixture_bytes("pictures/baseline.jpg");
    let frame = jpeg
        .windows(2)
        .position(|bytes| bytes == [0xff, 0xc0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let good = png([0; 3]);
    let files: [(&str, &[u8]); 4] = [
        ("a.png", &claiming(60_000, 60_000)),
        ("b.jpg", &jpeg),
        ("c.png", &good),
        ("d.png", &good),
    ];
    let dataset = load(folder(&files).path()).unwrap();
    assert_eq!(names(&dataset), ["c.png", "d.png"]);
    for skipped in dataset.skipped() {
        assert!(skipped.reason.contains("60000×60000"), "{skipped}");
    }
}

#[test]
fn no_damage_to_a_picture_causes_a_panic() {
    let picture = image::open(fixture("pictures/cmyk.expected.png")).unwrap();
    let mut originals: Vec<Vec<u8>> = ["baseline.jpg", "progressive.jpg", "ycck.jpg", "lossy.webp"]
        .map(|name| fixture_bytes(&format!("pictures/{name}")))
        .to_vec();
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        originals.push(encoded(&picture, format));
    }
    let mut damaged = vec![("whole.png".to_owned(), png([0; 3]))];
    for (kind, original) in originals.iter().enumerate() {
        for at in (0..original.len()).step_by(3) {
            let mut bytes = original.clone();
            bytes[at] = !bytes[at];
            damaged.push((format!("{kind}_{at}.jpg"), bytes));
        }
    }
    let files: Vec<(&str, &[u8])> = damaged
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let (good, bad) = match load(folder(&files).path()) {
        Ok(dataset) => (dataset.len(), dataset.skipped().len()),
        Err(dcgan_data::DataError::MostlyBad { total, skipped, .. }) => {
            (total - skipped.len(), skipped.len())
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(good + bad, files.len());
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
}
