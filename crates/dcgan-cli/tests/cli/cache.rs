//! The cache, and packs.

use std::fs;

use crate::support::{Place, TINY_TUTORIAL, assert_names};

#[test]
fn the_second_training_takes_the_pictures_from_the_cache() {
    let place = Place::with_faces();
    let first = place.train("faces --out a --steps 2").succeeded();
    let path = place.cached().pop().unwrap();
    assert_names(
        &first.stdout,
        &["cached in", path.to_str().unwrap(), "--no-cache"],
    );
    let second = place.train("faces --out b --steps 2").succeeded();
    assert_names(&second.stdout, &["from the cache", path.to_str().unwrap()]);
    place.assert_same("a/metrics.jsonl", "b/metrics.jsonl");
    let third = place
        .train("faces --out c --steps 2 --no-cache")
        .succeeded();
    assert!(!third.stdout.contains("cache"), "{}", third.stdout);
    place.assert_same("a/metrics.jsonl", "c/metrics.jsonl");
    assert_eq!(place.cached().len(), 1);
}

#[test]
fn a_resumed_run_may_start_or_stop_using_the_cache() {
    let place = Place::with_faces();
    let options = "--report-every 3 --flip --crop random";
    place
        .train(&format!(
            "faces --out whole/run --steps 6 {options} --no-cache"
        ))
        .succeeded();
    place
        .train(&format!(
            "faces --out halves/run --steps 3 {options} --no-cache"
        ))
        .succeeded();
    let answer = place
        .run("train --resume halves/run --steps 6 --threads 1")
        .succeeded();
    assert_eq!(answer.stderr, "");
    for file in ["metrics.jsonl", "checkpoints/step-000006.safetensors"] {
        place.assert_same(&format!("whole/run/{file}"), &format!("halves/run/{file}"));
    }
}

#[test]
fn a_changed_picture_is_noticed_despite_the_cache() {
    let place = Place::with_run();
    place.write("faces/000001.png", place.bytes("faces/000002.png"));
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(&answer.stdout, &["cached in"]);
    assert_names(&answer.stderr, &["the pictures differ from those"]);
}

#[test]
fn skipped_pictures_are_reported_from_the_cache() {
    let place = Place::new();
    place.write_pictures("data", 8);
    place.write("data/empty.png", "");
    for run in ["a", "b"] {
        let answer = place
            .train(&format!("data --out {run} --steps 1"))
            .succeeded();
        assert_names(&answer.stderr, &["1 of 9", "skipped.txt"]);
    }
    place.assert_same("a/skipped.txt", "b/skipped.txt");
}

#[test]
fn training_continues_without_a_writable_cache_and_says_so() {
    let place = Place::with_faces();
    place.write("file", "in the way");
    let answer = place
        .train("faces --out run --steps 1 --cache-dir file")
        .succeeded();
    assert_names(
        &answer.stderr,
        &["note: ", "no cache", "file", "--cache-dir"],
    );
}

#[test]
fn trainings_that_start_at_the_same_time_share_the_cache() {
    let place = Place::with_faces();
    let start = |run: &str| {
        let command = format!("train faces --out {run} --steps 2 {TINY_TUTORIAL}");
        place
            .command(command.split_whitespace())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let children = ["a", "b", "c"].map(start);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    place.assert_same("a/metrics.jsonl", "b/metrics.jsonl");
    place.assert_same("a/metrics.jsonl", "c/metrics.jsonl");
    assert_eq!(place.cached().len(), 1);
}

#[test]
fn a_pack_trains_like_its_source_and_with_its_options() {
    let place = Place::with_faces();
    let answer = place
        .run("data pack faces -o faces.pack --crop random")
        .succeeded();
    assert_names(
        answer.last_line(),
        &["16 pictures of 64x64", "faces.pack", "pictures/s"],
    );
    place
        .train("faces --out a --steps 2 --crop random --flip")
        .succeeded();
    place
        .train("faces.pack --out b --steps 2 --flip")
        .succeeded();
    place.assert_same("a/metrics.jsonl", "b/metrics.jsonl");
    assert_names(&place.text("b/config.toml"), &["crop = \"random\""]);
    let line = place.fails("train faces.pack --out c --crop none");
    assert_names(&line, &["faces.pack", "--crop random", "--crop none"]);
    place
        .run("data pack faces -o small.pack --image-size 32")
        .succeeded();
    place
        .train("small.pack --out d --steps 1 --preset pytorch")
        .succeeded();
    assert_names(&place.text("d/config.toml"), &["image_size = 32"]);
    let line = place.fails("train small.pack --out e --steps 1 --preset tutorial");
    assert_names(&line, &["tutorial", "32", "64"]);
}

#[test]
fn packing_a_pack_or_missing_data_is_refused() {
    let place = Place::with_faces();
    place.run("data pack faces -o faces.pack").succeeded();
    let line = place.fails("data pack faces.pack -o other.pack");
    assert_names(&line, &["faces.pack", "is a pack already"]);
    assert_names(
        &place.fails("data pack nothing -o other.pack"),
        &["nothing", "does not exist"],
    );
    // missing folders are made
    place
        .run("data pack faces -o no/such/folder.pack")
        .succeeded();
    assert_names(&place.fails("data pack faces"), &["--out"]);
    let whole = place.bytes("faces.pack");
    place.write("cut.pack", &whole[..whole.len() - 10]);
    assert_names(
        &place.fails("train cut.pack --out run"),
        &["cut.pack", "truncated or corrupt pack"],
    );
}

#[test]
fn training_continues_after_its_cache_is_removed() {
    let place = Place::with_run();
    for path in place.cached() {
        fs::remove_file(path).unwrap();
    }
    place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_eq!(place.cached().len(), 1);
}
