//! Clocks that jump, and files from the future.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use crate::skip::skip;
use crate::support::{Place, TINY_TUTORIAL, assert_names, is_report};

/// Debian's libfaketime, if it is installed.
fn libfaketime() -> Option<PathBuf> {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib",
    ];
    let libraries = folders.map(|folder| PathBuf::from(folder).join("faketime/libfaketimeMT.so.1"));
    libraries.into_iter().find(|library| library.is_file())
}

#[test]
fn a_clock_that_jumps_during_training_changes_nothing() {
    let Some(library) = libfaketime() else {
        skip("faketime", "libfaketime is not installed");
        return;
    };
    let place = Place::with_faces();
    let options = "--steps 40 --report-every 4 --checkpoint-every 1h --no-cache";
    place
        .train(&format!("faces --out still/run {options}"))
        .succeeded();

    place.write("time", "+0");
    let mut child = place
        .command(format!("train faces --out jumps/run {options} {TINY_TUTORIAL}").split(' '))
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", place.path("time"))
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut jumps = ["+10d", "-20d", "+3650d", "-3650d", "+0"]
        .into_iter()
        .cycle();
    let mut reports = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if is_report(&line.unwrap()) {
            reports += 1;
            fs::write(place.path("time"), jumps.next().unwrap()).unwrap();
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(reports >= 10, "{reports}");
    place.assert_same_folders("still/run", "jumps/run");
}

#[test]
fn pictures_and_caches_from_the_future_are_used_and_their_changes_detected() {
    let place = Place::with_faces();
    let set_time = |path: PathBuf, time| {
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
    };
    let far = Duration::from_secs(20 * 365 * 86_400);
    for time in [
        SystemTime::now() + far,
        SystemTime::UNIX_EPOCH - Duration::from_secs(86_400),
    ] {
        for name in place.files("faces") {
            set_time(place.path("faces").join(name), time);
        }
        let run = |number: u32| place.train(&format!("faces --out run-{number} --steps 1"));
        assert_names(&run(1).succeeded().stdout, &["cached in"]);
        for cache in place.cached() {
            set_time(cache, SystemTime::now() + far);
        }
        assert_names(&run(2).succeeded().stdout, &["from the cache"]);
        // back to the present: a change
        set_time(place.path("faces/000001.png"), SystemTime::now());
        assert_names(&run(3).succeeded().stdout, &["cached in"]);
        for number in 1..4 {
            fs::remove_dir_all(place.path(&format!("run-{number}"))).unwrap();
        }
    }
}
