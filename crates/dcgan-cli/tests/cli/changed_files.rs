//! Files of pictures that other programs change during a training.

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{
    Answer, Place, TINY_TUTORIAL, assert_names, colourful, is_report, parquet, png,
};

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
    let words = format!("train {arguments} {OPTIONS} {TINY_TUTORIAL}");
    let mut command = place.command(words.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while said.lines().filter(|line| is_report(line)).count() < 2 {
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

/// Archives and arrays of 16 pictures, and what they are called.
fn sources() -> [(&'static str, Vec<u8>); 6] {
    let files: Vec<(String, Vec<u8>)> = (0..16)
        .map(|number| (format!("{number:02}.png"), png(&colourful(number).into())))
        .collect();
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in &files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in &files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let values: Vec<u8> = (0..16 * 768_u32).map(|at| (at * 7 / 5) as u8).collect();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (16, 16, 16, 3), }";
    let header = format!("{header:<117}\n");
    let npy = [
        &b"\x93NUMPY\x01\x00\x76\x00"[..],
        header.as_bytes(),
        &values,
    ]
    .concat();
    let idx = [
        &[0, 0, 8, 3, 0, 0, 0, 48, 0, 0, 0, 16, 0, 0, 0, 16][..],
        &values,
    ]
    .concat();
    let tar = tar.into_inner().unwrap();
    let mut gzipped = GzEncoder::new(Vec::new(), Compression::fast());
    gzipped.write_all(&tar).unwrap();
    [
        ("a.zip", zip.finish().unwrap().into_inner()),
        ("a.tar", tar),
        ("a.tar.gz", gzipped.finish().unwrap()),
        ("a.npy", npy),
        (
            "train-00000-of-00001.parquet",
            parquet(files.into_iter().map(|(_, bytes)| bytes)),
        ),
        ("train-images-idx3-ubyte", idx),
    ]
}

#[test]
fn a_source_that_changes_once_it_was_read_does_not_disturb_the_training() {
    let place = Place::new();
    for (name, bytes) in sources() {
        place.write(name, &bytes);
        let train = |run: &str| format!("{name} --out {name}-runs/{run} --steps 45");
        place
            .train(&format!("{} {OPTIONS}", train("whole")))
            .succeeded();
        for (cache, change) in [
            ("", Change::Empty),
            ("--no-cache", Change::Truncate),
            ("--no-cache", Change::Rename),
        ] {
            place.write(name, &bytes);
            let run = format!("{change:?}");
            let arguments = format!("{} {cache}", train(&run));
            changed(&place, &arguments, || place.path(name), change).succeeded();
            for file in ["metrics.jsonl", "generator.safetensors"] {
                let [whole, changed] =
                    ["whole", &run].map(|run| format!("{name}-runs/{run}/{file}"));
                place.assert_same(&whole, &changed);
            }
        }
    }
}
