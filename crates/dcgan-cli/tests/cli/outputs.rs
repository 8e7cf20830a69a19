//! What was there before a command that fails is there afterwards, unchanged.

use crate::support::{Place, TINY};

#[test]
fn a_refused_training_leaves_files_of_a_runs_names_as_they_were() {
    let place = Place::with_faces();
    place.write("mine/run.lock", "mine");
    place.write("mine/notes.txt", "mine too");
    for data in ["faces --preset small --image-size 512", "nothing"] {
        let line = place.fails(&format!("train {data} --out mine {TINY}"));
        assert!(!line.contains("mine/run.lock"), "{line}");
        assert_eq!(place.text("mine/run.lock"), "mine");
        assert_eq!(place.text("mine/notes.txt"), "mine too");
    }
    // too long a name: the folders above it are made first
    place.fails(&format!("train faces --out a/b/{} {TINY}", "x".repeat(300)));
}
