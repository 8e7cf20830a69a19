//! A run that is killed at random moments, again and again.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Place, TIMES, TINY};

const KILLS: usize = 50;

/// How many of these happen while a checkpoint is being written.
const WHILE_SAVING: usize = 20;

/// Reports, checkpoints and epochs (of two steps) fall on the same step and on others.
const OPTIONS: &str = "--report-every 7 --checkpoint-every 3 --keep 2 --flip --crop random \
    --preset pytorch --image-size 32";

/// Starts a run of very many steps in `killed/run`, or resumes it.
fn train(place: &Place) -> Child {
    let arguments = if place.path("killed/run/config.toml").exists() {
        "train --resume killed/run --threads 1".to_owned()
    } else {
        format!("train faces --out killed/run --steps 1000000 {OPTIONS} {TINY}")
    };
    let mut command = place.command(arguments.split_whitespace());
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("the program runs")
}

/// A random time of at most this many milliseconds.
fn random_time(most: u64) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_micros(random % (most * 1000))
}

fn half_written(place: &Place) -> bool {
    let checkpoints = fs::read_dir(place.path("killed/run/checkpoints"));
    let mut files = checkpoints.into_iter().flatten().flatten();
    files.any(|file| {
        file.file_name()
            .to_string_lossy()
            .starts_with(".unfinished")
    })
}

/// Waits until a checkpoint is half-written, at most three seconds.
fn wait_for_a_save(place: &Place) {
    let start = Instant::now();
    while !half_written(place) && start.elapsed() < Duration::from_secs(3) {
        thread::yield_now();
    }
}

fn newest_step(place: &Place) -> u64 {
    let files = place.files("killed/run/checkpoints");
    let steps = files.iter().filter_map(|name| {
        let digits = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
        digits.parse().ok()
    });
    steps.max().unwrap_or(0)
}

/// Asserts that both runs hold the same files. Checkpoints from before the last kill were
/// written by a run of more steps, which their headers record: their tensors are the same.
fn assert_same_runs(place: &Place) {
    let files = place.files("whole/run");
    assert_eq!(files, place.files("killed/run"));
    for file in files.into_iter().filter(|file| file.as_str() != TIMES) {
        let [one, other] = ["whole", "killed"].map(|run| place.bytes(&format!("{run}/run/{file}")));
        let same = if file.starts_with("checkpoints/") {
            tensors(&one) == tensors(&other)
        } else {
            one == other
        };
        assert!(same, "{file} differs");
    }
}

/// The bytes of a checkpoint's weights, statistics and Adam states.
fn tensors(checkpoint: &[u8]) -> &[u8] {
    let length = checkpoint[..8].try_into().expect("a length");
    &checkpoint[8 + u64::from_le_bytes(length) as usize..]
}

#[test]
fn a_run_killed_at_50_random_moments_ends_bit_for_bit_like_an_undisturbed_one() {
    let place = Place::with_faces();
    let mut while_saving = 0;
    for kill in 0..KILLS {
        let mut child = train(&place);
        // some die while they start, most while they train
        thread::sleep(random_time(250));
        if kill % 5 < 5 * WHILE_SAVING / KILLS {
            place
                .path("killed/run/checkpoints")
                .exists()
                .then(|| wait_for_a_save(&place));
        }
        child.kill().expect("it was running");
        let output = child.wait_with_output().expect("it has ended");
        assert_eq!(output.status.code(), None, "it ended by itself");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "", "after kill {kill}");
        while_saving += usize::from(half_written(&place));
    }
    let steps = newest_step(&place) + 5; // the newest checkpoints come after the last kill
    println!("{KILLS} kills, {while_saving} of them while a checkpoint was written; {steps} steps");
    assert!(
        while_saving > 0,
        "no kill came while a checkpoint was written"
    );
    place
        .run(&format!(
            "train --resume killed/run --steps {steps} --threads 1"
        ))
        .succeeded();
    place
        .train(&format!("faces --out whole/run --steps {steps} {OPTIONS}"))
        .succeeded();
    assert_same_runs(&place);
    for run in ["whole", "killed"] {
        place
            .run(&format!("sample {run}/run -n 3 --out drawn-{run}"))
            .succeeded();
    }
    place.assert_same_folders("drawn-whole", "drawn-killed");
}
