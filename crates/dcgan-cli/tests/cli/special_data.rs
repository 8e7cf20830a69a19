//! Pipes, sockets and devices where pictures are expected: nothing waits for them.

use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::{Place, assert_names};

fn make_pipe(place: &Place, name: &str) {
    let made = Command::new("mkfifo").arg(place.path(name)).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_pipe_a_socket_and_a_device_are_refused_as_data() {
    let place = Place::with_faces();
    make_pipe(&place, "pipe.zip");
    let _socket = UnixListener::bind(place.path("socket")).unwrap();
    for (path, kind) in [
        ("pipe.zip", "a pipe"),
        ("socket", "a socket"),
        ("/dev/null", "a device"),
        ("/dev/zero", "a device"),
    ] {
        for command in ["train", "data check", "data pack -o faces.pack"] {
            let line = place.fails(&format!("{command} {path}"));
            assert_names(&line, &[path, kind, "give a folder"]);
        }
    }
}

#[test]
fn pipes_and_sockets_in_a_folder_are_skipped_by_name() {
    let place = Place::new();
    place.write_pictures("faces", 16);
    make_pipe(&place, "faces/pipe.png");
    let _socket = UnixListener::bind(place.path("faces/socket")).unwrap();
    let answer = place.run("data check faces").succeeded();
    assert_names(&answer.stdout, &["16", "pipe.png", "socket"]);
    let answer = place.train("faces --out run --steps 2").succeeded();
    assert_names(&answer.stderr, &["skipped 2 of 18 pictures"]);
    assert_names(&place.text("run/skipped.txt"), &["pipe.png", "socket"]);
}

#[test]
fn pipes_in_place_of_lists_labels_and_caches_are_not_waited_for() {
    let place = Place::with_faces();
    std::fs::remove_file(place.path("faces/list_attr_celeba.txt")).unwrap();
    make_pipe(&place, "faces/list_attr_celeba.txt");
    // refused or skipped, with a word
    let answer = place.run("data check faces");
    let said = answer.stdout + &answer.stderr;
    assert_names(&said, &["list_attr_celeba.txt", "a pipe"]);

    let place = Place::with_faces();
    place.train("faces --out a --steps 2").succeeded();
    let cache = place.cached().pop().unwrap();
    std::fs::remove_file(&cache).unwrap();
    let made = Command::new("mkfifo").arg(&cache).status();
    assert!(made.unwrap().success());
    let answer = place.train("faces --out b --steps 2").succeeded();
    assert_names(&answer.stderr, &["cache", "a pipe"]);
    place.assert_same("a/metrics.jsonl", "b/metrics.jsonl");
}
