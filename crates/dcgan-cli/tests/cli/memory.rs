//! Runs that exceed memory.

use serde_json::Value;

use crate::support::{Place, TINY_TUTORIAL, assert_names};

/// 512 grey pictures of one pixel, as a NumPy array.
fn place() -> Place {
    let place = Place::new();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (512, 1, 1), }\n";
    let mut array = b"\x93NUMPY\x01\0".to_vec();
    array.extend((header.len() as u16).to_le_bytes());
    array.extend(header.as_bytes());
    array.extend((0..512).map(|number| number as u8));
    place.write("data.npy", array);
    place
}

/// Networks that need about half a TiB for a batch of 512, which no test machine has.
const WIDE: &str = "--preset pytorch --image-size 256 --ngf 1024 --ndf 1024 --no-cache";

#[test]
fn a_run_that_exceeds_memory_is_refused_before_it_starts() {
    let place = place();
    let line = place.fails(&format!("train data.npy --out run --batch-size 512 {WIDE}"));
    assert_names(
        &line,
        &[
            "batches of 512",
            "GiB",
            "--ngf",
            "--image-size",
            "--ignore-memory",
        ],
    );
    assert!(!place.path("run").exists());
}

#[test]
fn the_largest_batch_that_fits_is_suggested() {
    // a batch of 60,000 takes about 3 TiB
    let options = "--preset pytorch --image-size 256 --batch 60000";
    let line = Place::new().fails(&format!("bench train {options}"));
    assert_names(
        &line,
        &["batches of 60000", "batches of up to ", "would fit"],
    );
}

#[test]
fn a_run_that_fits_trains_without_a_note() {
    let place = Place::with_faces();
    let answer = place.train("faces --out run --steps 1").succeeded();
    assert_eq!(answer.stderr, "");
    place
        .run(&format!(
            "train faces --out other --steps 1 --ignore-memory {TINY_TUTORIAL}"
        ))
        .succeeded();
}

#[test]
#[cfg(target_os = "linux")]
fn the_estimate_is_close_to_the_measured_memory() {
    use dcgan::config::{ModelConfig, Preset};
    use dcgan::memory::MemoryEstimate;

    for (preset, batch) in [(Preset::Small, 256), (Preset::Pytorch, 64)] {
        let arguments = format!("bench train --preset {preset} --batch {batch} --steps 1 --json");
        let answer = Place::new()
            .run(&format!("{arguments} --threads 2"))
            .succeeded();
        let json: Value = serde_json::from_str(&answer.stdout).unwrap();
        let measured = json["peak_memory_mib"].as_f64().unwrap();
        let estimate = MemoryEstimate::of_training(&ModelConfig::new(preset));
        let estimate = estimate.without_reports().bytes(batch) as f64 / (1 << 20) as f64;
        let ratio = estimate / measured;
        println!("{preset} {batch}: {estimate:.0} MiB estimated, {measured:.0} MiB measured");
        assert!(
            (0.7..1.5).contains(&ratio),
            "{preset}: {estimate} for {measured}"
        );
    }
}
