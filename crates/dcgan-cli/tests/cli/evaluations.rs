//! Runs that are evaluated while they train.

use std::fs;

use serde_json::Value;

use crate::support::{Place, assert_names};

fn lines(place: &Place, run: &str) -> Vec<Value> {
    let text = fs::read_to_string(place.path(run).join("metrics.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const EVALUATED: &str = "faces --report-every 3 --evaluate-every 2 --keep 1";

#[test]
fn evaluations_are_in_the_metrics_and_the_best_checkpoint_is_kept() {
    let place = Place::with_faces();
    let answer = place
        .train(&format!("{EVALUATED} --steps 9 --out run"))
        .succeeded();
    assert_names(
        &answer.stdout,
        &["evaluation at step 2: SWD x 1000", "16 pictures a side"],
    );
    let evaluated: Vec<(u64, f64)> = lines(&place, "run")
        .iter()
        .filter_map(|line| {
            let swd = line["evaluation"]["swd"].as_f64()?;
            Some((line["step"].as_u64()?, swd))
        })
        .collect();
    let steps: Vec<u64> = evaluated.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [2, 4, 6, 8]);
    let best = evaluated
        .iter()
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .unwrap()
        .0;
    let saved = place.files("run/checkpoints");
    assert!(
        saved.contains(&format!("step-{best:06}.safetensors")),
        "{saved:?}"
    );

    // the weights of any kept checkpoint can be drawn
    for choice in ["best".to_owned(), "newest".to_owned(), best.to_string()] {
        let command = format!("sample run --checkpoint {choice} -n 2 --grid {choice}.png");
        let answer = place.run(&command).succeeded();
        let step = if choice == "newest" { 9 } else { best };
        assert_names(&answer.stdout, &[&format!("of step {step}")]);
    }
    let line = place.fails("sample run --checkpoint 7 -n 1 --grid 7.png");
    assert_names(&line, &["step 7", "give one of"]);
    let line = place.fails("sample run/generator.safetensors --checkpoint best --grid g.png");
    assert_names(&line, &["--checkpoint", "not the directory of a run"]);
    let doctor = place.run("doctor run --json").succeeded().stdout;
    let doctor: Value = serde_json::from_str(&doctor).unwrap();
    assert_eq!(doctor["best"]["measure"], "swd");
    assert_eq!(doctor["best"]["step"], best);
}

#[test]
fn a_stopped_run_has_the_evaluations_of_one_that_was_not() {
    let place = Place::with_faces();
    place
        .train(&format!("{EVALUATED} --steps 8 --out whole"))
        .succeeded();
    place
        .train(&format!("{EVALUATED} --steps 3 --out parts"))
        .succeeded();
    place
        .run("train --resume parts --steps 8 --threads 1")
        .succeeded();
    let [whole, parts] =
        ["whole", "parts"].map(|run| fs::read(place.path(run).join("metrics.jsonl")).unwrap());
    assert!(whole == parts);
    // times go on from where they were
    let times = fs::read_to_string(place.path("parts/times.jsonl")).unwrap();
    let seconds: Vec<f64> = times
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["seconds"]
                .as_f64()
                .unwrap()
        })
        .collect();
    assert!(seconds.is_sorted() && seconds.len() >= 5, "{seconds:?}");
}

#[test]
fn evaluations_can_be_changed_and_switched_off_when_a_run_is_resumed() {
    let place = Place::with_faces();
    place
        .train(&format!("{EVALUATED} --steps 2 --out run"))
        .succeeded();
    place
        .run("train --resume run --steps 6 --evaluate-every never --threads 1")
        .succeeded();
    place
        .run("train --resume run --steps 9 --evaluate-every 3 --threads 1")
        .succeeded();
    let metrics = lines(&place, "run");
    let evaluated = metrics.iter().filter(|line| line["evaluation"].is_object());
    let steps: Vec<u64> = evaluated
        .map(|line| line["step"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [2, 9]);
    for every in ["sometimes", "0", "-1"] {
        let line = place.fails(&format!("train faces --evaluate-every={every}"));
        assert_names(&line, &["--evaluate-every"]);
    }
    let line = place.fails("train faces --evaluate-every 2 --inception run/config.toml --out new");
    assert_names(&line, &["run/config.toml"]);
}
