//! How a run is saved: which checkpoints, by which process, and in which schema.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::support::{Answer, Place, TINY, assert_names};

fn checkpoints(place: &Place) -> Vec<u64> {
    let files = place.files("run/checkpoints");
    let digits = |name: &String| name[5..11].parse().expect("a step's number");
    files.iter().map(digits).collect()
}

/// The step whose distance in the metrics is the smallest.
fn best(place: &Place) -> u64 {
    let metrics = place.text("run/metrics.jsonl");
    let lines = metrics.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        (
            line["distance"].as_f64(),
            line["step"].as_u64().expect("a step"),
        )
    });
    let measured = lines.filter_map(|(distance, step)| Some((distance?, step)));
    let best = measured.min_by(|(one, _), (other, _)| one.total_cmp(other));
    best.expect("a report").1
}

#[test]
fn checkpoint_every_n_steps_keeps_the_newest_and_the_best() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 11 --report-every 4 --checkpoint-every 2 --keep 2")
        .succeeded();
    let mut expected = vec![best(&place), 10, 11];
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(checkpoints(&place), expected);
}

#[test]
fn checkpoint_every_accepts_a_time_and_the_end_is_saved_too() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 3 --report-every 2 --checkpoint-every 10h")
        .succeeded();
    // step 2 is the first report, hence the best so far
    assert_eq!(checkpoints(&place), [2, 3]);
    assert_names(
        &place.text("run/config.toml"),
        &["checkpoint_every = \"36000s\""],
    );
}

#[test]
fn saving_options_may_change_on_resume() {
    let place = Place::with_run();
    place
        .run("train --resume run --steps 7 --checkpoint-every 1 --keep 4 --threads 1")
        .succeeded();
    assert_eq!(
        checkpoints(&place)[checkpoints(&place).len() - 4..],
        [4, 5, 6, 7]
    );
    place
        .run("train --resume run --steps 8 --threads 1")
        .succeeded();
    assert!(checkpoints(&place).ends_with(&[5, 6, 7, 8]));
}

#[test]
fn an_invalid_checkpoint_interval_is_refused_with_examples() {
    let place = Place::with_faces();
    for every in ["0", "5d", "soon", "-3"] {
        let line = place.fails(&format!("train faces --checkpoint-every {every}"));
        assert_names(&line, &["--checkpoint-every", "10m"]);
    }
    assert_names(&place.fails("train faces --keep 0"), &["keep"]);
}

