//! What a run reports about its health, and what `dcgan doctor` prints. Each condition is provoked
//! by a run that leads to it; the library tests two more.

use serde_json::Value;

use crate::support::{Place, assert_names};

/// Networks for drawn faces of 32 pixels that learn within a thousand quick steps.
const FACES: &str =
    "demo --preset pytorch --image-size 32 --threads 1 --batch-size 16 --learning-rate 0.0004";

/// The conditions in the metrics of a run, each once.
fn conditions(place: &Place, run: &str) -> Vec<String> {
    let metrics = place.text(&format!("{run}/metrics.jsonl"));
    let mut found = Vec::new();
    for line in metrics.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        for name in line["conditions"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap().to_owned();
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// The `--json` of `dcgan doctor`.
fn diagnosis(place: &Place, run: &str) -> Value {
    let answer = place.run(&format!("doctor {run} --json")).succeeded();
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn a_run_of_few_steps_is_called_early_and_not_healthy() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 4 --preset small")
        .succeeded();
    let told = place.run("doctor run").succeeded().stdout;
    assert!(!told.contains("Nothing wrong"), "{told}");
    assert_names(
        &told,
        &[
            "It is early: after 4 steps, pictures are usually still noise or blurs.",
            "They take about 1500 steps",
            "`dcgan train --resume run --steps 4500` trains on.",
        ],
    );
}

#[test]
fn a_healthy_run_has_no_conditions() {
    let place = Place::new();
    let training =
        format!("train {FACES} --ngf 16 --ndf 8 --out run --steps 1200 --report-every 200");
    let answer = place.run(&training).succeeded();
    assert_eq!(answer.stderr, "");
    assert!(!answer.stdout.contains("wrong"), "{}", answer.stdout);
    assert_eq!(conditions(&place, "run"), [""; 0]);
    assert_names(&answer.stdout, &["variety", "distance", "pictures/s"]);

    let told = place.run("doctor run").succeeded().stdout;
    assert_names(
        &told,
        &[
            "run is complete: 1200 of 1200 steps on 2000 pictures",
            "Nothing wrong was found.",
            "Plot: run/doctor.png",
        ],
    );
    let plot = image::open(place.path("run/doctor.png")).unwrap();
    assert!(plot.width() == 900 && plot.height() > 1000);
    let told = diagnosis(&place, "run");
    assert_eq!(told["state"], "complete");
    assert_eq!(told["findings"].as_array().map(Vec::len), Some(0));
    let last = &told["reports"][5];
    assert_eq!(last["step"], 1200);
    let value = |name: &str| last["health"][name].as_f64().unwrap();
    assert!(value("diversity") > 0.6 && value("novelty") > 0.7, "{last}");
    assert!(
        last["gradient_d"].as_f64().unwrap() > 0.0 && last["logit_real"].as_f64().unwrap() > 0.0
    );
}

#[test]
fn a_winning_discriminator_is_reported_with_a_flag_to_try() {
    let place = Place::new();
    let training =
        format!("train {FACES} --ngf 2 --ndf 24 --out run --steps 400 --report-every 100");
    let answer = place.run(&training).succeeded();
    assert!(conditions(&place, "run").contains(&"discriminator-wins".to_owned()));
    assert_names(
        &answer.stdout,
        &["problem: ", "the discriminator wins", "--ndf"],
    );
    let told = place.run("doctor run").succeeded().stdout;
    assert_names(
        &told,
        &["From step", "the discriminator wins", "a smaller --ndf"],
    );
}

#[test]
fn a_generator_with_few_pictures_is_reported_as_partial_collapse() {
    let place = Place::new();
    let training = format!(
        "train {FACES} --ngf 16 --ndf 8 --z-dim 1 --out run --steps 1200 --report-every 200"
    );
    let answer = place.run(&training).succeeded();
    assert_eq!(conditions(&place, "run"), ["partial-collapse"]);
    assert_names(&answer.stdout, &["partly collapsed", "--z-dim"]);
}

#[test]
fn a_run_that_changes_nothing_is_reported_as_frozen() {
    let place = Place::new();
    let training = "train demo --preset pytorch --image-size 32 --threads 1 --batch-size 16 \
        --ngf 4 --ndf 4 --learning-rate 1e-9 --out run --steps 60 --report-every 20";
    let answer = place.run(training).succeeded();
    assert_eq!(conditions(&place, "run"), ["frozen"]);
    assert_names(&answer.stdout, &["frozen", "--learning-rate"]);
}

#[test]
fn oscillating_losses_are_reported() {
    let place = Place::new();
    let training = "train demo --preset pytorch --image-size 32 --threads 1 --batch-size 4 \
        --ngf 16 --ndf 4 --learning-rate 0.01 --beta1 0.9 --out run --steps 600 --report-every 100";
    let answer = place.run(training).succeeded();
    assert!(conditions(&place, "run").contains(&"oscillation".to_owned()));
    assert_names(&answer.stdout, &["the networks oscillate", "--beta1"]);
}

#[test]
fn refused_steps_and_diverged_losses_are_reported() {
    let place = Place::new();
    let training = "train demo --preset pytorch --image-size 32 --threads 1 --batch-size 8 \
        --ngf 4 --ndf 4 --learning-rate 1 --beta2 0 --out run --steps 60 --report-every 20";
    let answer = place.run(training).succeeded();
    assert_eq!(conditions(&place, "run")[..2], ["not-finite", "diverged"]);
    assert_names(
        &answer.stdout,
        &["NaN", "rolled back", "run away", "--learning-rate"],
    );
    let refused = diagnosis(&place, "run")["refused"]
        .as_array()
        .unwrap()
        .len();
    assert!((1..=3).contains(&refused));
}

#[test]
fn a_run_that_gave_up_is_reported_with_the_reason() {
    let place = Place::with_faces();
    let line = place
        .train("faces --out run --steps 90 --report-every 3 --learning-rate 1 --beta2 0")
        .failed();
    let told = place.run("doctor run").succeeded().stdout;
    assert_names(&told, &["run gave up", "NaN", "3 times", "--learning-rate"]);
    let why = diagnosis(&place, "run")["state"]["gave-up"].clone();
    assert!(line.contains(why.as_str().unwrap()), "{line}\n{why}");
}

#[test]
fn too_few_pictures_are_reported() {
    let place = Place::with_run();
    assert_eq!(conditions(&place, "run"), ["too-little-data"]);
    assert_names(
        &place.run("doctor run").succeeded().stdout,
        &["so few pictures", "--flip"],
    );
}

#[test]
fn running_stopped_and_unreported_runs_are_distinguished() {
    let place = Place::with_faces();
    place
        .train("faces --out stopped --steps 4 --report-every 2")
        .succeeded();
    let config = place
        .text("stopped/config.toml")
        .replace("steps = 4", "steps = 9");
    std::fs::write(place.path("stopped/config.toml"), config).unwrap();
    let told = place.run("doctor stopped").succeeded().stdout;
    assert_names(
        &told,
        &[
            "stopped was stopped after 4 of 9 steps",
            "train --resume stopped",
            "from step 4",
        ],
    );

    let arguments = "train faces --out running --steps 1000000 --report-every 1000000 --preset tutorial --ngf 4 --ndf 4";
    let mut child = place
        .command(arguments.split_whitespace())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !place.path("running/metrics.jsonl").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let told = place.run("doctor running").succeeded().stdout;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_names(&told, &["running is training", "no report yet"]);
    assert_eq!(diagnosis(&place, "running")["state"], "stopped");
}

#[test]
fn anything_but_a_run_is_refused_and_out_names_the_plot() {
    let place = Place::with_run();
    let line = place.fails("doctor nowhere");
    assert_names(&line, &["nowhere"]);
    place.run("doctor run -o plot.png").succeeded();
    assert!(place.path("plot.png").exists() && !place.path("run/doctor.png").exists());
    place.run("doctor run -o missing/plot.png").succeeded();
    assert!(place.path("missing/plot.png").exists());
    let line = place.run("doctor run -o plot.png/plot.png").failed();
    assert_names(&line, &["plot.png/plot.png"]);
}

#[test]
fn runs_of_earlier_versions_and_corrupt_checkpoints_are_reported() {
    let place = Place::with_run();
    let metrics = place.text("run/metrics.jsonl");
    let old: Vec<String> = metrics
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let fields = line.as_object_mut().unwrap();
            fields.retain(|name, _| {
                [
                    "step",
                    "epoch",
                    "loss_d",
                    "loss_g",
                    "accuracy_real",
                    "accuracy_fake",
                ]
                .contains(&name.as_str())
            });
            line.to_string()
        })
        .collect();
    std::fs::write(place.path("run/metrics.jsonl"), old.join("\n")).unwrap();
    std::fs::write(
        place.path("run/checkpoints/step-000004.safetensors"),
        "damaged",
    )
    .unwrap();
    let told = place.run("doctor run").succeeded().stdout;
    assert_names(
        &told,
        &["A checkpoint is damaged", "step-000004", "no report yet"],
    );
    assert_eq!(diagnosis(&place, "run")["newest_checkpoint"], 2);
}

