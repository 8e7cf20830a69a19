//! Runs that average the generator's weights (`train --ema`).

use crate::support::{Place, assert_names};

fn averaged() -> Place {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 6 --report-every 3 --ema=20")
        .succeeded();
    place
}

#[test]
fn sampling_uses_the_average_and_raw_uses_the_weights_of_the_step() {
    let place = averaged();
    assert_names(&place.text("run/config.toml"), &["ema = 20"]);
    place
        .train("faces --out plain --steps 6 --report-every 3")
        .succeeded();
    let grid = |run: &str, name: &str| {
        place
            .run(&format!("sample {run} --grid {name}.png --threads 1"))
            .succeeded();
        place.path(&format!("{name}.png"))
    };
    let newest = "checkpoints/step-000006.safetensors";
    grid("run", "average");
    grid(&format!("run/{newest}"), "of-checkpoint");
    grid("run --checkpoint 6", "of-step");
    grid("run --raw", "raw");
    grid(&format!("run/{newest} --raw"), "raw-of-checkpoint");
    // an average changes what is drawn, and nothing else
    grid("plain", "plain");
    for (one, other) in [
        ("average", "of-checkpoint"),
        ("average", "of-step"),
        ("raw", "raw-of-checkpoint"),
        ("raw", "plain"),
    ] {
        place.assert_same(&format!("{one}.png"), &format!("{other}.png"));
    }
    assert!(place.bytes("average.png") != place.bytes("raw.png"));
    for command in [
        "evaluate run --raw --data faces -n 8",
        "interpolate run --raw --seeds 1,2 -o path.png",
    ] {
        place.run(&format!("{command} --threads 1")).succeeded();
    }
}

#[test]
fn a_stopped_run_with_an_average_resumes_bit_for_bit() {
    let place = averaged();
    place
        .train("faces --out parts --steps 4 --report-every 3 --ema=20")
        .succeeded();
    place
        .run("train --resume parts --steps 6 --threads 1")
        .succeeded();
    for file in [
        "generator.safetensors",
        "samples/step-000006.png",
        "metrics.jsonl",
    ] {
        place.assert_same(&format!("run/{file}"), &format!("parts/{file}"));
    }
}

#[test]
fn an_average_that_does_not_exist_or_makes_no_sense_is_refused() {
    let place = Place::with_run();
    let line = place.fails("sample run --raw --grid x.png");
    assert_names(&line, &["step-000004", "no average", "omit --raw"]);
    let line = place.fails("sample run/generator.safetensors --raw --grid x.png");
    assert_names(&line, &["generator.safetensors", "checkpoint is needed"]);
    let line = place.fails("evaluate faces --data faces --raw");
    assert_names(&line, &["--raw is for runs"]);
    let line = place.fails("train --resume run --ema");
    assert_names(&line, &["--resume keeps the run's own settings"]);
    let line = place.fails("train faces --out other --ema=0");
    assert_names(&line, &["half-life", "0"]);
    let text = place.text("run/config.toml");
    let edited = text.replace("seed = 0", "seed = 0\nema = 500");
    place.write("run/config.toml", &edited);
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["training.ema unset → 500", "undo the change"]);
}
