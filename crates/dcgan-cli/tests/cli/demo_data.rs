//! `dcgan demo-data`.

use std::collections::BTreeSet;

use image::GenericImageView;

use crate::support::{Place, assert_names};

#[test]
fn faces_are_written_with_their_attributes() {
    let place = Place::new();
    let answer = place
        .run("demo-data faces -n 12 --image-size 48")
        .succeeded();
    assert_names(&answer.stdout, &["12 faces", "faces"]);
    assert_eq!(place.files("faces").len(), 13);
    let mut different = BTreeSet::new();
    for number in 1..=12 {
        let name = format!("faces/{number:06}.png");
        assert_eq!(place.picture(&name).dimensions(), (48, 48));
        different.insert(place.bytes(&name));
    }
    assert_eq!(different.len(), 12);
}

#[test]
fn the_attribute_file_has_the_layout_of_celeba() {
    let place = Place::new();
    place
        .run("demo-data faces -n 30 --image-size 16")
        .succeeded();
    let text = place.text("faces/list_attr_celeba.txt");
    let mut lines = text.lines();
    assert_eq!(lines.next().map(str::trim), Some("30"));
    let names: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    for name in ["Smiling", "Eyeglasses", "Wearing_Hat", "Blond_Hair"] {
        assert!(names.contains(&name), "{name}");
    }
    let rows: Vec<Vec<_>> = lines
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 30);
    for row in &rows {
        assert_eq!(row.len(), names.len() + 1);
        assert!(place.path("faces").join(row[0]).is_file());
        assert!(row[1..].iter().all(|value| ["1", "-1"].contains(value)));
    }
    let smiling = names.iter().position(|name| *name == "Smiling").unwrap() + 1;
    let smiles = rows.iter().filter(|row| row[smiling] == "1").count();
    assert!((1..30).contains(&smiles), "{smiles} of 30 smile");
}

#[test]
fn the_same_seed_draws_the_same_faces() {
    let place = Place::new();
    for arguments in ["a --seed 4", "b --seed 4", "c --seed 5"] {
        place
            .run(&format!("demo-data -n 3 --image-size 32 {arguments}"))
            .succeeded();
    }
    place.assert_same_folders("a", "b");
    assert!(place.bytes("a/000001.png") != place.bytes("c/000001.png"));
}

#[test]
fn faces_on_disk_train_like_the_demo() {
    let place = Place::new();
    place.run("demo-data faces -n 16").succeeded();
    place
        .train("faces --preset small --ema --out a --steps 2 --learning-rate 0.0002")
        .succeeded();
    place
        .train("demo -n 16 --preset small --out b --steps 2 --learning-rate 0.0002")
        .succeeded();
    place.assert_same("a/metrics.jsonl", "b/metrics.jsonl");
}

#[test]
fn a_data_set_is_never_overwritten() {
    let place = Place::with_faces();
    let line = place.fails("demo-data faces -n 3");
    assert_names(&line, &["faces", "already"]);
}

#[test]
fn counts_and_sizes_out_of_range_are_refused() {
    let place = Place::new();
    for options in [
        "-n 0",
        "-n -5",
        "-n some",
        "--image-size 0",
        "--image-size 999999",
    ] {
        place.fails(&format!("demo-data faces {options}"));
    }
}

#[test]
fn a_directory_that_is_a_file_is_reported_by_name() {
    let place = Place::new();
    place.write("file", "in the way");
    assert_names(&place.fails("demo-data file -n 1"), &["file"]);
}
