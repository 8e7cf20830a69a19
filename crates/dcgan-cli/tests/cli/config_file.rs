//! `dcgan train --config`.

use crate::support::{Place, assert_names};

#[test]
fn a_run_from_another_runs_settings_is_the_same_run() {
    let place = Place::with_faces();
    place
        .train("faces --out one --steps 4 --report-every 2 --flip --ema=50 --loss hinge --seed 7")
        .succeeded();
    for (config, out) in [("one/config.toml", "two"), ("one", "three")] {
        place
            .run(&format!("train --config {config} --out {out} --threads 1"))
            .succeeded();
        for file in ["config.toml", "metrics.jsonl", "generator.safetensors"] {
            place.assert_same(&format!("one/{file}"), &format!("{out}/{file}"));
        }
    }
}

#[test]
fn options_and_data_override_the_settings_of_the_file() {
    let place = Place::with_run();
    place.run("demo-data others -n 12 --seed 5").succeeded();
    place
        .run(
            "train others --config run/config.toml --steps 3 --seed 2 --learning-rate-d 0.001 \
             --flip --threads 1 --out new",
        )
        .succeeded();
    let text = place.text("new/config.toml");
    assert_names(
        &text,
        &[
            "steps = 3",
            "seed = 2",
            "learning_rate_d = 0.001",
            "flip = true",
            "others",
            // of the file
            "ngf = 4",
            "batch_size = 8",
            "report_every = 2",
        ],
    );
    // the last of a flag and its opposite counts
    for (options, flip) in [("--no-flip", false), ("--no-flip --flip", true)] {
        let command = format!("train --config new {options} --dry-run --threads 1");
        let answer = place.run(&command).succeeded();
        assert_names(&answer.stdout, &[&format!("flip = {flip}")]);
    }
    // another preset comes with its own sizes
    let answer = place
        .run("train --config run --preset small --out small --dry-run --threads 1")
        .succeeded();
    assert_names(&answer.stdout, &["preset = \"small\"", "ngf = 24"]);
}

#[test]
fn a_file_that_is_no_configuration_is_refused() {
    let place = Place::with_run();
    place.write("broken.toml", "schema = 9\n[model");
    place.write("newer.toml", "schema = 900\n");
    for (command, words) in [
        ("train --config nowhere.toml --out x", "nowhere.toml"),
        ("train --config faces --out x", "faces/config.toml"),
        ("train --config broken.toml --out x", "broken.toml"),
        ("train --config newer.toml --out x", "900"),
        ("train --config run --demo-faces 5 --out x", "--count"),
        ("train --config run --resume run", "--resume"),
    ] {
        let line = place.fails(command);
        assert_names(&line, &[words]);
    }
}

#[test]
fn all_that_a_file_has_switched_on_can_be_switched_off() {
    let place = Place::with_faces();
    let on = "--flip --spectral-norm --reuse-noise --sync-batch-norm --ema --gradient-penalty 1 --lecam 0.1";
    place
        .train(&format!("faces --out on --steps 1 {on}"))
        .succeeded();
    let off = "--no-flip --no-spectral-norm --no-reuse-noise --no-sync-batch-norm --no-ema --gradient-penalty 0 \
               --lecam 0";
    place.train("faces --out plain --steps 1").succeeded();
    place
        .run(&format!("train --config on --out off --threads 1 {off}"))
        .succeeded();
    place.assert_same("plain/config.toml", "off/config.toml");
}