#[test]
fn the_doctor_names_and_skips_checkpoints_of_other_runs() {
    let place = Place::with_run();
    place
        .train("faces --out other --steps 9 --preset pytorch --image-size 32")
        .succeeded();
    let foreign = place.bytes("other/checkpoints/step-000009.safetensors");
    place.write("run/checkpoints/step-000009.safetensors", foreign);
    place.write(
        "run/checkpoints/step-000008.safetensors",
        place.bytes("run/generator.safetensors"),
    );
    let report = |command: &str| -> serde_json::Value {
        let answer = place.run(command).succeeded();
        serde_json::from_str(&answer.stdout).unwrap()
    };
    let diagnosis = report("doctor run --json");
    assert_eq!(diagnosis["newest_checkpoint"], 4);
    let [foreign] = diagnosis["foreign"].as_array().unwrap().as_slice() else {
        panic!("{diagnosis}");
    };
    let named = [
        "step-000009.safetensors is a checkpoint of another run",
        "pytorch → tutorial",
    ];
    assert_names(foreign.as_str().unwrap(), &named);
    let answer = place.run("doctor run").succeeded();
    assert_names(&answer.stdout, &named);
    assert_names(&answer.stdout, &["A checkpoint is ignored", "step-000008"]);
    let answer = place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert_names(&answer.stderr, &named);

    // a run without any of its own cannot be resumed from the beginning
    for step in 1..=8 {
        let name = format!("run/checkpoints/step-{step:06}.safetensors");
        let _ = std::fs::remove_file(place.path(&name));
    }
    place.fails("train --resume run --steps 100");
    let answer = place.run("doctor run").succeeded();
    assert!(
        !answer.stdout.contains("from the beginning"),
        "{}",
        answer.stdout
    );
}

