//! What a user changes in a run directory between two sessions.

use std::fs;

use crate::support::{Place, assert_names, sealed};

const CONFIG: &str = "run/config.toml";

/// Changes the text of `config.toml`, and returns it.
fn edit(place: &Place, old: &str, new: &str) -> String {
    let text = place.text(CONFIG);
    assert!(text.contains(old), "no {old} in {text}");
    let text = text.replace(old, new);
    place.write(CONFIG, &text);
    text
}

#[test]
fn a_resumed_run_follows_an_edited_length_and_keeps_the_file_with_its_comments() {
    let place = Place::with_run();
    let edited = edit(&place, "steps = 4", "steps = 6 # two more");
    let answer = place.run("train --resume run --threads 1").succeeded();
    assert_names(&answer.stdout, &["steps 5 to 6"]);
    assert_names(
        &answer.stderr,
        &["config.toml", "training.length.steps 4 → 6"],
    );
    assert_eq!(place.text(CONFIG), edited);
    let line = place.run("train --resume run").failed();
    assert_names(&line, &["complete", "6"]);
}

#[test]
fn an_option_on_top_of_an_edit_leaves_a_copy_of_the_file_with_comments() {
    let place = Place::with_run();
    let edited = edit(&place, "keep = 3", "# disks are cheap\nkeep = 9");
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(
        &answer.stderr,
        &["saving.keep 3 → 9", "config.before-resume.toml"],
    );
    assert_eq!(place.text("run/config.before-resume.toml"), edited);
    let written = place.text(CONFIG);
    assert_names(&written, &["keep = 9", "steps = 5"]);
    assert!(!written.contains('#'));
}

#[test]
fn edits_of_what_a_run_keeps_are_refused_with_both_values_and_nothing_is_overwritten() {
    let place = Place::with_run();
    let original = place.text(CONFIG);
    for (old, new, words) in [
        ("seed = 0", "seed = 5", "training.seed 0 → 5"),
        (
            "batch_size = 8",
            "batch_size = 4",
            "training.batch_size 8 → 4",
        ),
        ("beta1 = 0.5", "beta1 = 0.6", "training.beta1 0.5 → 0.6"),
        (
            "report_every = 2",
            "report_every = 1",
            "training.report_every 2 → 1",
        ),
        ("flip = false", "flip = true", "data.flip false → true"),
        ("ngf = 4", "ngf = 5", "model.ngf 4 → 5"),
    ] {
        place.write(CONFIG, &original);
        let edited = edit(&place, old, new);
        let line = place.fails("train --resume run --steps 6");
        assert_names(&line, &["run/config.toml", words, "undo the change"]);
        assert_eq!(place.text(CONFIG), edited);
    }
}

#[test]
fn comments_alone_change_nothing_and_are_not_mentioned() {
    let place = Place::with_run();
    edit(&place, "steps = 4", "steps = 6");
    let edited = edit(&place, "[training]", "# my first run\n[training] # slow");
    place.run("train --resume run --threads 1").succeeded();
    assert_eq!(place.text(CONFIG), edited);
    assert!(!place.path("run/config.before-resume.toml").exists());
}

#[test]
fn deleted_and_damaged_metrics_are_mentioned() {
    let place = Place::with_run();
    let whole = place.text("run/metrics.jsonl");
    let resume = |steps: u64| {
        place
            .run(&format!("train --resume run --steps {steps} --threads 1"))
            .succeeded()
            .stderr
    };
    let damaged = whole.replacen("\"step\":2", "\"stop\":2", 1);
    place.write("run/metrics.jsonl", &damaged);
    assert_names(
        &resume(5),
        &[
            "metrics.jsonl lacks 1 of the 4",
            "run/metrics.damaged.jsonl",
        ],
    );
    assert_eq!(place.text("run/metrics.damaged.jsonl"), damaged);
    assert_eq!(place.text("run/metrics.jsonl").lines().count(), 4);

    fs::remove_file(place.path("run/metrics.jsonl")).unwrap();
    assert_names(&resume(6), &["metrics.jsonl lacks 5 of the 5"]);
    let half = place.text("run/metrics.jsonl");
    place.write("run/metrics.jsonl", &half[..half.len() / 2]);
    assert_names(&resume(7), &["metrics.jsonl lacks 6 of the 6"]);
}

