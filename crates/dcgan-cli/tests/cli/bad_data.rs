//! Data that cannot be trained on: one line says what was seen.

use crate::support::{Place, assert_names};

#[test]
fn an_empty_folder_is_called_empty() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("data/below")).unwrap();
    let line = place.fails("train data --out run");
    assert_names(&line, &["data", "empty", ".jpg"]);
}

#[test]
fn a_folder_without_pictures_says_what_was_seen() {
    let place = Place::new();
    place.write("data/a.txt", "a");
    place.write("data/b.txt", "b");
    place.write("data/c.csv", "c");
    let line = place.fails("train data --out run");
    assert_names(&line, &["data", "3 files", "2 .txt", ".csv", ".png"]);
}

#[test]
fn a_missing_path_is_named_and_nothing_is_made() {
    let place = Place::new();
    let line = place.fails("train photos --out run");
    assert_names(&line, &["photos", "does not exist", "folder", "zip"]);
    // neither the default folder nor those above it
    place.fails("train photos");
    place.fails("train photos --out deep/below/run");
}

#[test]
fn an_empty_folder_that_was_there_before_stays() {
    let place = Place::new();
    std::fs::create_dir(place.path("run")).unwrap();
    place.fails("train photos --out run");
}

#[test]
fn files_that_lie_in_the_out_folder_stay_when_a_run_cannot_start() {
    let place = Place::new();
    for name in ["skipped.txt", "metrics.jsonl", "notes.txt"] {
        place.write(&format!("run/{name}"), "somebody's own");
    }
    place.fails("train photos --out run");
}

#[test]
fn a_single_picture_is_not_a_data_set() {
    let place = Place::with_faces();
    let line = place.fails("train faces/000001.png --out run");
    assert_names(&line, &["000001.png", "folder"]);
}

#[test]
fn a_file_of_another_kind_is_neither_folder_nor_archive() {
    let place = Place::new();
    place.write("notes.txt", "just text");
    let line = place.fails("train notes.txt --out run");
    assert_names(&line, &["notes.txt", "folder", "zip"]);
}

#[test]
fn an_archive_that_is_none_or_cut_off_is_named() {
    let place = Place::new();
    place.write("fake.zip", "not a zip archive at all");
    place.write("cut.zip", b"PK\x03\x04\x14\x00\x00\x00\x08\x00");
    place.write("empty.zip", b"");
    for name in ["fake.zip", "cut.zip", "empty.zip"] {
        let line = place.fails(&format!("train {name} --out run"));
        assert_names(&line, &[name, "zip"]);
    }
}

#[test]
fn more_bad_pictures_than_good_ones_stop_the_run() {
    let place = Place::new();
    place.write_pictures("data", 2);
    for number in 0..3 {
        place.write(&format!("data/bad-{number}.jpg"), "no picture");
    }
    let line = place.fails("train data --out run");
    assert_names(&line, &["3 of 5", "data", "bad-0.jpg"]);
}

#[test]
fn one_picture_is_too_few() {
    let place = Place::new();
    place.write_pictures("data", 1);
    let line = place.fails("train data --out run");
    assert_names(&line, &["data", "one", "picture"]);
    place.write("data/bad.png", "no picture");
    let line = place.fails("train data --out run");
    assert_names(&line, &["one", "picture"]);
}

#[test]
fn a_folder_that_holds_a_run_is_refused_with_both_ways_out() {
    let place = Place::with_run();
    let line = place.fails("train faces --out run --steps 1");
    assert_names(&line, &["run", "--resume run", "--out"]);
}

#[test]
fn an_out_path_that_is_a_file_is_named() {
    let place = Place::with_faces();
    place.write("file", "in the way");
    for out in ["file", "file/below"] {
        let line = place.fails(&format!("train faces --steps 1 --out {out}"));
        assert_names(&line, &[out, "--out"]);
    }
    assert_eq!(place.text("file"), "in the way");
}

#[test]
fn the_cause_of_an_error_is_told_once() {
    let place = Place::with_faces();
    place.write("file", "in the way");
    let mut lines = vec![
        place.fails("train faces --steps 1 --out file/below"),
        place.fails("info nowhere"),
        place.fails("sample nowhere -n 1 --out drawn"),
    ];
    std::fs::create_dir(place.path("broken")).unwrap();
    place.write("broken/config.toml", "schema = ?");
    lines.push(place.fails("train --resume broken"));
    for line in lines {
        for cause in ["os error", "TOML parse error"] {
            assert!(line.matches(cause).count() <= 1, "{line}");
        }
    }
}

#[cfg(target_os = "linux")] // other systems do not allow such names
#[test]
fn names_that_are_no_unicode_are_met_with_an_error_or_work() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::with_faces();
    let name = OsStr::from_bytes(b"faces\xff");
    std::fs::rename(place.path("faces"), place.path(".").join(name)).unwrap();
    let before = place.tree(".");
    let mut arguments = vec![OsStr::new("train"), name];
    arguments.extend(
        "--out run --steps 1 --ngf 4 --ndf 4"
            .split(' ')
            .map(OsStr::new),
    );
    let answer = place.run_with(arguments);
    if answer.code != Some(0) {
        let error = answer.stderr.lines().last().unwrap_or_default().to_owned();
        assert_names(&error, &["error: ", "faces"]);
        assert_eq!(place.tree("."), before);
    }
}
