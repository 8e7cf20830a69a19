//! Several processes that want to train in one directory.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Answer, Place, TINY, TINY_TUTORIAL, assert_names};

const ROUNDS: usize = 25;

const PROCESSES: usize = 4;

#[test]
fn of_several_processes_that_start_one_run_at_once_exactly_one_trains() {
    let place = Place::with_faces();
    let options = "--steps 2 --report-every 1";
    place
        .train(&format!("faces --out alone/run {options}"))
        .succeeded();
    for round in 0..ROUNDS {
        let run = format!("together-{round}/run");
        let arguments = format!("train faces --out {run} {options} {TINY_TUTORIAL}");
        let start = || {
            let mut command = place.command(arguments.split_whitespace());
            let child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn();
            (command, child.unwrap())
        };
        let started: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
        let answers = started.into_iter().map(|(command, child)| {
            let output = child.wait_with_output().unwrap();
            Answer::new(&command, output)
        });
        let (trained, refused): (Vec<_>, Vec<_>) =
            answers.partition(|answer| answer.code == Some(0));
        assert_eq!(trained.len(), 1, "round {round}");
        for answer in refused {
            let line = answer.failed();
            let is_clear = ["another process trains", "already holds a run"]
                .iter()
                .any(|words| line.contains(words));
            assert!(is_clear, "{line}");
        }
        place.assert_same_folders("alone/run", &run);
    }
    println!("{ROUNDS} rounds of {PROCESSES} processes");
}

/// A training that writes its first checkpoint after step 100, and the next ones rarely.
#[cfg(unix)]
fn training(place: &Place) -> Child {
    let options = "--steps 1000000 --report-every 100 --preset pytorch --image-size 32";
    let arguments = format!("train faces --out run {options} {TINY}");
    let mut command = place.command(arguments.split_whitespace());
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let first = place.path("run/checkpoints/step-000100.safetensors");
    while !first.exists() {
        thread::yield_now();
    }
    child
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let mut kill = std::process::Command::new("kill");
    let status = kill.args([signal, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_training_whose_lock_file_is_removed_makes_it_again() {
    let place = Place::with_faces();
    let mut child = training(&place);
    fs::remove_file(place.path("run/run.lock")).unwrap();
    while !place.path("run/run.lock").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::yield_now();
    }
    let mut line = place.run("train --resume run").failed();
    // the file exists for a moment before it is locked
    while line.contains("complete") {
        line = place.run("train --resume run").failed();
    }
    assert_names(&line, &["another process trains"]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_training_whose_place_another_one_has_taken_stops_without_writing() {
    let place = Place::with_faces();
    let child = training(&place);
    thread::sleep(Duration::from_millis(100)); // until the checkpoint's step is over
    send("-STOP", &child);
    fs::remove_file(place.path("run/run.lock")).unwrap();
    let newest = place.files("run/checkpoints").len() as u64 * 100;
    place
        .run(&format!(
            "train --resume run --steps {} --threads 1",
            newest + 2
        ))
        .succeeded();
    let files = place.files("run");
    let contents: Vec<_> = files
        .iter()
        .map(|name| place.bytes(&format!("run/{name}")))
        .collect();
    send("-CONT", &child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_names(
        stderr.lines().last().unwrap_or_default(),
        &["error: another process", "run.lock was removed"],
    );
    assert_eq!(place.files("run"), files);
    for (name, content) in files.iter().zip(contents) {
        assert!(place.bytes(&format!("run/{name}")) == content, "{name}");
    }
}