#[test]
fn the_advice_cures_a_winning_discriminator() {
    let place = Place::new();
    let training = format!("train {FACES} --ngf 2 --ndf 24 --steps 400 --report-every 100");
    place.run(&format!("{training} --out ill")).succeeded();
    let told = place.run("doctor ill").succeeded().stdout;
    assert_names(&told, &["discriminator wins", "Try --gradient-penalty 1"]);
    let cured = format!("{training} --gradient-penalty 1 --out cured");
    place.run(&cured).succeeded();
    assert_eq!(conditions(&place, "cured"), [""; 0]);
    let [ill, cured] = ["ill", "cured"].map(|run| mean_of_last(&place, run, "loss_d"));
    assert!(ill < 0.05 && cured > 0.2, "D's loss: {ill} and {cured}");
}

#[test]
fn the_advice_cures_a_partial_collapse() {
    let place = Place::new();
    let training = format!("train {FACES} --ngf 16 --ndf 8 --steps 1200 --report-every 200");
    place
        .run(&format!("{training} --z-dim 1 --out ill"))
        .succeeded();
    let told = place.run("doctor ill").succeeded().stdout;
    assert_names(&told, &["partly collapsed", "a larger --z-dim"]);
    let cured = format!("{training} --z-dim 100 --out cured");
    place.run(&cured).succeeded();
    assert_eq!(conditions(&place, "cured"), [""; 0]);
}

#[test]
fn the_advice_keeps_the_discriminator_from_learning_few_pictures_by_heart() {
    let place = Place::new();
    let training = format!("train {FACES} -n 64 --ngf 16 --ndf 16 --steps 800 --report-every 400");
    place.run(&format!("{training} --out ill")).succeeded();
    let told = place.run("doctor ill").succeeded().stdout;
    assert_names(&told, &["so few pictures", "Try --augment full"]);
    let cured = format!("{training} --augment full --out cured");
    place.run(&cured).succeeded();
    let right = |run| mean_of_last(&place, run, "accuracy_real");
    let (ill, cured) = (right("ill"), right("cured"));
    assert!(ill > 0.92 && cured < 0.85, "right on {ill} and {cured}");
}

/// The mean of a measurement over the last 200 steps of a run.
fn mean_of_last(place: &Place, run: &str, name: &str) -> f64 {
    let metrics = place.text(&format!("{run}/metrics.jsonl"));
    let lines = metrics.lines().rev().take(200);
    let values: Vec<f64> = lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line[name].as_f64().unwrap()
        })
        .collect();
    values.iter().sum::<f64>() / values.len() as f64
}