#[test]
fn a_corrupt_checkpoint_from_the_future_is_ignored_and_keeps_others_alive() {
    let place = Place::with_run();
    let newest = "run/checkpoints/step-000004.safetensors";
    let mut bytes = place.bytes(newest);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    place.write(newest, &bytes);
    let answer = place
        .run("train --resume run --steps 3 --keep 1 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &["step-000004.safetensors", "checksum"]);
    assert!(place.bytes(newest) == bytes);
    assert!(checkpoints(&place).contains(&3));
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(&answer.stdout, &["steps 4 to 5"]);
}

#[test]
fn a_corrupt_line_of_the_metrics_loses_no_other_line() {
    let place = Place::with_run();
    let metrics = place.text("run/metrics.jsonl");
    let mut lines: Vec<&str> = metrics.lines().collect();
    lines[1] = "{\"step\":2,\u{fffd}";
    place.write("run/metrics.jsonl", lines.join("\n"));
    let told = place.run("doctor run").succeeded();
    assert_names(&told.stdout, &["Left out: 1 line of metrics.jsonl"]);
    place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    let after = place.text("run/metrics.jsonl");
    let after: Vec<&str> = after.lines().collect();
    assert_eq!(after.len(), 4);
    assert_eq!(after[..3], [lines[0], lines[2], lines[3]]);
}

#[test]
fn two_processes_cannot_train_in_one_directory_and_a_killed_one_releases_it() {
    let place = Place::with_faces();
    let options = "--steps 1000000 --report-every 5 --preset pytorch --image-size 32";
    let arguments = format!("train faces --out run {options} {TINY}");
    let mut command = place.command(arguments.split_whitespace());
    let mut first = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !place
        .path("run/checkpoints/step-000005.safetensors")
        .exists()
    {
        std::thread::yield_now();
    }
    let mut second = place.command("train --resume run".split_whitespace());
    let output = second.output().unwrap();
    let line = Answer::new(&second, output).failed();
    assert_names(&line, &["another process", "run"]);
    first.kill().unwrap();
    first.wait().unwrap();
    let step = checkpoints(&place).into_iter().max().unwrap() + 1;
    place
        .run(&format!("train --resume run --steps {step} --threads 1"))
        .succeeded();
}

/// A run directory written by version 0.1.0, before checksums were added.
fn stored(place: &Place, schema: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stored")
        .join(schema);
    fs::create_dir_all(place.path("run/checkpoints")).unwrap();
    for file in [
        "config.toml",
        "metrics.jsonl",
        "generator.safetensors",
        "discriminator.safetensors",
        "checkpoints/step-000002.safetensors",
    ] {
        fs::copy(from.join(file), place.path("run").join(file)).unwrap();
    }
}

#[test]
fn files_of_every_schema_are_read_and_their_runs_resume() {
    // what the version that wrote them continued with, on one kind of processor
    let losses = [[0.671_864_03, 0.697_634_8], [0.669_060_95, 0.694_695_65]];
    for schema in ["schema-1", "schema-2"] {
        let place = Place::new();
        stored(&place, schema);
        for file in ["generator", "discriminator", "checkpoints/step-000002"] {
            let answer = place
                .run(&format!("info run/{file}.safetensors"))
                .succeeded();
            assert_names(
                &answer.stdout,
                &["preset         pytorch", "steps          2"],
            );
        }
        place.run("sample run -n 1 --out drawn").succeeded();
        let answer = place
            .run("train --resume run --steps 4 --threads 1")
            .succeeded();
        assert_eq!(answer.stderr, "", "{schema}");
        assert_names(&answer.stdout, &["steps 3 to 4"]);
        let metrics = place.text("run/metrics.jsonl");
        for (line, losses) in metrics.lines().skip(2).zip(losses) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for (name, expected) in ["loss_d", "loss_g"].into_iter().zip(losses) {
                let found = line[name].as_f64().unwrap();
                assert!((found - expected).abs() < 1e-4, "{schema}: {line}");
            }
        }
        assert_names(
            &place.text("run/config.toml"),
            &["schema = 9", "report_every = 2", "keep = 3"],
        );
    }
}

#[test]
fn a_run_that_becomes_non_finite_rolls_back_three_times_and_then_stops_with_the_reason() {
    let place = Place::with_faces();
    let line = place
        .train("faces --out run --steps 90 --report-every 3 --learning-rate 1 --beta2 0")
        .failed();
    assert_names(&line, &["NaN", "at step", "3 times", "--learning-rate"]);
    let metrics = place.text("run/metrics.jsonl");
    for (line, step) in metrics.lines().zip(1..) {
        assert!(line.starts_with(&format!("{{\"step\":{step},")), "{line}");
        assert!(!line.contains("null"), "what is no number: {line}");
    }
    // noise depends on the checkpoint alone, so the end is the same
    let again = place.run("train --resume run --threads 1").failed();
    assert_eq!(line, again);
}

#[test]
fn a_run_that_has_lost_its_checkpoints_is_not_begun_anew_over_what_it_learned() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 6 --report-every 2")
        .succeeded();
    fs::remove_dir_all(place.path("run/checkpoints")).unwrap();
    let before = place.bytes("run/generator.safetensors");
    let error = place.fails("train --resume run --steps 8");
    assert_names(
        &error,
        &[
            "no checkpoint is left in run",
            "6 steps",
            "start another run",
        ],
    );
    assert_eq!(place.bytes("run/generator.safetensors"), before);
    place.run("sample run -o still.png").succeeded();
    let told = place.run("doctor run").succeeded();
    assert_names(&told.stdout, &["checkpoints are gone"]);
}
