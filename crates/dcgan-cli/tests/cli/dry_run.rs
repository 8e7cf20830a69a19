//! `dcgan train --dry-run`.

use crate::support::{Place, TINY_TUTORIAL, assert_names};

#[test]
fn the_plan_has_settings_memory_and_time_and_writes_nothing() {
    let place = Place::with_faces();
    place.write("faces/broken.png", "no picture");
    let before = place.tree(".");
    let answer = place
        .run(&format!(
            "train faces --out run --steps 40 --ema --dry-run {TINY_TUTORIAL}"
        ))
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "preset = \"tutorial\"",
            "steps = 40",
            "ema = 10000",
            "16 pictures (1 cannot be read)",
            "memory: an estimated",
            "time: 40 steps of ",
            "in all",
            "the run would be in run; nothing was written",
        ],
    );
    assert_eq!(place.tree("."), before);
}

#[test]
fn the_plan_adapts_to_the_data_as_the_run_does_and_names_a_run_in_the_way() {
    let place = Place::with_run();
    let answer = place
        .run("train faces --out run --preset small --ngf 4 --ndf 4 --threads 1 --dry-run")
        .succeeded();
    assert_names(
        &answer.stdout,
        &["batch_size = 16", "run holds a run already"],
    );
    assert_names(
        &answer.stderr,
        &["chosen for 16 pictures: --batch-size 16 instead of 128 (there are no more)"],
    );
}

#[test]
fn a_plan_that_cannot_be_made_fails_as_the_run_would() {
    let place = Place::with_run();
    let line = place.fails("train nowhere --dry-run");
    assert_names(&line, &["nowhere"]);
    const WIDE: &str = "--preset paper --image-size 256 --ngf 1024 --ndf 1024 --z-dim 4096";
    let line = place.fails(&format!(
        "train faces --out new {WIDE} --batch-size 16 --dry-run"
    ));
    assert_names(&line, &["batches of 16", "GiB"]);
    place.run("demo-data alone -n 1").succeeded();
    let line = place.run("train alone --out new --dry-run").failed();
    assert_eq!(line, place.run("train alone --out new").failed());
    let line = place.fails("train --resume run --dry-run");
    assert_names(&line, &["--dry-run", "--resume"]);
}

#[test]
fn few_pictures_make_a_run_of_enough_steps_for_pictures_by_default() {
    let place = Place::with_faces();
    let answer = place.train("faces --out run --dry-run").succeeded();
    assert_names(&answer.stdout, &["steps = 3000", "time: 3000 steps of "]);
    assert_names(
        &answer.stderr,
        &["--steps 3000 (50 epochs would be 100 steps, too few)"],
    );
    // what is asked for is done
    let answer = place
        .train("faces --out run --epochs 2 --dry-run")
        .succeeded();
    assert_names(&answer.stdout, &["epochs = 2"]);
}
