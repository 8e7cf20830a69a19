//! Several runs side by side.

use std::fs;

use crate::support::{Place, assert_names};

/// Runs of four steps with evaluations: two that differ by the seed, and one with another rate.
fn with_runs() -> Place {
    let place = Place::with_faces();
    for (name, settings) in [
        ("one", "--seed 1"),
        ("two", "--seed 2"),
        ("fast", "--seed 1 --learning-rate 0.002"),
    ] {
        let command =
            format!("faces --out {name} --steps 4 --report-every 2 --evaluate-every 2 {settings}");
        place.train(&command).succeeded();
    }
    place
}

#[test]
fn runs_are_compared_in_a_table_a_plot_and_pictures() {
    let place = with_runs();
    let answer = place.run("compare one two fast").succeeded();
    let words = [
        "learning_rate",
        "0.002",
        "SWD x 1000",
        "one, two",
        " ± ",
        "Plot: comparison/plot.png",
        "Pictures: comparison/pictures.png",
    ];
    assert_names(&answer.stdout, &words);
    // the seeds alone do not make a row or a column
    let rows: Vec<&str> = answer.stdout.lines().collect();
    assert!(!rows[0].contains("seed"), "{}", rows[0]);
    assert_eq!(rows.iter().filter(|row| row.contains("0.0")).count(), 2);
    for name in ["plot.png", "pictures.png"] {
        let picture = image::open(place.path("comparison").join(name)).unwrap();
        assert!(picture.width() >= 500, "{name}");
    }
    // its own files are written again
    place.run("compare fast one --seeds 3,5").succeeded();

    let json = place.run("compare one fast --json").succeeded().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["measure"], "SWD x 1000");
    assert_eq!(
        json["rows"][1]["settings"]["training.learning_rate"],
        "0.002"
    );
    assert!(json["rows"][0]["best"]["mean"].as_f64().unwrap() > 0.0);
    assert!(json["rows"][0]["seconds"]["mean"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_commands_of_a_markdown_table_repeat_the_runs() {
    let place = with_runs();
    let answer = place.run("compare one fast --markdown").succeeded();
    assert_names(&answer.stdout, &["| run |", "| --- |", "```sh"]);
    let commands = answer
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("dcgan "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 2);
    assert_names(
        commands[1],
        &["train faces", "--learning-rate 0.002", "--seed 1"],
    );
    let again = format!("{} --out again --threads 1", commands[1]);
    place.run(&again).succeeded();
    let [first, second] = ["fast", "again"]
        .map(|run| fs::read(place.path(run).join("generator.safetensors")).unwrap());
    assert!(first == second);
}

#[test]
fn runs_that_differ_in_many_settings_have_one_column_with_their_options() {
    let place = Place::with_faces();
    for (name, settings) in [
        ("plain", ""),
        ("hinge", "--loss hinge"),
        ("noise", "--instance-noise 0.1"),
        ("twice", "--d-steps 2 --seed 3"),
        ("averaged", "--ema"),
    ] {
        let command =
            format!("faces --out {name} --steps 2 --report-every 1 --evaluate-every 2 {settings}");
        place.train(&command).succeeded();
    }
    let names = ["plain", "hinge", "noise", "twice", "averaged"];
    let answer = place
        .run(&format!("compare {}", names.join(" ")))
        .succeeded();
    let rows: Vec<&str> = answer.stdout.lines().take(6).collect();
    assert!(rows[0].contains("options"), "{}", rows[0]);
    for (row, options) in rows[1..].iter().zip([
        " - ",
        "--loss hinge",
        "--instance-noise 0.1",
        "--d-steps 2",
        "--ema=10000",
    ]) {
        assert!(row.contains(options), "{row}");
        assert!(!row.contains("seed") && !row.contains("every"), "{row}");
    }
    let table = place.run("compare plain hinge noise twice averaged --markdown");
    assert_names(&table.succeeded().stdout, &["| `--loss hinge` |", "| - |"]);
}

#[test]
fn runs_that_cannot_be_compared_are_refused_or_noted() {
    let place = with_runs();
    place
        .train("faces --out old --steps 2 --report-every 1 --evaluate-every never")
        .succeeded();
    let answer = place.run("compare one old").succeeded();
    assert_names(
        &answer.stderr,
        &["not all runs were evaluated", "dcgan evaluate"],
    );
    for (command, words) in [
        ("compare one", &["RUN"][..]),
        ("compare one none", &["none"]),
        ("compare one faces", &["faces", "no run"]),
        ("compare one two --seeds 0-99", &["--seeds", "64"]),
    ] {
        assert_names(&place.fails(command), words);
    }
    fs::create_dir(place.path("taken")).unwrap();
    fs::write(place.path("taken/plot.png"), "mine").unwrap();
    assert_names(
        &place.fails("compare one two --out taken"),
        &["taken/plot.png"],
    );
}
