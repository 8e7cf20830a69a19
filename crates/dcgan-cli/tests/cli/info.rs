//! What `dcgan info` prints.

use crate::support::{Place, assert_names};

#[test]
fn a_generator_is_described_by_preset_shapes_parameters_steps_and_data() {
    let place = Place::with_run();
    let answer = place.run("info run/generator.safetensors").succeeded();
    let told = [
        "generator",
        "tutorial",
        "64x64",
        "62270 parameters",
        "16 pictures",
        "faces",
        "gen.0.0.weight",
        "[100, 32, 4, 4]",
        "gen.4.1.running_var",
    ];
    assert_names(&answer.stdout, &told);
    let steps = answer.stdout.lines().find(|line| line.starts_with("steps"));
    assert_eq!(
        steps.map(|line| line.split_whitespace().last()),
        Some(Some("4"))
    );
    assert!(!answer.stdout.contains("disc."));
}

#[test]
fn a_discriminator_is_described_likewise() {
    let place = Place::with_run();
    let answer = place.run("info run/discriminator.safetensors").succeeded();
    let told = [
        "discriminator",
        "tutorial",
        "7237 parameters",
        "disc.0.0.weight",
        "[4, 3, 4, 4]",
    ];
    assert_names(&answer.stdout, &told);
}

#[test]
fn a_checkpoint_is_described_with_both_networks_and_the_training() {
    let place = Place::with_run();
    let answer = place
        .run("info run/checkpoints/step-000002.safetensors")
        .succeeded();
    let told = [
        "checkpoint",
        "62270 parameters",
        "7237 parameters",
        "batch size 8",
        "loss bce",
        "0.0002",
        "seed 0",
        "generator.gen.0.0.weight",
        "discriminator.disc.0.0.weight",
    ];
    assert_names(&answer.stdout, &told);
}

#[test]
fn a_run_directory_is_described_by_its_generator() {
    let place = Place::with_run();
    let answer = place.run("info run").succeeded();
    assert_names(&answer.stdout, &["run", "generator", "62270 parameters"]);
}

#[test]
fn every_preset_is_described_by_its_name() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 1 --preset pytorch --image-size 32")
        .succeeded();
    let answer = place.run("info run").succeeded();
    assert_names(&answer.stdout, &["pytorch", "32x32", "main.0.weight"]);
}

#[test]
fn anything_but_a_weight_file_is_refused_by_name() {
    let place = Place::with_run();
    for path in ["nowhere", "faces", "run/config.toml", "run/losses.png"] {
        assert_names(&place.fails(&format!("info {path}")), &[path]);
    }
}

#[test]
fn what_is_no_weight_file_is_named_for_what_it_is() {
    let place = Place::with_run();
    place.run("export run --onnx faces.onnx").succeeded();
    let error = place.fails("info faces.onnx");
    assert_names(&error, &["ONNX model", "give the run"]);
    std::fs::create_dir(place.path("early")).unwrap();
    for file in ["config.toml", "metrics.jsonl"] {
        std::fs::copy(
            place.path(&format!("run/{file}")),
            place.path(&format!("early/{file}")),
        )
        .unwrap();
    }
    for command in ["info early", "sample early", "export early --onnx f.onnx"] {
        let error = place.fails(command);
        assert_names(&error, &["without a report", "dcgan train --resume early"]);
    }
}
