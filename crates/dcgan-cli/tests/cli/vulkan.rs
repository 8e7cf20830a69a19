//! Training and drawing on a GPU, which may be Mesa's software renderer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::devices::listing;
use crate::skip::skip;
use crate::support::{Place, assert_names};

/// A place with faces; `None` if there is no Vulkan device, not even a software renderer.
pub fn place() -> Option<Place> {
    let place = Place::with_faces();
    let there = vulkan(&place).is_some();
    if !there {
        skip("vulkan", "there is no Vulkan device");
    }
    there.then_some(place)
}

/// The first Vulkan device.
fn vulkan(place: &Place) -> Option<Value> {
    let listing = listing(place);
    let mut devices = listing["devices"].as_array().unwrap().iter();
    devices.find(|device| device["name"] == "vulkan:0").cloned()
}

/// Lines of `metrics.jsonl`.
fn metrics(place: &Place, run: &str) -> Vec<Value> {
    let text = place.text(&format!("{run}/metrics.jsonl"));
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn assert_near(one: &Value, other: &Value, tolerance: f64) {
    for loss in ["loss_d", "loss_g"] {
        let [a, b] = [one, other].map(|line| line[loss].as_f64().unwrap());
        assert!((a - b).abs() <= tolerance * a.abs(), "{loss}: {a} and {b}");
    }
}

#[test]
fn a_run_resumes_on_another_device_in_both_directions() {
    let Some(place) = place() else { return };
    let options = "--report-every 2 --seed 3";
    place
        .train(&format!("faces --out whole --steps 6 {options}"))
        .succeeded();
    for (run, devices) in [("there", ["vulkan", "cpu"]), ("back", ["cpu", "vulkan:0"])] {
        let [first, second] = devices;
        place
            .train(&format!(
                "faces --out {run} --steps 3 {options} --device {first}"
            ))
            .succeeded();
        place
            .run(&format!(
                "train --resume {run} --steps 6 --threads 1 --device {second}"
            ))
            .succeeded();
        let [whole, run] = ["whole", run].map(|run| metrics(&place, run));
        let steps: Vec<_> = run
            .iter()
            .map(|line| line["step"].as_u64().unwrap())
            .collect();
        assert_eq!(steps, [1, 2, 3, 4, 5, 6]);
        for (one, other) in whole.iter().zip(&run) {
            assert_near(one, other, 1e-2);
        }
    }
}

#[test]
fn the_host_waits_for_a_gpu_only_at_reports_and_uploads_pictures_ahead() {
    let Some(place) = place() else { return };
    place
        .train("faces --out run --steps 6 --report-every 3 --device vulkan --profile trace.json")
        .succeeded();
    let events: Vec<Value> = serde_json::from_slice(&place.bytes("trace.json")).unwrap();
    let spans = |name: &str| -> Vec<(f64, f64)> {
        let named = events.iter().filter(|event| event["name"] == name);
        named
            .map(|event| {
                let start = event["ts"].as_f64().unwrap();
                (start, start + event["dur"].as_f64().unwrap())
            })
            .collect()
    };
    let (steps, reads) = (spans("step"), spans("read back"));
    assert_eq!((steps.len(), reads.len()), (6, 2));
    assert!(
        reads[0].0 >= steps[2].1 && reads[0].1 <= steps[3].0,
        "after step 3"
    );
    assert!(reads[1].0 >= steps[5].1, "after step 6");
    let uploads = spans("upload pictures");
    assert_eq!(uploads.len(), 6);
    // while the device computes step 3, before the host waits for it
    assert!(uploads[3].0 >= steps[2].1 && uploads[3].1 <= reads[0].0);
    assert_eq!(metrics(&place, "run").len(), 6);
}

#[test]
fn a_gpu_draws_what_the_cpu_draws() {
    let Some(place) = place() else { return };
    place
        .train("faces --out run --steps 2 --report-every 2")
        .succeeded();
    for device in ["cpu", "vulkan"] {
        let sample =
            format!("sample run --seeds 0-5 --format npy --out {device} --device {device}");
        place.run(&sample).succeeded();
    }
    let [cpu, vulkan] = ["cpu", "vulkan"].map(|folder| {
        let files = place.files(folder);
        let name = files.iter().find(|name| name.ends_with(".npy")).unwrap();
        place.bytes(&format!("{folder}/{name}"))
    });
    assert_eq!(cpu.len(), vulkan.len());
    let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 1; // rounding may differ by one level
    assert!(cpu.iter().zip(&vulkan).all(near));
}

#[test]
fn a_run_in_16_bits_has_similar_losses_and_resumes_exactly() {
    let Some(place) = place() else { return };
    let Some(device) = vulkan(&place) else { return };
    let precisions = device["precisions"].as_array().unwrap().clone();
    for (precision, tolerance) in [("f16", 0.005), ("bf16", 0.05)] {
        let options = format!("--report-every 2 --device vulkan --precision {precision}");
        if !precisions.contains(&Value::from(precision)) {
            let answer = place.train(&format!("faces --out no --steps 2 {options}"));
            assert_eq!(answer.code, Some(1));
            assert_names(&answer.stderr, &[precision, "f32"]); // after a note on software
            assert!(!place.path("no").exists());
            continue;
        }
        place
            .train(&format!(
                "faces --out whole-{precision} --steps 6 {options}"
            ))
            .succeeded();
        place
            .train(&format!(
                "faces --out f32-{precision} --steps 6 --report-every 2"
            ))
            .succeeded();
        let [narrow, wide] =
            ["whole", "f32"].map(|run| metrics(&place, &format!("{run}-{precision}")));
        assert_near(&narrow[0], &wide[0], tolerance);
        // with f16, updates that overflow are skipped while the loss scale settles
        for (one, other) in narrow.iter().zip(&wide) {
            assert_near(one, other, 0.05);
        }
        assert_ne!(
            narrow[0]["loss_d"], wide[0]["loss_d"],
            "it is another precision"
        );
        let config = place.text(&format!("whole-{precision}/config.toml"));
        assert_names(&config, &[&format!("precision = \"{precision}\"")]);

        place
            .train(&format!(
                "faces --out parts-{precision} --steps 3 {options}"
            ))
            .succeeded();
        let resume = format!("train --resume parts-{precision} --threads 1");
        place
            .run(&format!("{resume} --steps 6 --device vulkan"))
            .succeeded();
        for file in ["metrics.jsonl", "checkpoints/step-000006.safetensors"] {
            place.assert_same(
                &format!("whole-{precision}/{file}"),
                &format!("parts-{precision}/{file}"),
            );
        }

        if precision == "bf16" && crate::bf16::is_in_this_processor(&place) {
            continue;
        }
        // the CPU does not support it, and resumes in f32
        let answer = place.run(&format!("{resume} --steps 8")).succeeded();
        assert_names(&answer.stderr, &[precision, "resuming in f32"]);
        assert_eq!(metrics(&place, &format!("parts-{precision}")).len(), 8);
        let config = place.text(&format!("parts-{precision}/config.toml"));
        assert!(!config.contains("precision"), "{config}");
    }
}

#[test]
fn a_missing_gpu_is_reported_in_one_line() {
    let Some(place) = place() else { return };
    let line = place.fails("train faces --out run --device vulkan:77");
    assert_names(&line, &["vulkan:77", "vulkan:0", "dcgan devices"]);
    let nowhere = BTreeMap::from([
        ("VK_ICD_FILENAMES", "/nowhere.json"),
        ("VK_DRIVER_FILES", "/nowhere.json"),
    ]);
    let arguments = "train faces --out run --device vulkan".split(' ');
    let output = place.command(arguments).envs(nowhere).output().unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_names(&line, &["no vulkan device", "vulkaninfo"]);
    assert!(!place.path("run").exists());
}

#[test]
fn a_software_renderer_is_reported_as_slow() {
    let Some(place) = place() else { return };
    if vulkan(&place).unwrap()["hardware"] != "software" {
        return skip("software-vulkan", "the Vulkan device is a real GPU");
    }
    let answer = place
        .train("faces --out run --steps 1 --device vulkan")
        .succeeded();
    assert_names(&answer.stderr, &["software renderer", "--device cpu"]);
}
