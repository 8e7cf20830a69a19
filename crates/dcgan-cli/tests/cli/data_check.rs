//! `dcgan data check`.

use std::fs;
use std::path::Path;

use image::{DynamicImage, GenericImageView, Rgb, RgbImage};
use serde_json::Value;

use crate::damage::{damaged, good_pictures};
use crate::mutation::Random;
use crate::support::{Answer, Place, assert_names, colourful, png};

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout).expect("JSON")
}

/// A folder with everything that a check can find.
fn mixed() -> Place {
    let place = Place::new();
    place.write_pictures("data/a", 6);
    place.write("data/a/copy.png", place.bytes("data/a/0.png"));
    let larger = DynamicImage::from(colourful(1)).resize_exact(
        200,
        200,
        image::imageops::FilterType::Triangle,
    );
    place.write("data/b/again.png", png(&larger));
    place.write(
        "data/b/blank.png",
        png(&RgbImage::from_pixel(70, 70, Rgb([9, 9, 9])).into()),
    );
    place.write("data/b/cut.png", &place.bytes("data/a/0.png")[..50]);
    place
}

#[test]
fn a_check_reports_everything_as_text() {
    let place = mixed();
    let answer = place.run("data check data").succeeded();
    for words in [
        "pictures     9, 1 cannot be used",
        "formats      9 PNG",
        "20x20 to 200x200, 3 different",
        "1 grey, 8 in colour",
        "b/cut.png: is truncated",
        "a/0.png = a/copy.png",
        "a/1.png ~ b/again.png",
        "b/blank.png",
        "very small   7",
        "9 pictures is few: expect copies; use --flip",
        "data-preview.png",
    ] {
        assert_names(&answer.stdout, &[words]);
    }
}

#[test]
fn a_check_reports_everything_as_json() {
    let place = mixed();
    let found = json(&place.run("data check data --json --no-preview").succeeded());
    assert_eq!(found["can_train"], true);
    assert_eq!(found["pictures"], 9);
    assert_eq!(found["encodings"]["PNG"], 9);
    assert_eq!(found["unreadable"][0]["name"], "b/cut.png");
    assert_eq!(
        found["exact_duplicates"][0],
        serde_json::json!(["a/0.png", "a/copy.png"])
    );
    assert_eq!(
        found["near_duplicates"],
        serde_json::json!([["a/1.png", "b/again.png"]])
    );
    assert_eq!(
        found["labels"][0],
        serde_json::json!({"name": "a", "count": 7})
    );
    assert_eq!(found["blank"], serde_json::json!(["b/blank.png"]));
    assert!(!place.path("data-preview.png").exists());
}

#[test]
fn attributes_are_counted() {
    let place = Place::with_faces();
    let found = json(
        &place
            .run("data check faces --json --no-preview")
            .succeeded(),
    );
    let names: Vec<&str> = found["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| attribute["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 36);
    let rows: Vec<String> = place
        .text("faces/list_attr_celeba.txt")
        .lines()
        .skip(2)
        .map(str::to_owned)
        .collect();
    let column = names.iter().position(|name| *name == "Smiling").unwrap();
    let smiling = rows
        .iter()
        .filter(|row| row.split_whitespace().nth(column + 1) == Some("1"))
        .count();
    assert_eq!(found["attributes"][column]["count"], smiling);
}

#[test]
fn the_preview_shows_what_the_networks_see() {
    let place = Place::new();
    place.write_pictures("data", 9);
    place
        .run("data check data --preview seen.png --crop none")
        .succeeded();
    let preview = place.picture("seen.png");
    assert_eq!(preview.dimensions(), (8 * 66 + 2, 2 * 66 + 2));
    place
        .run("data check data --preview grey.png --channels 1")
        .succeeded();
    let grey = place.picture("grey.png").to_rgb8();
    assert!(
        grey.pixels()
            .all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
    );
}

#[test]
fn the_status_is_1_only_if_training_could_not_start() {
    let place = Place::new();
    place.write_pictures("one", 1);
    place.write("bad/a.png", "");
    place.write("bad/b.png", "text");
    let one = place.run("data check one --no-preview");
    assert_names(&one.failed(), &["one usable picture"]);
    let bad = place.run("data check bad --json --no-preview");
    assert_names(&bad.failed(), &["2 of 2 pictures"]);
    let found = json(&bad);
    assert_eq!(
        (&found["can_train"], &found["unreadable"][1]["name"]),
        (&false.into(), &"b.png".into())
    );
    assert_names(
        &place.run("data check bad").failed(),
        &["a.png: is an empty file"],
    );
    assert_names(
        &place.fails("data check nothing"),
        &["nothing does not exist"],
    );
    place.write("bad/list_attr_celeba.txt", "3\nSmiling\na.png 1\n");
    assert_names(
        &place.fails("data check bad"),
        &["list_attr_celeba.txt, line 3", "1 pictures follow"],
    );
}

#[test]
fn a_check_makes_the_cache_that_training_uses() {
    let place = Place::with_faces();
    place.run("data check faces --no-preview").succeeded();
    let answer = place.train("faces --out run --steps 1").succeeded();
    assert_names(&answer.stdout, &["from the cache"]);
}

#[test]
fn a_preview_that_cannot_be_written_is_reported_with_what_to_do() {
    let place = Place::with_faces();
    // missing folders are made
    place
        .run("data check faces --preview new/folder/preview.png")
        .succeeded();
    assert!(place.path("new/folder/preview.png").is_file());
    place.write("file", "not a folder");
    let line = place.run("data check faces --preview file/preview.png");
    assert_names(&line.failed(), &["file"]);
}

#[test]
fn damaged_pictures_are_read_or_listed() {
    let place = Place::new();
    let fixtures =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan-data/tests/fixtures/pictures");
    let files = fs::read_dir(fixtures).unwrap();
    let good = good_pictures(
        files
            .map(|file| fs::read(file.unwrap().path()).unwrap())
            .collect(),
    );
    let mut random = Random::new(7);
    for number in 0..600 {
        place.write(
            &format!("data/{number:03}.png"),
            damaged(&good, &mut random),
        );
    }
    // As many good ones, or the folder would be refused.
    for folder in ["a", "b", "c"] {
        place.write_pictures(&format!("data/{folder}"), 200);
    }
    let answer = place
        .run("data check data --json --no-preview --no-cache")
        .succeeded();
    let found = json(&answer);
    let unreadable = found["unreadable"].as_array().unwrap();
    assert_eq!(
        found["pictures"].as_u64().unwrap() + unreadable.len() as u64,
        1200
    );
    assert!(
        unreadable
            .iter()
            .all(|one| !one["reason"].as_str().unwrap().is_empty())
    );
    for word in ["panicked", "internal error"] {
        assert!(!answer.stderr.contains(word), "{}", answer.stderr);
    }
}
