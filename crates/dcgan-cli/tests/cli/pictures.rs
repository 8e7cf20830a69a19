//! Directories and archives of grey, transparent and broken pictures.

use std::fs;
use std::io::{Cursor, Write};

use image::{ColorType, DynamicImage, GrayImage, Luma, Rgba, RgbaImage};
use zip::write::SimpleFileOptions;

use crate::support::{Place, assert_names, colourful, png};

/// A zip archive of files.
fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn write_grey_pictures(place: &Place, folder: &str) {
    for number in 0..8_u32 {
        let grey = GrayImage::from_fn(20, 20, |x, y| Luma([(number * 20 + x * y / 4) as u8]));
        place.write(&format!("{folder}/{number}.png"), png(&grey.into()));
    }
}

#[test]
fn pictures_are_found_at_any_depth_and_under_any_name() {
    let place = Place::new();
    place.write_pictures("data/a/b/c/d", 3);
    place.write_pictures("data/with space", 3);
    place.write_pictures("data/深い/größe", 2);
    place.write("data/notes.txt", "not a picture");
    place.train("data --out run --steps 1").succeeded();
    let info = place.run("info run").succeeded();
    assert_names(&info.stdout, &["8 pictures"]);
}

#[test]
fn a_zip_trains_like_its_unpacked_directory() {
    let place = Place::with_faces();
    let files: Vec<_> = place
        .files("faces")
        .into_iter()
        .map(|name| (name.clone(), place.bytes(&format!("faces/{name}"))))
        .collect();
    place.write("packed.zip", archive(&files));
    place.train("faces --out unpacked --steps 3").succeeded();
    place.train("packed.zip --steps 3").succeeded();
    place.assert_same("unpacked/metrics.jsonl", "runs/packed/metrics.jsonl");
}

#[test]
fn grey_pictures_make_a_grey_generator() {
    let place = Place::new();
    write_grey_pictures(&place, "grey");
    let answer = place.train("grey --out run --steps 1").succeeded();
    assert_names(&answer.stdout, &["grey"]);
    assert_names(&place.text("run/config.toml"), &["channels = 1"]);
    for grid in ["step-000001.png", "step-000001-real.png"] {
        let grid = place.picture(&format!("run/samples/{grid}")).to_rgb8();
        let is_grey = |[red, green, blue]: [u8; 3]| red == green && green == blue;
        assert!(grid.pixels().all(|pixel| is_grey(pixel.0)));
    }
    place.run("sample run -n 1 --out drawn").succeeded();
    let drawn = place.picture("drawn/seed-000000.png");
    assert_eq!(drawn.color(), ColorType::L8);
}

#[test]
fn one_coloured_picture_makes_a_colour_generator() {
    let place = Place::new();
    write_grey_pictures(&place, "mixed");
    place.write("mixed/colour.png", png(&colourful(1).into()));
    place.train("mixed --out run --steps 1").succeeded();
    assert_names(&place.text("run/config.toml"), &["channels = 3"]);
}

#[test]
fn channels_override_the_data() {
    let place = Place::new();
    write_grey_pictures(&place, "grey");
    place.write_pictures("colour", 8);
    place
        .train("grey --out a --steps 1 --channels 3")
        .succeeded();
    place
        .train("colour --out b --steps 1 --channels 1")
        .succeeded();
    for (run, colour) in [("a", ColorType::Rgb8), ("b", ColorType::L8)] {
        place
            .run(&format!("sample {run} -n 1 --out {run}-drawn"))
            .succeeded();
        let drawn = place.picture(&format!("{run}-drawn/seed-000000.png"));
        assert_eq!(drawn.color(), colour);
    }
}

#[test]
fn transparent_pictures_are_blended_with_the_background() {
    let place = Place::new();
    for number in 0..4 {
        let clear = RgbaImage::from_pixel(20, 20, Rgba([number, 0, 0, 0]));
        place.write(&format!("clear/{number}.png"), png(&clear.into()));
    }
    place
        .train("clear --out run --steps 1 --background #0080ff")
        .succeeded();
    let grid = place.picture("run/samples/step-000001-real.png").to_rgb8();
    assert_eq!(grid.get_pixel(30, 30).0, [0, 128, 255]);
}

#[test]
fn crop_and_flip_change_the_training_pictures() {
    let place = Place::new();
    for number in 0..8 {
        let wide = DynamicImage::from(colourful(number)).resize_exact(
            60,
            20,
            image::imageops::FilterType::Nearest,
        );
        place.write(&format!("wide/{number}.png"), png(&wide));
    }
    let options = ["--crop center", "--crop none", "--crop random", "--flip"];
    let mut grids: Vec<Vec<u8>> = Vec::new();
    for (number, option) in options.iter().enumerate() {
        let run = format!("run{number}");
        place
            .train(&format!("wide --out {run} --steps 1 {option}"))
            .succeeded();
        grids.push(place.bytes(&format!("{run}/samples/step-000001-real.png")));
    }
    for one in 0..grids.len() {
        for other in 0..one {
            assert!(grids[one] != grids[other], "{one} and {other} are equal");
        }
    }
}

#[test]
fn fewer_pictures_than_a_batch_shrink_the_batch_with_a_note() {
    let place = Place::new();
    place.write_pictures("few", 5);
    let answer = place.train("few --out run --steps 1").succeeded();
    assert_names(&answer.stderr, &["note: ", "5", "8"]);
    assert_names(&place.text("run/config.toml"), &["batch_size = 5"]);
}

#[test]
fn bad_pictures_are_skipped_counted_and_listed() {
    let place = Place::new();
    place.write_pictures("data", 8);
    let whole = place.bytes("data/0.png");
    place.write("data/cut.png", &whole[..whole.len() / 2]);
    place.write("data/sub/text.jpg", "I am no picture");
    place.write("data/empty.png", "");
    let answer = place.train("data --out run --steps 1").succeeded();
    assert_names(&answer.stderr, &["note: ", "3 of 11", "run/skipped.txt"]);
    let skipped = place.text("run/skipped.txt");
    let names: Vec<_> = skipped
        .lines()
        .map(|line| line.split(": ").next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["cut.png", "empty.png", "sub/text.jpg"]);
}

#[test]
fn pictures_are_detected_by_content_not_by_name() {
    let place = Place::new();
    place.write_pictures("data", 8);
    fs::rename(place.path("data/0.png"), place.path("data/0.jpg")).unwrap();
    place.train("data --out run --steps 1").succeeded();
    assert!(!place.path("run/skipped.txt").exists());
}

#[cfg(unix)]
#[test]
fn a_cyclic_link_is_skipped() {
    let place = Place::new();
    place.write_pictures("data/below", 8);
    std::os::unix::fs::symlink("..", place.path("data/below/circle")).unwrap();
    place.train("data --out run --steps 1").succeeded();
    let info = place.run("info run").succeeded();
    assert_names(&info.stdout, &["8 pictures"]);
}

#[test]
fn a_run_inside_its_data_does_not_train_on_its_own_samples() {
    let place = Place::new();
    place.write_pictures("data", 8);
    place
        .train("data --out data/runs/first --steps 1")
        .succeeded();
    place
        .run("train --resume data/runs/first --steps 2 --threads 1")
        .succeeded();
    let info = place.run("info data/runs/first").succeeded();
    assert_names(&info.stdout, &["8 pictures"]);
}
