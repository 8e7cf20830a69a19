//! Event files, read by TensorBoard.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde_json::Value;

use crate::python::{check_exports, python_with};
use crate::support::Place;

/// What TensorBoard reads of a run; `None` without it.
fn read(place: &Place, run: &str) -> Option<Value> {
    let python = python_with("python", &["tensorboard"])?;
    let folder = place.path(run).join("tensorboard");
    let printed = check_exports(python, "tensorboard", &[&*folder]);
    Some(serde_json::from_str(&printed).unwrap())
}

/// Asserts that TensorBoard reads the losses of `metrics.jsonl`, each step once.
fn assert_has_all_steps(place: &Place, run: &str, read: &Value) {
    let lines = fs::read_to_string(place.path(run).join("metrics.jsonl")).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (tag, name) in [
        ("loss/generator", "loss_g"),
        ("accuracy/real", "accuracy_real"),
    ] {
        let points = read["scalars"][tag].as_array().unwrap();
        assert_eq!(points.len(), lines.len(), "{tag}");
        for (point, line) in points.iter().zip(&lines) {
            assert_eq!(point[0], line["step"]);
            let [point, line] =
                [&point[1], &line[name]].map(|value| value.as_f64().unwrap() as f32);
            assert_eq!(point, line, "{tag}");
        }
    }
    let steps: Vec<&Value> = lines.iter().map(|line| &line["step"]).collect();
    let in_files = read["steps_in_files"].as_array().unwrap();
    assert_eq!(
        in_files.iter().collect::<Vec<_>>(),
        steps,
        "the files have steps twice"
    );
}

fn steps(points: &Value) -> Vec<u64> {
    let points = points.as_array().unwrap().iter();
    points.map(|point| point[0].as_u64().unwrap()).collect()
}

#[test]
fn tensorboard_reads_everything_once_after_a_kill() {
    let place = Place::with_faces();
    let options = "--report-every 2 --evaluate-every 4 --checkpoint-every 2 --keep 9";
    place
        .train(&format!(
            "faces --out run --steps 8 --tensorboard {options}"
        ))
        .succeeded();
    // as if it had been killed while step 7 was written, after the checkpoint of step 4
    for step in ["000006", "000008"] {
        fs::remove_file(place.path(&format!("run/checkpoints/step-{step}.safetensors"))).unwrap();
    }
    let events = place.files("run/tensorboard");
    let path = place.path("run/tensorboard").join(events.first().unwrap());
    let length = path.metadata().unwrap().len();
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length - 9)
        .unwrap();
    place
        .run("train --resume run --steps 10 --threads 1")
        .succeeded();
    assert_eq!(place.files("run/tensorboard").len(), 2);

    let Some(read) = read(&place, "run") else {
        return;
    };
    assert_has_all_steps(&place, "run", &read);
    assert_eq!(
        steps(&read["scalars"]["report/diversity"]),
        [2, 4, 6, 8, 10]
    );
    assert_eq!(steps(&read["scalars"]["report/contrast"]), [2, 4, 6, 8, 10]);
    assert_eq!(steps(&read["scalars"]["evaluation/swd"]), [4, 8]);
    let fakes = &read["pictures"]["pictures/fake"];
    assert_eq!(steps(fakes), [2, 4, 6, 8, 10]);
    let grid = place.picture("run/samples/step-000002.png");
    assert_eq!(
        (&fakes[0][1], &fakes[0][2]),
        (&grid.width().into(), &grid.height().into())
    );
    assert_eq!(steps(&read["pictures"]["pictures/real"]).len(), 1);
    let config = read["texts"]["config"][0].as_str().unwrap();
    assert!(config.contains("report_every = 2"), "{config}");
}

#[test]
fn a_run_that_had_none_gets_all_of_its_steps_when_it_is_resumed() {
    let place = Place::with_run();
    let log = place.path("run/tensorboard");
    place
        .run("train --resume run --steps 5 --threads 1")
        .succeeded();
    assert!(!log.exists());
    place
        .run("train --resume run --steps 6 --threads 1 --tensorboard")
        .succeeded();
    let mut half = OpenOptions::new()
        .append(true)
        .open(log.join(place.files("run/tensorboard").first().unwrap()))
        .unwrap();
    half.write_all(&[7; 20]).unwrap(); // a record that a killed process left
    place
        .run("train --resume run --steps 7 --threads 1")
        .succeeded();
    if let Some(read) = read(&place, "run") {
        assert_has_all_steps(&place, "run", &read);
        assert_eq!(steps(&read["pictures"]["pictures/fake"]), [2, 4, 5, 6, 7]);
    }
}
