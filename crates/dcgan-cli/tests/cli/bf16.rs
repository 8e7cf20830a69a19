//! Trainings in bf16 on the CPU: by the processor's instructions where it has some, else emulated.

use serde_json::Value;

use crate::devices::listing;
use crate::support::{Answer, Place, assert_names};

/// Networks with layers of every kind: transformed ones, direct ones, and single windows.
const NETWORKS: &str = "--preset pytorch --ngf 16 --ndf 16 --batch-size 8";

/// Whether the processor has the instruction.
pub fn is_in_this_processor(place: &Place) -> bool {
    let devices = listing(place);
    let cpu = devices["devices"].as_array().unwrap().last().unwrap();
    let precisions = cpu["precisions"].as_array().unwrap();
    precisions.contains(&Value::from("bf16"))
}

/// Runs the program where bf16 is emulated if it has to be.
fn run(place: &Place, arguments: &str) -> Answer {
    run_as("1", place, arguments)
}

/// As [`run`], with the emulation of some instructions.
fn run_as(emulated: &str, place: &Place, arguments: &str) -> Answer {
    let mut command = place.command(arguments.split_whitespace());
    let output = command
        .env("DCGAN_EMULATE_BF16", emulated)
        .output()
        .unwrap();
    Answer::new(&command, output).succeeded()
}

/// The lines of a run's metrics.
fn metrics(place: &Place, run: &str) -> Vec<Value> {
    let text = place.text(&format!("{run}/metrics.jsonl"));
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_run_in_bf16_has_similar_losses_and_the_same_bits_with_any_threads_and_resumed() {
    check_run("avx512");
}

#[test]
fn a_run_in_bf16_with_amx_has_similar_losses_and_the_same_bits_with_any_threads_and_resumed() {
    let place = Place::new();
    if is_in_this_processor(&place) {
        eprintln!("skipped: the other test takes what this processor has");
        return;
    }
    check_run("amx");
}

fn check_run(emulated: &str) {
    let place = Place::with_faces();
    let train = |out: &str, options: &str| {
        let line = format!("train faces --out {out} {NETWORKS} --report-every 2 {options}");
        run_as(emulated, &place, &line)
    };
    train("whole", "--steps 6 --precision bf16 --threads 1");
    train("f32", "--steps 6 --threads 1");
    let [narrow, wide] = ["whole", "f32"].map(|run| metrics(&place, run));
    assert_eq!(narrow.len(), wide.len());
    for (narrow, wide) in narrow.iter().zip(&wide) {
        for loss in ["loss_d", "loss_g"] {
            let [narrow, wide] = [narrow, wide].map(|line| line[loss].as_f64().unwrap());
            let near = (narrow - wide).abs() <= 0.05 * wide.abs() + 0.02;
            assert!(near, "{loss} is {narrow} in bf16, {wide} in f32");
        }
    }
    assert_ne!(narrow[0]["loss_d"], wide[0]["loss_d"], "computed in f32");
    assert_names(&place.text("whole/config.toml"), &["precision = \"bf16\""]);

    train("parts", "--steps 3 --precision bf16 --threads 2");
    let resume = "train --resume parts --steps 6 --threads 2";
    run_as(emulated, &place, resume);
    for file in ["metrics.jsonl", "checkpoints/step-000006.safetensors"] {
        place.assert_same(&format!("whole/{file}"), &format!("parts/{file}"));
    }
}

#[test]
fn a_gradient_penalty_is_refused() {
    let place = Place::with_faces();
    let mut command = place
        .command("train faces --out run --precision bf16 --gradient-penalty 1".split_whitespace());
    let output = command.env("DCGAN_EMULATE_BF16", "1").output().unwrap();
    let line = Answer::new(&command, output).failed();
    assert_names(&line, &["--gradient-penalty", "bf16", "--precision"]);
    assert!(!place.path("run").exists());
}

#[test]
fn a_processor_without_bf16_says_so_and_resumes_such_a_run_in_f32() {
    let place = Place::with_faces();
    if is_in_this_processor(&place) {
        eprintln!("skipped: this processor has AVX512-BF16");
        return;
    }
    let answer = run(
        &place,
        "train faces --out run --steps 2 --ngf 4 --ndf 4 --batch-size 8 --precision bf16",
    );
    assert_names(&answer.stderr, &["lacks AVX512-BF16", "emulated", "slower"]);
    assert_names(&run(&place, "devices").stdout, &["f32 bf16", "emulated"]);

    let answer = place.run("train --resume run --steps 4").succeeded();
    assert_names(&answer.stderr, &["bf16", "resuming in f32"]);
    assert!(!place.text("run/config.toml").contains("precision"));
}
