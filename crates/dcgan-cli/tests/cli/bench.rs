//! What `dcgan bench` prints. No test depends on the speed of the machine.

use serde_json::Value;

use crate::support::{Answer, Place, assert_names};

/// The one JSON object on standard output.
fn json(answer: &Answer) -> Value {
    let mut lines = answer.stdout.lines();
    let value = serde_json::from_str(lines.next().expect("a line")).expect("JSON");
    assert_eq!(lines.next(), None);
    value
}

fn sum_of_shares(table: &Value) -> f64 {
    let rows = table.as_array().expect("a table");
    let shares = rows
        .iter()
        .map(|row| row["share"].as_f64().expect("a share"));
    shares
        .inspect(|share| assert!((0.0..=1.0).contains(share), "{table}"))
        .sum()
}

#[test]
fn training_prints_pictures_per_second_and_the_cost_of_a_step() {
    let answer = Place::new().run("bench train --preset small --batch 2 --steps 2 --threads 1");
    let words = [
        "train, preset small, 64x64, batch 2, f32, 1 thread, 2 steps",
        "pictures/s",
        "ms a step",
        "GFLOP a step",
        "GFLOP/s",
    ];
    assert_names(&answer.succeeded().stdout, &words);
}

#[test]
fn a_batch_of_one_is_reported_in_milliseconds_per_picture() {
    let answer = Place::new().run("bench sample --preset small --batch 1 --steps 1");
    assert_names(
        &answer.succeeded().stdout,
        &["sample, preset small", "ms a picture"],
    );
}

#[test]
fn the_json_of_training_has_every_figure() {
    let answer = Place::new()
        .run("bench train --preset small --channels 1 --batch 4 --steps 3 --threads 2 --json")
        .succeeded();
    let found = json(&answer);
    assert_eq!(found["work"], "train");
    assert_eq!(found["preset"], "small");
    assert_eq!(found["channels"], 1);
    assert_eq!(found["batch_size"], 4);
    assert_eq!(found["threads"], 2);
    assert_eq!(found["seconds"].as_array().map(Vec::len), Some(3));
    for key in [
        "median_seconds",
        "pictures_per_second",
        "gflop_per_step",
        "gflop_per_second",
    ] {
        assert!(
            found[key].as_f64().is_some_and(|value| value > 0.0),
            "{key}"
        );
    }
    let memory = &found["peak_memory_mib"];
    if cfg!(target_os = "linux") {
        assert!(memory.as_f64().is_some_and(|mib| mib > 1.0));
    } else {
        assert!(memory.is_null() || memory.is_f64());
    }
    assert!(found["profile"].is_null());
}

#[test]
fn the_shares_of_a_profile_add_up_to_the_whole() {
    for work in ["train --batch 8", "sample --batch 8"] {
        let command = format!("bench {work} --preset small --steps 2 --profile --json");
        let profile = &json(&Place::new().run(&command).succeeded())["profile"];
        for table in ["operations", "parts"] {
            let sum = sum_of_shares(&profile[table]);
            assert!((0.999..=1.001).contains(&sum), "{work}, {table}: {sum}");
        }
    }
}

#[test]
fn a_profile_names_layers_and_kinds_of_work() {
    let answer = Place::new().run("bench train --preset small --batch 4 --steps 1 --profile");
    let words = [
        "operation",
        "calls/step",
        "conv_transpose2d 192→96, 4→8: forward",
        "between the operations",
        "matrix products (GEMM)",
        "waiting, Burn, and the rest",
    ];
    assert_names(&answer.succeeded().stdout, &words);
}

#[test]
fn a_trained_generator_can_be_measured() {
    let place = Place::with_run();
    let answer = place
        .run("bench sample --run run --batch 2 --steps 1 --json")
        .succeeded();
    let found = json(&answer);
    assert_eq!(found["ngf"], 4);
    assert_eq!(found["work"], "sample");
}

#[test]
fn batches_and_steps_out_of_range_are_refused_with_their_ranges() {
    let place = Place::new();
    for (arguments, words) in [
        ("train --batch 0", ["0", "between 2 and 65536"]),
        ("train --batch 1", ["1", "between 2 and 65536"]),
        ("train --batch 65537", ["65537", "between 2 and 65536"]),
        ("sample --batch 0", ["0", "between 1 and 65536"]),
        ("train --steps 0", ["steps is 0", "between 1 and"]),
        ("sample --steps 99999999", ["99999999", "between 1 and"]),
        ("train --batch 99999999999999999999", ["--batch", "999999"]),
        ("train --batch -4", ["--batch", "-4"]),
        ("train --threads 0", ["--threads", "1 to 1024"]),
    ] {
        assert_names(&place.fails(&format!("bench {arguments}")), &words);
    }
}

#[test]
fn sizes_that_the_preset_lacks_are_refused() {
    let place = Place::new();
    assert_names(
        &place.fails("bench train --preset big"),
        &["big", "tutorial"],
    );
    assert_names(
        &place.fails("bench sample --image-size 128"),
        &["tutorial", "128", "64"],
    );
    assert_names(&place.fails("bench sample --channels 2"), &["2", "1", "3"]);
    assert_names(&place.fails("bench sample --run nowhere"), &["nowhere"]);
    let line = place.fails("bench sample --run nowhere --preset small");
    assert_names(&line, &["--run", "--preset"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_batch_that_exceeds_memory_is_refused_before_it_is_allocated() {
    let line = Place::new().fails("bench train --preset pytorch --image-size 256 --batch 65536");
    assert_names(&line, &["65536", "GiB", "would fit"]);
}
