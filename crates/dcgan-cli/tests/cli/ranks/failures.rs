//! Ranks that stop, fail or die.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    SLOW, assert_alike, end_of, has_mpirun, metrics, mpirun, process_of_rank, run, wait_for_steps,
};
use crate::support::{Answer, Place, assert_names};

/// Time limit for all ranks to end, on a machine with other work.
const SOON: Duration = Duration::from_secs(60);

fn errors(answer: &Answer) -> Vec<&str> {
    let lines = answer.stderr.lines();
    lines.filter(|line| line.starts_with("error: ")).collect()
}

fn copy(place: &Place, from: &str, to: &str) {
    for file in place.files(from) {
        place.write(
            &format!("{to}/{file}"),
            place.bytes(&format!("{from}/{file}")),
        );
    }
}

#[test]
fn after_kill_9_of_one_rank_all_end_and_another_number_of_ranks_resumes() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train =
        format!("train faces {SLOW} --sync-batch-norm --report-every 4 --threads 1 --ema=100");
    let killed = format!("{train} --steps 1000000 --checkpoint-every 3 --out killed");
    let mut command = mpirun(&place, "--oversubscribe -n 2", &killed);
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let launcher = command.spawn().expect("mpirun runs");
    wait_for_steps(&place, "killed", 7);
    let rank = process_of_rank(&launcher, 1);
    kill(Pid::from_raw(rank), Signal::SIGKILL).expect("it was running");
    let output = end_of(launcher, SOON);
    assert!(!output.status.success());
    // lines after a rank was told to end are not errors
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");

    let steps = metrics(&place, "killed").len() + 5;
    copy(&place, "killed", "on-3");
    let resume = |run: &str| format!("train --resume {run} --steps {steps} --threads 1");
    place.run(&resume("killed")).succeeded();
    run(&place, 3, &resume("on-3")).succeeded();
    place
        .run(&format!("{train} --steps {steps} --out whole"))
        .succeeded();
    assert_alike(&place, ["whole", "killed"]);
    assert_alike(&place, ["whole", "on-3"]);
}

#[test]
fn a_signal_to_any_rank_stops_all_after_the_same_step() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = format!("train faces {SLOW} --steps 1000000 --report-every 1000 --out run");
    let mut command = mpirun(&place, "--oversubscribe -n 2", &train);
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let launcher = spawned.spawn().expect("mpirun runs");
    wait_for_steps(&place, "run", 2);
    let rank = process_of_rank(&launcher, 1);
    kill(Pid::from_raw(rank), Signal::SIGTERM).expect("it was running");
    let answer = Answer::new(&command, end_of(launcher, SOON)).succeeded();
    let step = metrics(&place, "run").len();
    assert_names(
        &answer.stdout,
        &[&format!("Stopped at step {step}."), "--resume run"],
    );
    let checkpoint = format!("run/checkpoints/step-{step:06}.safetensors");
    assert!(place.path(&checkpoint).exists());
}

#[test]
fn a_common_error_is_reported_once_and_nothing_is_left_behind() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    for (arguments, words) in [
        ("train nothing", &["nothing", "does not exist"][..]),
        ("train faces --batch-size 5 --out run", &["5", "3 ranks"]),
        ("train faces --nonsense", &["--nonsense"]),
        ("sample run", &["dcgan train", "without mpirun"]),
    ] {
        let answer = run(&place, 3, arguments);
        assert_eq!(errors(&answer).len(), 1, "{arguments}: {}", answer.stderr);
        assert_names(errors(&answer)[0], words);
        assert_ne!(answer.code, Some(0));
        assert!(!place.path("run").exists(), "{arguments}");
    }
}

#[test]
fn a_rank_that_reads_other_pictures_is_reported_by_name() {
    if !has_mpirun() {
        return;
    }
    let place = Place::new();
    place.write_pictures("a/faces", 20);
    place.write_pictures("b/faces", 20);
    fs::remove_file(place.path("b/faces/7.png")).expect("a picture");
    // one name for a different directory on each rank
    let train =
        "train /proc/self/cwd/faces --preset small --ngf 2 --ndf 2 --batch-size 8 --steps 2";
    let program = place.command(train.split_whitespace());
    let mut command = mpirun(&place, "--oversubscribe -n 2 -wdir a", train);
    command
        .args(["--out", "run", ":", "-n", "1", "-wdir", "b"])
        .arg(program.get_program())
        .args(program.get_args());
    let output = command.output().expect("mpirun runs");
    let answer = Answer::new(&command, output);
    assert_eq!(errors(&answer).len(), 1, "{}", answer.stderr);
    assert_names(errors(&answer)[0], &["rank 2 (", "other pictures", "faces"]);
    assert!(!place.path("a/run").exists());
}

#[test]
fn a_refused_trace_is_reported_once() {
    if !has_mpirun() {
        return;
    }
    let place = Place::with_faces();
    let train = format!("train faces {SLOW} --steps 2 --out run --trace faces/000001.png");
    let answer = run(&place, 3, &train);
    assert_ne!(answer.code, Some(0));
    let errors = errors(&answer);
    assert_eq!(errors.len(), 1, "{}", answer.stderr);
    assert_names(errors[0], &["faces/000001.png", "reads"]);
    assert!(!place.path("run").exists());
}
