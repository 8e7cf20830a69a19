//! Data that cannot be trained on is reported in one line.

use crate::support::{Place, assert_names};

#[test]
fn an_empty_folder_is_reported_as_empty() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("data/below")).unwrap();
    let line = place.fails("train data --out run");
    assert_names(&line, &["data", "empty", ".jpg"]);
}

#[test]
fn a_folder_without_pictures_is_reported_with_what_it_holds() {
    let place = Place::new();
    place.write("data/a.txt", "a");
    place.write("data/b.txt", "b");
    place.write("data/c.csv", "c");
    let line = place.fails("train data --out run");
    assert_names(&line, &["data", "3 files", "2 .txt", ".csv", ".png"]);
}

#[test]
fn a_missing_path_is_reported_and_nothing_is_created() {
    let place = Place::new();
    let line = place.fails("train photos --out run");
    assert_names(&line, &["photos", "does not exist", "check the name"]);
    // Neither the default folder nor the folders above it.
    place.fails("train photos");
    place.fails("train photos --out deep/below/run");
}

#[test]
fn an_existing_empty_folder_is_kept() {
    let place = Place::new();
    std::fs::create_dir(place.path("run")).unwrap();
    place.fails("train photos --out run");
}

#[test]
fn existing_files_in_the_out_folder_are_kept_if_a_run_cannot_start() {
    let place = Place::new();
    for name in ["skipped.txt", "metrics.jsonl", "notes.txt"] {
        place.write(&format!("run/{name}"), "someone else's");
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
fn a_file_of_another_kind_is_refused() {
    let place = Place::new();
    place.write("notes.txt", "just text");
    let line = place.fails("train notes.txt --out run");
    assert_names(&line, &["notes.txt", "folder", "zip"]);
}

#[test]
fn an_invalid_or_truncated_archive_is_reported_by_name() {
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
fn more_bad_pictures_than_good_ones_are_refused() {
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
fn a_folder_that_holds_a_run_is_refused_with_both_alternatives() {
    let place = Place::with_run();
    let line = place.fails("train faces --out run --steps 1");
    assert_names(&line, &["run", "--resume run", "--out"]);
}

#[test]
fn an_out_path_that_is_a_file_is_reported() {
    let place = Place::with_faces();
    place.write("file", "in the way");
    for out in ["file", "file/below"] {
        let line = place.fails(&format!("train faces --steps 1 --out {out}"));
        assert_names(&line, &[out, "--out"]);
    }
    assert_eq!(place.text("file"), "in the way");
}

#[test]
fn the_cause_of_an_error_is_printed_once() {
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

#[cfg(target_os = "linux")] // other systems forbid such names
#[test]
fn names_that_are_not_unicode_work_or_are_an_error() {
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