#[test]
fn a_checkpoint_of_another_run_is_named_and_the_runs_own_are_used() {
    let place = Place::with_run();
    place
        .train("faces --out other --steps 2 --preset pytorch --image-size 32")
        .succeeded();
    place
        .train("faces --out seeded --steps 2 --report-every 2 --seed 1")
        .succeeded();
    let own = place.files("run/checkpoints");
    let foreign = |run: &str| place.bytes(&format!("{run}/checkpoints/step-000002.safetensors"));
    place.write("run/checkpoints/step-000008.safetensors", foreign("other"));
    place.write("run/checkpoints/step-000009.safetensors", foreign("seeded"));
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    for words in [
        [
            "step-000008.safetensors is a checkpoint of another run",
            "pytorch → tutorial",
        ],
        [
            "step-000009.safetensors is a checkpoint of another run",
            "training.seed 1 → 0",
        ],
    ] {
        assert_names(&answer.stderr, &words);
    }
    assert_names(&answer.stdout, &["steps 5 to 5"]);

    for name in own
        .iter()
        .map(String::as_str)
        .chain(["step-000005.safetensors"])
    {
        let _ = fs::remove_file(place.path(&format!("run/checkpoints/{name}")));
    }
    let line = place.fails("train --resume run --steps 6");
    assert_names(
        &line,
        &["config.toml", "step-000009.safetensors", "another run"],
    );
}

/// A file with the first value of a tensor replaced, and a correct checksum.
fn with_value(bytes: &[u8], tensor: &str, value: f32) -> Vec<u8> {
    let json_length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&bytes[8..8 + json_length]).unwrap();
    let offset = &json[tensor]["data_offsets"][0];
    let start = 8 + json_length + offset.as_u64().expect(tensor) as usize;
    let mut changed = bytes.to_vec();
    changed[start..start + 4].copy_from_slice(&value.to_le_bytes());
    sealed(&changed)
}

#[test]
fn negative_variances_are_refused_with_the_tensor() {
    let place = Place::with_run();
    let generator = place.bytes("run/generator.safetensors");
    place.write(
        "bad.safetensors",
        with_value(&generator, "gen.1.1.running_var", -1.0),
    );
    let line = place.fails("sample bad.safetensors -n 1 --out drawn");
    assert_names(
        &line,
        &["bad.safetensors", "gen.1.1.running_var", "negative"],
    );

    let newest = "run/checkpoints/step-000004.safetensors";
    let checkpoint = place.bytes(newest);
    let tensor = "adam.generator.second.gen.0.0.weight";
    place.write(newest, with_value(&checkpoint, tensor, -1e-8));
    let answer = place
        .run("train --resume run --steps 6 --threads 1")
        .succeeded();
    assert_names(
        &answer.stderr,
        &["step-000004.safetensors", tensor, "negative"],
    );
    assert_names(&answer.stdout, &["steps 3 to 6"]);
}

#[test]
fn finite_weights_that_draw_nan_are_refused_instead_of_drawing_black_pictures() {
    let place = Place::with_run();
    let generator = place.bytes("run/generator.safetensors");
    // infinity minus infinity in the next layer
    let large = with_value(&generator, "gen.0.0.weight", 3e38);
    let large = with_value(&large, "gen.0.1.weight", 3e38);
    place.write(
        "bad.safetensors",
        with_value(&large, "gen.0.1.running_var", 0.0),
    );
    let line = place.fails("sample bad.safetensors -n 1 --out drawn");
    assert_names(&line, &["bad.safetensors", "NaN or infinite"]);
}
