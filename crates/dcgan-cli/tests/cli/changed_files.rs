//! Files of pictures that other programs change during a training.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{Answer, Place, TINY, assert_names};

const OPTIONS: &str = "--report-every 20 --flip";

/// What another program does to a file.
#[derive(Clone, Copy, Debug)]
enum Change {
    Truncate,
    Empty,
    Invert,
    /// As `cp` does: the file is emptied and written again, with other contents.
    Copy,
    Rename,
    Grow,
    Remove,
}

impl Change {
    const HARMFUL: [Self; 4] = [Self::Truncate, Self::Empty, Self::Invert, Self::Copy];
    const HARMLESS: [Self; 3] = [Self::Rename, Self::Grow, Self::Remove];

    fn apply(self, path: &Path) {
        let bytes = fs::read(path).unwrap();
        let open = || fs::File::options().write(true).open(path).unwrap();
        match self {
            Self::Truncate => open().set_len(bytes.len() as u64 / 3).unwrap(),
            Self::Empty => open().set_len(0).unwrap(),
            Self::Invert => {
                let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
                open().write_all(&inverted).unwrap();
            }
            Self::Copy => fs::write(path, b"something else".repeat(100_000)).unwrap(),
            Self::Rename => {
                let other = path.with_extension("other");
                fs::write(&other, "something else").unwrap();
                fs::rename(other, path).unwrap();
            }
            Self::Grow => {
                let mut file = fs::File::options().append(true).open(path).unwrap();
                file.write_all(&[7; 100_000]).unwrap();
            }
            Self::Remove => fs::remove_file(path).unwrap(),
        }
    }
}

/// Trains on `data` until the second report, changes a file, and waits for the end.
fn changed(place: &Place, arguments: &str, file: impl Fn() -> PathBuf, change: Change) -> Answer {
    let words = format!("train {arguments} {OPTIONS} {TINY}");
    let mut command = place.command(words.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while said.matches("\nstep ").count() < 2 {
        assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "ended: {said}");
    }
    change.apply(&file());
    stdout.read_to_string(&mut said).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = said.into_bytes();
    Answer::new(&command, output)
}

/// The step at which a training stopped, with everything saved.
fn stopped_at(line: &str) -> u64 {
    assert_names(line, &["stopped at step ", ", with everything saved: "]);
    let after = line.split("stopped at step ").nth(1).unwrap();
    after.split(',').next().unwrap().parse().unwrap()
}

/// Asserts that a run that was stopped goes on as if nothing had happened.
fn assert_resumes(place: &Place, run: &str, data: &str, step: u64) {
    let last = step + 7;
    place
        .run(&format!("train --resume {run} --steps {last} --threads 1"))
        .succeeded();
    place
        .train(&format!("{data} --out whole/run --steps {last} {OPTIONS}"))
        .succeeded();
    for file in ["metrics.jsonl", "generator.safetensors"] {
        place.assert_same(&format!("whole/run/{file}"), &format!("{run}/{file}"));
    }
    fs::remove_dir_all(place.path("whole")).unwrap();
}

#[test]
fn a_pack_that_is_changed_under_a_training_stops_it_with_everything_saved() {
    let place = Place::with_faces();
    place.run("data pack faces -o faces.pack").succeeded();
    let whole = place.bytes("faces.pack");
    for change in Change::HARMFUL {
        let run = format!("{change:?}/run");
        let arguments = format!("faces.pack --out {run} --steps 100000");
        let answer = changed(&place, &arguments, || place.path("faces.pack"), change);
        let line = answer.failed();
        assert_names(&line, &["faces.pack", ".png", "pack the data again"]);
        let step = stopped_at(&line);
        let line = place
            .run(&format!("train --resume {run} --threads 1"))
            .failed();
        assert_names(&line, &["faces.pack"]);
        place.write("faces.pack", &whole);
        assert_resumes(&place, &run, "faces.pack", step);
    }
}

#[test]
fn a_cache_that_is_changed_under_a_training_stops_it_and_is_made_again() {
    for change in Change::HARMFUL {
        let place = Place::with_faces();
        let cache = || place.cached().pop().unwrap();
        let arguments = "faces --out parts/run --steps 100000";
        let line = changed(&place, arguments, cache, change).failed();
        assert_names(&line, &["the cache was removed", ".png"]);
        let step = stopped_at(&line);
        assert!(place.cached().is_empty());
        assert_resumes(&place, "parts/run", "faces", step);
    }
}

#[test]
fn a_file_that_is_replaced_removed_or_longer_does_not_disturb_the_training() {
    let place = Place::with_faces();
    place.run("data pack faces -o faces.pack").succeeded();
    let whole = place.bytes("faces.pack");
    for change in Change::HARMLESS {
        place.write("faces.pack", &whole);
        let arguments = format!("faces.pack --out {change:?}/run --steps 80");
        changed(&place, &arguments, || place.path("faces.pack"), change).succeeded();
    }
    let place = Place::with_faces();
    let picture = || place.path("faces/000003.png");
    changed(&place, "faces --out run --steps 80", picture, Change::Empty).succeeded();
}

#[test]
fn a_damaged_cache_is_made_again_with_a_word() {
    let place = Place::with_faces();
    place.train("faces --out a --steps 2").succeeded();
    let path = place.cached().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    // the description, a name, a record, and the end
    for at in [100, 300, 1000, 3] {
        let mut bytes = whole.clone();
        let at = bytes.len() - at;
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let answer = place
            .train("faces --out b --steps 2 --no-cache")
            .succeeded();
        assert_eq!(answer.stderr, "");
        let answer = place.train("faces --out c --steps 2").succeeded();
        assert_names(&answer.stderr, &["was damaged and has been made again"]);
        assert!(fs::read(&path).unwrap() == whole);
        for run in ["b", "c"] {
            place.assert_same("a/metrics.jsonl", &format!("{run}/metrics.jsonl"));
            fs::remove_dir_all(place.path(run)).unwrap();
        }
    }
}

#[test]
fn a_damaged_picture_in_a_pack_is_never_trained_on() {
    let place = Place::with_faces();
    place.run("data pack faces -o faces.pack").succeeded();
    let mut bytes = place.bytes("faces.pack");
    bytes[10_000] ^= 1;
    place.write("faces.pack", bytes);
    let line = place.fails("data check faces.pack");
    assert_names(&line, &["000001.png in ", "faces.pack", "was changed"]);
    let line = place.train("faces.pack --out run --steps 20").failed();
    assert_names(
        &line,
        &["000001.png in ", "faces.pack", "pack the data again"],
    );
}
