//! Pipes, sockets and devices where a file belongs: refused at once instead of waited for.

use std::fs;
use std::process::Command;

use crate::support::{Place, assert_names};

/// A named pipe that nobody writes to, in place of what is there.
fn make_pipe(place: &Place, name: &str) {
    let path = place.path(name);
    let _ = fs::remove_file(&path);
    let status = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_pipe_in_place_of_any_file_of_a_command_is_refused_at_once() {
    let place = Place::with_run();
    make_pipe(&place, "pipe");
    make_pipe(&place, "pipe.safetensors");
    make_pipe(&place, "pipe.pth");
    for command in [
        "info pipe",
        "sample pipe -n 1 --out drawn",
        "sample pipe.safetensors -n 1 --out drawn",
        "interpolate run --z pipe.safetensors --seeds 1 --out drawn.png",
        "edit run --seeds 1 --direction pipe.safetensors --out drawn.png",
        "import pipe.pth -o imported.safetensors",
    ] {
        let line = place.fails(command);
        assert_names(&line, &["pipe", "it is a pipe, not a file"]);
    }
}

#[test]
fn a_device_and_a_socket_are_named_as_what_they_are() {
    let place = Place::with_run();
    let line = place.fails("info /dev/null");
    assert_names(&line, &["/dev/null", "it is a device, not a file"]);
    let _listener = std::os::unix::net::UnixListener::bind(place.path("socket")).unwrap();
    let line = place.fails("info socket");
    assert_names(&line, &["socket", "it is a socket, not a file"]);
}

#[test]
fn a_pipe_in_place_of_any_file_of_a_run_does_not_stop_the_program() {
    for (file, words) in [
        ("config.toml", "no config.toml"),
        ("metrics.jsonl", "metrics.jsonl: it is a pipe"),
        ("run.lock", "run.lock: it is a pipe"),
    ] {
        let place = Place::with_run();
        make_pipe(&place, &format!("run/{file}"));
        let line = place.run("train --resume run --steps 6").failed();
        assert_names(&line, &["run", words]);
    }
    let place = Place::with_run();
    make_pipe(&place, "run/failure.txt");
    make_pipe(&place, "run/checkpoints/step-000009.safetensors");
    place.run("doctor run").succeeded();
    let answer = place
        .run("train --resume run --steps 6 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &["step-000009.safetensors", "pipe"]);
    assert_names(&answer.stdout, &["steps 5 to 6"]);
}
