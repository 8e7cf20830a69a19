//! Ctrl-C, SIGTERM, SIGHUP and SIGKILL.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::skip::skip;
use crate::support::{Answer, Place, TINY, TINY_TUTORIAL, assert_names, is_report};

/// Trains in the background until the first report, sends signals, and waits.
fn stopped_by(signal: &str, place: &Place, arguments: &str) -> Answer {
    let mut command = place.command(format!("train {arguments} {TINY}").split_whitespace());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    read_to_report(&mut stdout, &mut said);
    for signal in signal.split(' ') {
        send(signal, &child);
    }
    stdout.read_to_string(&mut said).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = said.into_bytes();
    Answer::new(&command, output)
}

/// Reads until a report is printed.
fn read_to_report(stdout: &mut impl BufRead, said: &mut String) {
    while !said.lines().any(is_report) {
        assert_ne!(stdout.read_line(said).unwrap(), 0, "ended early: {said}");
    }
}

/// Whether SIGHUP is ignored here, which children inherit (known on Linux only).
fn ignores_hang_ups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_saves_and_the_resumed_run_equals_one_that_never_stopped() {
    let place = Place::with_faces();
    let options = "--steps 120 --report-every 20 --preset pytorch --image-size 32";
    let answer = stopped_by("-INT", &place, &format!("faces --out parts/run {options}"));
    let answer = answer.succeeded();
    assert_names(
        answer.last_line(),
        &["saved", "dcgan train --resume parts/run"],
    );
    let steps = place.text("parts/run/metrics.jsonl").lines().count();
    assert!((20..120).contains(&steps), "{steps} steps");
    place
        .run("train --resume parts/run --threads 1")
        .succeeded();

    place
        .train(&format!("faces --out whole/run {options}"))
        .succeeded();
    for file in [
        "metrics.jsonl",
        "config.toml",
        "generator.safetensors",
        "discriminator.safetensors",
        "checkpoints/step-000120.safetensors",
        "samples/step-000120.png",
        "losses.png",
    ] {
        place.assert_same(&format!("whole/run/{file}"), &format!("parts/run/{file}"));
    }
}

#[test]
fn a_stopped_run_can_be_sampled_at_once() {
    let place = Place::with_faces();
    let options = "--steps 5000 --report-every 5 --preset pytorch --image-size 32";
    stopped_by("-TERM", &place, &format!("faces --out run {options}")).succeeded();
    place.run("sample run -n 1 --out drawn").succeeded();
}

#[test]
fn two_simultaneous_hang_ups_save_and_exit_with_status_0() {
    if ignores_hang_ups() {
        skip("hang-up", "the tests run under nohup");
        return;
    }
    let place = Place::with_faces();
    let options = "--steps 5000 --report-every 5 --preset pytorch --image-size 32";
    let signals = "-HUP -HUP";
    let answer = stopped_by(signals, &place, &format!("faces --out run {options}")).succeeded();
    assert_names(answer.last_line(), &["saved", "dcgan train --resume run"]);
    let steps = place.text("run/metrics.jsonl").lines().count();
    let newest = format!("run/checkpoints/step-{steps:06}.safetensors");
    assert!(place.path(&newest).is_file(), "{newest}");
}

#[test]
fn an_ignored_hang_up_stays_ignored() {
    let place = Place::with_faces();
    // as `nohup` starts it
    let program = env!("CARGO_BIN_EXE_dcgan");
    let arguments = "train faces --out run --no-cache --steps 60 --report-every 5";
    let script = format!("trap '' HUP; exec {program} {arguments} {TINY_TUTORIAL}");
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    read_to_report(&mut BufReader::new(child.stdout.take().unwrap()), &mut said);
    send("-HUP", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        place
            .path("run/checkpoints/step-000060.safetensors")
            .is_file()
    );
}

#[test]
fn a_killed_run_resumes_from_its_newest_checkpoint() {
    let place = Place::with_faces();
    let options = "--steps 5000 --report-every 5 --preset pytorch --image-size 32";
    let answer = stopped_by("-KILL", &place, &format!("faces --out run {options}"));
    assert_eq!(answer.code, None);
    let newest = place.files("run/checkpoints").into_iter().next_back();
    let newest = newest.expect("a checkpoint");
    let digits = newest.trim_start_matches("step-");
    let step: u64 = digits.trim_end_matches(".safetensors").parse().unwrap();
    let answer = place
        .run(&format!(
            "train --resume run --steps {} --threads 1",
            step + 1
        ))
        .succeeded();
    assert_names(
        &answer.stdout,
        &[&format!("steps {} to {}", step + 1, step + 1)],
    );
}

#[test]
fn a_closed_pipe_does_not_end_a_run() {
    let place = Place::with_faces();
    let arguments = format!("train faces --out run --steps 3 --report-every 1 {TINY_TUTORIAL}");
    let mut child = place
        .command(arguments.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        place
            .path("run/checkpoints/step-000003.safetensors")
            .is_file()
    );
}

/// How a process was ended.
fn ending_signal(child: Child) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    let output = child.wait_with_output().unwrap();
    output.status.signal()
}

/// The signals that end a program, with their numbers.
fn endings() -> Vec<(&'static str, i32)> {
    let mut endings = vec![("-INT", 2), ("-TERM", 15)];
    if !ignores_hang_ups() {
        endings.push(("-HUP", 1));
    }
    endings
}

fn spawn(place: &Place, arguments: &str) -> Child {
    let mut command = place.command(arguments.split_whitespace());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_signal_while_pictures_are_drawn_ends_the_program_and_leaves_no_unfinished_file() {
    let place = Place::with_run();
    for round in 0..8 {
        for (signal, number) in endings() {
            let out = format!("drawn{signal}{round}");
            let child = spawn(&place, &format!("sample run -n 100000 --out {out}"));
            // a different moment in each round
            while std::fs::read_dir(place.path(&out)).map_or(0, Iterator::count) <= round {
                std::thread::yield_now();
            }
            send(signal, &child);
            assert_eq!(ending_signal(child), Some(number));
            if !place.path(&out).exists() {
                continue; // no picture was finished, so the folder is gone again
            }
            let files = place.files(&out);
            assert!(
                !files.iter().any(|name| name.contains(".unfinished")),
                "{files:?}"
            );
        }
    }
}

#[test]
fn a_signal_while_pictures_are_read_ends_the_program_and_the_run_that_it_began() {
    let place = Place::new();
    for (signal, number) in endings() {
        let child = spawn(
            &place,
            &format!("train demo -n 100000 --out runs/new {TINY}"),
        );
        while !place.path("runs/new/run.lock").exists() {
            std::thread::yield_now();
        }
        send(signal, &child);
        assert_eq!(ending_signal(child), Some(number));
        assert_eq!(place.tree(".").len(), 0, "{:?}", place.tree("."));
    }
}
