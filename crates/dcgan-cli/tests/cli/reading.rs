//! What is said while many pictures are read for the first time.

use crate::support::Place;

/// The fewest pictures that a log is told of before they are read.
const MANY: usize = 10_000;

/// A directory with a folder `many` of so many pictures, all links to one.
fn place_with(count: usize) -> Place {
    let place = Place::new();
    place.write_pictures("one", 1);
    place.make_links("one/0.png", "many", count);
    place
}

#[test]
fn a_log_says_what_is_awaited_when_many_pictures_are_read_for_the_first_time() {
    let place = place_with(MANY);
    let check = "data check many --no-preview --image-size 8 --json";
    let first = place.run(check).succeeded();
    let line =
        "reading 10000 pictures before anything else; the next time they come from the cache";
    assert!(
        first.stderr.lines().any(|said| said == line),
        "{}",
        first.stderr
    );
    assert!(first.stdout.starts_with('{'), "{}", first.stdout);
    let second = place.run(check).succeeded();
    assert!(!second.stderr.contains("reading"), "{}", second.stderr);
    assert_eq!(second.stdout, first.stdout);

    let pack = "data pack many -o many.pack --image-size 8";
    let packed = place.run(pack).succeeded();
    assert_eq!(
        packed.stderr.lines().next(), // a slow machine says more
        Some("reading 10000 pictures before anything else")
    );
    let quiet = place.run(&format!("{pack} --force --quiet")).succeeded();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn drawn_faces_are_not_said_to_come_from_the_cache() {
    let place = Place::new();
    let planned = place.run("train demo --count 10000 --dry-run").succeeded();
    let said: Vec<&str> = planned.stderr.lines().collect();
    assert!(
        said.contains(&"reading 10000 pictures before anything else"),
        "{said:?}"
    );
}

#[test]
fn a_log_is_silent_about_a_few_pictures() {
    let place = place_with(100);
    let packed = place.run("data pack many -o many.pack").succeeded();
    assert_eq!(packed.stderr, "");
}
