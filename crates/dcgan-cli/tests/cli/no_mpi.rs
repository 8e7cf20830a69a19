//! A build without MPI, started by mpirun.

use std::process::Command;

use crate::support::{Answer, Place, assert_names};

/// Runs the program as one of two ranks.
fn as_rank(place: &Place, rank: usize, arguments: &str) -> Answer {
    let mut command: Command = place.command(arguments.split_whitespace());
    command
        .env("OMPI_COMM_WORLD_SIZE", "2")
        .env("OMPI_COMM_WORLD_RANK", rank.to_string());
    let output = command.output().expect("the program runs");
    Answer::new(&command, output)
}

#[test]
fn under_mpirun_rank_0_says_which_build_is_needed_and_no_rank_trains() {
    let place = Place::with_faces();
    let before = place.tree(".");
    let line = as_rank(&place, 0, "train faces --steps 1").failed();
    assert_names(
        &line,
        &["2 processes", "cargo build", "--features mpi", "mpirun"],
    );
    let other = as_rank(&place, 1, "train faces --steps 1");
    assert_eq!((other.code, other.stderr.as_str()), (Some(1), ""));
    assert_eq!(place.tree("."), before);
}

#[test]
fn other_commands_refuse_to_run_under_mpirun() {
    let place = Place::with_run();
    let line = as_rank(&place, 0, "sample run").failed();
    assert_names(&line, &["dcgan train", "without mpirun"]);
}
