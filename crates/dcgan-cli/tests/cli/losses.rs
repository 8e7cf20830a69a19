//! `dcgan train --loss`.

use crate::support::{Place, assert_names};

#[test]
fn each_loss_trains_other_networks_and_resumes_bit_for_bit() {
    let place = Place::with_faces();
    let mut generators = Vec::new();
    for loss in ["bce", "hinge", "relativistic"] {
        let train = |run: &str, steps: u64| {
            place
                .train(&format!(
                    "faces --out {loss}-{run} --steps {steps} --report-every 2 --loss {loss}"
                ))
                .succeeded()
        };
        train("whole", 6);
        train("parts", 3);
        place
            .run(&format!(
                "train --resume {loss}-parts --steps 6 --threads 1"
            ))
            .succeeded();
        for file in ["generator.safetensors", "metrics.jsonl"] {
            let [whole, parts] = ["whole", "parts"].map(|run| format!("{loss}-{run}/{file}"));
            place.assert_same(&whole, &parts);
        }
        generators.push(place.bytes(&format!("{loss}-whole/generator.safetensors")));
        place.run(&format!("doctor {loss}-whole")).succeeded();
    }
    assert!(generators[0] != generators[1]);
    assert!(generators[0] != generators[2]);
    assert_names(
        &place.text("hinge-whole/config.toml"),
        &["loss = \"hinge\""],
    );
    assert!(!place.text("bce-whole/config.toml").contains("loss"));
}

#[test]
fn another_loss_is_refused_when_a_run_is_resumed_and_an_unknown_one_always() {
    let place = Place::with_run();
    let text = place.text("run/config.toml");
    let edited = text.replace("seed = 0", "seed = 0\nloss = \"hinge\"");
    place.write("run/config.toml", &edited);
    let line = place.fails("train --resume run --steps 6");
    assert_names(&line, &["training.loss unset → hinge", "undo the change"]);
    let line = place.fails("train faces --out other --loss wasserstein");
    assert_names(&line, &["wasserstein", "bce, hinge, relativistic"]);
}
