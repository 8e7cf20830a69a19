//! Temporary files that killed programs leave behind.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::Place;

fn unfinished(place: &Place, folder: &str) -> usize {
    let files = place.files(folder);
    files
        .iter()
        .filter(|name| name.contains(".unfinished-dcgan-"))
        .count()
}

#[test]
fn what_a_killed_program_leaves_is_removed_by_the_next_one_and_nothing_else() {
    let place = Place::with_run();
    place.run("sample run -n 1 -o drawn").succeeded();
    place.write("drawn/.unfinished-notes", "a user's");
    place.write("drawn/.unfinished-dcgan-notes.txt", "a user's");
    for signal in ["-KILL", "-TERM", "-INT", "-KILL"] {
        let mut child = place
            .command("sample run -n 100000 --seed 100 -o drawn --threads 1".split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !place.path("drawn/seed-000163.png").exists() && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        child.wait().unwrap();
    }
    // as a program would leave it that was killed while it wrote
    place.write("drawn/.unfinished-dcgan-aB3dE6gH9jKl", "half a picture");
    place.run("sample run -n 1 -o drawn").succeeded();
    assert_eq!(unfinished(&place, "drawn"), 1); // the user's
    assert_eq!(place.text("drawn/.unfinished-notes"), "a user's");
    assert_eq!(place.text("drawn/.unfinished-dcgan-notes.txt"), "a user's");
}
