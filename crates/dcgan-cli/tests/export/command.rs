//! The command itself: what it says, what it refuses, what it leaves alone.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Place, TINY, assert_names};

#[test]
fn several_formats_at_once_each_with_a_line() {
    let place = Place::with_run();
    let answer = place
        .run("export run --onnx out/g.onnx --torch out/g.pth --safetensors out/g.safetensors")
        .succeeded();
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", answer.stdout);
    for (line, name) in lines
        .iter()
        .zip(["out/g.onnx", "out/g.pth", "out/g.safetensors"])
    {
        assert_names(line, &["generator of step 4", name, "KiB"]);
    }
    place.assert_same("out/g.safetensors", "run/generator.safetensors");
}

#[test]
fn half_the_size_draws_nearly_the_same() {
    let place = Place::with_run();
    place
        .run("export run --safetensors half.safetensors --half")
        .succeeded();
    let size = |name| fs::metadata(place.path(name)).unwrap().len();
    assert!(size("half.safetensors") < size("run/generator.safetensors") * 3 / 4);
    for (from, to) in [("run", "whole.png"), ("half.safetensors", "half.png")] {
        place
            .run(&format!("sample {from} -n 9 -o {to}"))
            .succeeded();
    }
    let [whole, half] = ["whole.png", "half.png"].map(|name| place.picture(name).into_rgb8());
    let differences = whole.iter().zip(half.iter()).map(|(a, b)| a.abs_diff(*b));
    assert!(differences.max() <= Some(1));
}

#[test]
fn the_average_is_exported_unless_raw_asks_for_the_other_weights() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 4 --report-every 2 --ema=100")
        .succeeded();
    let answer = place
        .run("export run --safetensors average.safetensors")
        .succeeded();
    assert_names(&answer.stdout, &["step 4", "average of weights"]);
    let answer = place
        .run("export run --raw --safetensors raw.safetensors")
        .succeeded();
    assert_names(&answer.stdout, &["step 4", "without averaging"]);
    assert_ne!(
        fs::read(place.path("average.safetensors")).unwrap(),
        fs::read(place.path("raw.safetensors")).unwrap()
    );
    let answer = place
        .run("export run --checkpoint 2 --torch two.pth")
        .succeeded();
    assert_names(&answer.stdout, &["generator of step 2"]);
}

#[test]
fn what_cannot_be_exported_is_refused_in_a_line_and_leaves_nothing() {
    let place = Place::with_run();
    place.write("notes.onnx", "not a model");
    for (command, words) in [
        ("export run", &["--onnx"][..]),
        ("export run --onnx model.txt", &["model.txt", ".onnx"]),
        ("export run --torch model.safetensors", &[".pth", ".pt"]),
        ("export run --onnx notes.onnx", &["exists", "--force"]),
        ("export run --onnx faces", &["faces"]),
        (
            "export run --onnx run/generator.onnx.safetensors",
            &[".onnx"],
        ),
        (
            "export run --safetensors run/generator.safetensors",
            &["belongs to the run"],
        ),
        ("export run --half --onnx a.onnx", &["--safetensors"]),
        (
            "export run --discriminator --onnx a.onnx --uint8",
            &["--uint8"],
        ),
        ("export run --discriminator --hub a", &["--hub"]),
        (
            "export run/discriminator.safetensors --onnx a.onnx",
            &["is a discriminator", "--discriminator"],
        ),
        (
            "export run/generator.safetensors --discriminator --torch a.pth",
            &["is a generator"],
        ),
        ("export run --raw --onnx a.onnx", &["no average", "--raw"]),
        (
            "export run --checkpoint 3 --onnx a.onnx",
            &["no checkpoint of step 3"],
        ),
        ("export rum --onnx a.onnx", &["rum does not exist", "run"]),
        ("export faces --onnx a.onnx", &["faces"]),
    ] {
        let line = place.fails(command);
        assert_names(&line, words);
    }
}

#[test]
fn exported_files_are_replaced_and_others_are_not() {
    let place = Place::with_run();
    for _ in 0..2 {
        place
            .run("export run --onnx a.onnx --torch a.pth")
            .succeeded();
    }
    place
        .run("export run --safetensors a.safetensors")
        .succeeded();
    let line = place.fails("export run --safetensors a.safetensors");
    assert_names(&line, &["exists", "--force"]); // weights may be hours of training
}

#[test]
fn a_run_in_training_is_exported_as_of_its_newest_checkpoint() {
    let place = Place::with_faces();
    let words = format!("train faces --out run --steps 100000 --checkpoint-every 2 {TINY}");
    let mut training = place.command(words.split(' '));
    let mut training = training
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !place
        .path("run/checkpoints/step-000004.safetensors")
        .exists()
    {
        assert!(began.elapsed() < Duration::from_secs(120), "no checkpoint");
        sleep(Duration::from_millis(20));
    }
    let answer = place.run("export run --torch a.pth");
    training.kill().unwrap();
    training.wait().unwrap();
    let answer = answer.succeeded();
    assert_names(&answer.stderr, &["run is still in training"]);
    let step = answer.stdout.split_whitespace().nth(3).unwrap();
    assert!(
        step.trim_end_matches(',').parse::<u64>().unwrap() >= 4,
        "{}",
        answer.stdout
    );
}
