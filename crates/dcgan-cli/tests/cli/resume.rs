//! Resuming a run.

use std::fs;

use crate::support::{Place, assert_names};

/// Truncates a file to half its length.
fn truncate(place: &Place, name: &str) {
    let whole = place.bytes(name);
    place.write(name, &whole[..whole.len() / 2]);
}

/// Asserts that two runs of six steps ended in the same state.
fn assert_same_end(place: &Place, one: &str, other: &str) {
    for file in [
        "config.toml",
        "metrics.jsonl",
        "losses.png",
        "generator.safetensors",
        "discriminator.safetensors",
        "checkpoints/step-000006.safetensors",
        "samples/step-000006.png",
        "samples/step-000006-real.png",
    ] {
        place.assert_same(&format!("{one}/{file}"), &format!("{other}/{file}"));
    }
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one_bit_for_bit() {
    let place = Place::with_faces();
    let options = "--report-every 3 --flip --crop random";
    place
        .train(&format!("faces --out whole/run --steps 6 {options}"))
        .succeeded();
    place
        .train(&format!("faces --out halves/run --steps 3 {options}"))
        .succeeded();
    place
        .run("train --resume halves/run --steps 6 --threads 1")
        .succeeded();
    assert_eq!(place.files("whole/run"), place.files("halves/run"));
    assert_same_end(&place, "whole/run", "halves/run");
}

#[test]
fn a_resumed_run_prints_the_steps_that_it_will_train() {
    let place = Place::with_run();
    let answer = place
        .run("train --resume run --epochs 3 --threads 1")
        .succeeded();
    assert_names(&answer.stdout, &["steps 5 to 6"]);
    assert_names(&answer.stdout, &["run/samples/step-000006.png"]);
    assert_names(&place.text("run/config.toml"), &["epochs = 3"]);
}

#[test]
fn a_complete_run_says_how_to_continue() {
    let place = Place::with_run();
    let line = place.fails("train --resume run");
    assert_names(&line, &["run", "complete", "4", "--steps", "--epochs"]);
    let line = place.fails("train --resume run --steps 2");
    assert_names(&line, &["complete", "4"]);
}

#[test]
fn a_complete_run_says_so_even_without_its_data() {
    let place = Place::with_run();
    fs::rename(place.path("faces"), place.path("away")).unwrap();
    assert_names(&place.fails("train --resume run"), &["complete"]);
}

#[test]
fn a_directory_without_a_run_cannot_be_resumed() {
    let place = Place::with_faces();
    let line = place.fails("train --resume faces");
    assert_names(&line, &["faces", "no run", "dcgan train"]);
    let line = place.fails("train --resume nowhere");
    assert_names(&line, &["nowhere", "does not exist"]);
}

#[test]
fn a_truncated_checkpoint_is_skipped_for_the_previous_one() {
    let place = Place::with_run();
    place
        .train("faces --out whole/run --steps 6 --report-every 2")
        .succeeded();
    truncate(&place, "run/checkpoints/step-000004.safetensors");
    let answer = place
        .run("train --resume run --steps 6 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &["note: ", "step-000004.safetensors"]);
    assert_names(&answer.stdout, &["steps 3 to 6"]);
    assert_same_end(&place, "whole/run", "run");
}

#[test]
fn a_run_without_an_intact_checkpoint_reports_the_newest_by_name() {
    let place = Place::with_run();
    truncate(&place, "run/checkpoints/step-000002.safetensors");
    truncate(&place, "run/checkpoints/step-000004.safetensors");
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["run", "step-000004.safetensors", "damaged"]);
}

#[test]
fn a_run_killed_before_its_first_checkpoint_can_start_again() {
    let place = Place::with_faces();
    place
        .train("faces --out whole/run --steps 4 --report-every 4")
        .succeeded();
    place
        .train("faces --out run --steps 4 --report-every 4")
        .succeeded();
    for file in place.files("run/checkpoints") {
        fs::remove_file(place.path(&format!("run/checkpoints/{file}"))).unwrap();
    }
    place.run("train --resume run --threads 1").succeeded();
    place.assert_same("whole/run/metrics.jsonl", "run/metrics.jsonl");
}

#[test]
fn moved_data_can_be_given_again_and_is_remembered() {
    let place = Place::with_run();
    fs::rename(place.path("faces"), place.path("moved")).unwrap();
    let line = place.fails("train --resume run --steps 5");
    assert_names(&line, &["faces", "does not exist"]);
    let answer = place
        .run("train moved --resume run --steps 5 --threads 1")
        .succeeded();
    assert_eq!(answer.stderr, "", "the same pictures need no note");
    place
        .run("train --resume run --steps 6 --threads 1")
        .succeeded();
}

#[test]
fn changed_pictures_are_detected() {
    let place = Place::with_run();
    place.write_pictures("faces", 3);
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &["note: ", "pictures"]);
}

#[test]
fn fewer_pictures_than_the_batch_cannot_be_resumed() {
    let place = Place::with_run();
    place.write_pictures("few", 3);
    let line = place
        .run("train few --resume run --steps 5 --threads 1")
        .stderr;
    let error = line.lines().last().unwrap_or_default();
    assert_names(error, &["error: ", "few", "8", "3"]);
    assert!(
        !error.contains("smaller batch"),
        "no option does that: {error}"
    );
}

#[test]
fn the_demo_resumes_without_data() {
    let place = Place::new();
    place
        .train("demo -n 16 --out run --steps 2 --report-every 1")
        .succeeded();
    let answer = place
        .run("train --resume run --steps 3 --threads 1")
        .succeeded();
    assert_eq!(answer.stderr, "");
}

#[test]
fn the_settings_of_a_started_run_cannot_be_changed() {
    let place = Place::with_run();
    for option in [
        "--seed 3",
        "--batch-size 4",
        "--flip",
        "--preset paper",
        "--out x",
    ] {
        let line = place.fails(&format!("train --resume run --steps 5 {option}"));
        assert_names(&line, &["--resume"]);
    }
}

#[test]
fn an_edited_picture_size_does_not_break_a_resumed_run() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 2 --preset pytorch")
        .succeeded();
    let config = place.text("run/config.toml");
    for (old, new) in [
        ("image_size = 64", "image_size = 32"),
        ("channels = 3", "channels = 1"),
    ] {
        place.write("run/config.toml", config.replace(old, new));
        let answer = place.run("train --resume run --steps 3 --threads 1");
        match answer.code {
            Some(0) => {}
            _ => assert_names(&answer.failed(), &["config.toml"]),
        }
    }
}

#[test]
fn a_broken_configuration_is_reported_by_name() {
    let place = Place::with_run();
    for config in ["schema = ", "schema = 99", "schema = 1\n[model]\n"] {
        place.write("run/config.toml", config);
        let line = place.fails("train --resume run --steps 5");
        assert_names(&line, &["run/config.toml"]);
    }
}
