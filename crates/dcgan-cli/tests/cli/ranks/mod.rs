//! Training in several processes under mpirun. Skipped if it is not installed.

mod agreement;
#[cfg(feature = "vulkan")]
mod devices;
mod failures;
mod network;

use std::fs;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::skip::skip;
use crate::support::{Answer, Place};

/// Small networks with a learning rate so low that later steps do not amplify rounding errors:
/// Adam moves a weight as far for a gradient of pure rounding error as for any other.
const SLOW: &str = "--preset small --ngf 8 --ndf 8 --batch-size 16 --learning-rate 0.000002";

/// Whether mpirun is installed.
fn has_mpirun() -> bool {
    let found = Command::new("mpirun").arg("--version").output().is_ok();
    if !found {
        skip("mpi", "there is no mpirun");
    }
    found
}

/// `mpirun` with options of its own, on the program with arguments.
fn mpirun(place: &Place, options: &str, arguments: &str) -> Command {
    let program = place.command(arguments.split_whitespace());
    let mut command = Command::new("mpirun");
    command
        .args(options.split_whitespace())
        .arg(program.get_program())
        .args(program.get_args());
    in_place(command, &program)
}

/// A command in the directory and environment of another.
fn in_place(mut command: Command, program: &Command) -> Command {
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in program.get_envs() {
        value.map(|value| command.env(name, value));
    }
    command
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command
}

/// Runs the program as several ranks on this machine.
fn run(place: &Place, ranks: usize, arguments: &str) -> Answer {
    let options = format!("--oversubscribe -n {ranks}");
    let mut command = mpirun(place, &options, arguments);
    let output = command.output().expect("mpirun runs");
    Answer::new(&command, output)
}

/// The metrics of each step.
fn metrics(place: &Place, run: &str) -> Vec<Value> {
    let text = fs::read_to_string(place.path(&format!("{run}/metrics.jsonl"))).unwrap_or_default();
    let lines = text.lines().map(serde_json::from_str);
    lines.map_while(Result::ok).collect()
}

fn number(line: &Value, name: &str) -> f64 {
    line[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name} in {line}"))
}

/// The largest difference between the metrics of two runs.
fn difference(place: &Place, [one, other]: [&str; 2], name: &str) -> f64 {
    let [one, other] = [one, other].map(|run| metrics(place, run));
    assert_eq!(one.len(), other.len(), "steps");
    let differences = one
        .iter()
        .zip(&other)
        .map(|(one, other)| (number(one, name) - number(other, name)).abs());
    differences.fold(0.0, f64::max)
}

/// Asserts that two runs had the same losses and gradients.
#[track_caller]
fn assert_alike(place: &Place, runs: [&str; 2]) {
    for (name, most) in [
        ("loss_d", 3e-5),
        ("loss_g", 3e-5),
        ("gradient_d", 0.03),
        ("gradient_g", 0.03),
    ] {
        let difference = difference(place, runs, name);
        assert!(difference < most, "{runs:?}, {name}: {difference}");
    }
}

/// Waits until a run has trained this many steps.
fn wait_for_steps(place: &Place, run: &str, steps: usize) {
    wait(Duration::from_secs(60), || {
        metrics(place, run).len() >= steps
    });
}

/// Waits until a condition holds.
#[track_caller]
fn wait(longest: Duration, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < longest, "waited for {longest:?} in vain");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for the end of a process, up to a time limit.
#[track_caller]
fn end_of(mut child: Child, longest: Duration) -> Output {
    wait(longest, || {
        child.try_wait().expect("a process to wait for").is_some()
    });
    child.wait_with_output().expect("what it said")
}

/// The process id of a rank under this launcher.
fn process_of_rank(launcher: &Child, rank: usize) -> i32 {
    let variable = format!("OMPI_COMM_WORLD_RANK={rank}");
    let processes = fs::read_dir("/proc")
        .expect("a list of processes")
        .flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_rank = |number: &i32| {
        let environment = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
        status.contains(&format!("PPid:\t{}\n", launcher.id()))
            && environment
                .split(|&byte| byte == 0)
                .any(|entry| entry == variable.as_bytes())
    };
    numbers
        .into_iter()
        .find(is_rank)
        .expect("the rank's process")
}
