//! Classifying pictures by the discriminator's features.

use image::{Rgb, RgbImage};

use crate::support::{Answer, Place, assert_names, png};

/// A run on `shapes`: circles, squares and crosses of various colours and positions.
fn with_shapes() -> Place {
    let place = Place::new();
    write_shapes(&place, "shapes", 40);
    place
        .train("shapes --out run --steps 30 --report-every 30")
        .succeeded();
    place
}

/// Writes `count` pictures of each of three shapes.
fn write_shapes(place: &Place, folder: &str, count: u32) {
    for number in 0..count {
        for shape in ["circle", "cross", "square"] {
            let picture = draw(shape, number.wrapping_mul(2_654_435_761) >> 8);
            place.write(
                &format!("{folder}/{shape}/{number:03}.png"),
                png(&picture.into()),
            );
        }
    }
}

fn draw(shape: &str, random: u32) -> RgbImage {
    let [a, b, c, _] = random.to_le_bytes();
    let (left, top) = (i32::from(a % 12) + 24, i32::from(b % 12) + 24);
    let ground = [60 + c / 4, 90 - c / 4, a / 4];
    RgbImage::from_fn(64, 64, |x, y| {
        let (x, y) = (x as i32 - left, y as i32 - top);
        let inside = match shape {
            "circle" => x * x + y * y < 14 * 14,
            "cross" => (x.abs() < 4 || y.abs() < 4) && x.abs().max(y.abs()) < 15,
            _ => x.abs().max(y.abs()) < 12,
        };
        Rgb(if inside {
            [220, 200 - b / 2, 210]
        } else {
            ground
        })
    })
}

fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.stdout).expect("one JSON object")
}

#[test]
fn features_of_a_trained_discriminator_classify_shapes_far_better_than_chance() {
    let place = with_shapes();
    let run = "classify run shapes --no-cache --json";
    let report = json(&place.run(run).succeeded());
    assert!(report["accuracy"].as_f64() > Some(0.75), "{report}");
    assert_eq!(report["most_frequent_class"].as_f64(), Some(1.0 / 3.0));
    assert_eq!(report["learned_from"], 96);
    assert_eq!(report["judged"], 24);
    assert_eq!(
        report["classes"],
        serde_json::json!(["circle", "cross", "square"])
    );
    let counts = report["confusion"].as_array().unwrap();
    let judged: u64 = counts
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .filter_map(serde_json::Value::as_u64)
        .sum();
    assert_eq!(judged, 24);
    // C is the smallest of those with the best accuracy on held-out pictures
    let best = report["held_out"]
        .as_array()
        .unwrap()
        .iter()
        .max_by(|one, other| {
            let accuracy = |trial: &serde_json::Value| trial["accuracy"].as_f64().unwrap();
            let cost = |trial: &serde_json::Value| trial["cost"].as_f64().unwrap();
            accuracy(one)
                .total_cmp(&accuracy(other))
                .then(cost(other).total_cmp(&cost(one)))
        });
    assert_eq!(best.unwrap()["cost"], report["cost"]);
    // nothing but the object is printed, even with a cache
    let cached = json(&place.run("classify run shapes --json").succeeded());
    assert_eq!(cached, report);
    for threads in [1, 2] {
        let again = json(&place.run(&format!("{run} --threads {threads}")).succeeded());
        assert_eq!(again, report);
    }
}

#[test]
fn with_few_labels_accuracy_is_measured_on_all_other_pictures() {
    let place = with_shapes();
    let answer = place
        .run("classify run shapes --no-cache --labels-per-class 10 --seed 3")
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "learned from 30 pictures of 3 classes",
            "of 90 pictures",
            "33.33%",
            "predicted",
            "circle",
            "square",
        ],
    );
    write_shapes(&place, "others", 5);
    let report = json(
        &place
            .run("classify run shapes --test others --no-cache --json")
            .succeeded(),
    );
    assert_eq!(
        (&report["learned_from"], &report["judged"]),
        (&120.into(), &15.into())
    );
}

#[test]
fn an_attribute_makes_two_classes() {
    let place = Place::with_run();
    place.run("demo-data many -n 200 --seed 5").succeeded();
    let report = json(
        &place
            .run("classify run many --attribute Eyeglasses --no-cache --json")
            .succeeded(),
    );
    assert_eq!(
        report["classes"],
        serde_json::json!(["not Eyeglasses", "Eyeglasses"])
    );
    assert!(
        report["accuracy"].as_f64() > report["most_frequent_class"].as_f64(),
        "{report}"
    );
}

#[test]
fn accuracy_is_measured_on_the_test_split() {
    let place = Place::with_run();
    let records = |count: usize| -> Vec<u8> {
        let record = |number: usize| {
            let label = (number % 2) as u8;
            // one class is dark above, the other below
            let plane = (0..1024).map(|at| {
                if (at < 512) == (label == 0) {
                    (number * 7 % 60) as u8
                } else {
                    250 - (number * 5 % 90) as u8
                }
            });
            let plane: Vec<u8> = plane.collect();
            [vec![label], plane.repeat(3)].concat()
        };
        (0..count).flat_map(record).collect()
    };
    place.write("cifar/data_batch_1.bin", records(60));
    place.write("cifar/test_batch.bin", records(14));
    place.write("cifar/batches.meta.txt", "dark above\ndark below\n");
    let report = json(
        &place
            .run("classify run cifar --no-cache --json")
            .succeeded(),
    );
    assert_eq!(
        (&report["learned_from"], &report["judged"]),
        (&60.into(), &14.into())
    );
    assert_eq!(report["accuracy"], 1.0);
    let run = "classify run cifar --split train --test cifar --no-cache --json";
    assert_eq!(json(&place.run(run).succeeded()), report);
    let report = json(
        &place
            .run("classify run cifar --split test --no-cache --json")
            .succeeded(),
    );
    assert_eq!(
        (&report["learned_from"], &report["judged"]),
        (&10.into(), &4.into())
    );
}

#[test]
fn unusable_data_is_refused_in_one_line() {
    let place = Place::with_run();
    write_shapes(&place, "shapes", 3);
    place.write("lonely/a/1.png", png(&draw("cross", 1).into()));
    place.write("lonely/b/1.png", png(&draw("square", 2).into()));
    place.write("other/circle/1.png", png(&draw("circle", 1).into()));
    place.write("other/heart/1.png", png(&draw("square", 2).into()));
    for (command, named) in [
        ("classify run faces", &["no labels", "--attribute"][..]),
        (
            "classify run faces --attribute Glasses",
            &["'Glasses'", "most similar are"],
        ),
        (
            "classify run shapes --attribute Smiling",
            &["'Smiling'", "no attributes"],
        ),
        (
            "classify run shapes --labels-per-class 3",
            &["'circle'", "3 labelled pictures", "4 are needed"],
        ),
        ("classify run shapes --labels-per-class 1", &["1"]),
        ("classify run lonely", &["'a'", "1 labelled picture,"]),
        (
            "classify run shapes --test other",
            &["'heart'", "circle, cross, square"],
        ),
        ("classify run shapes --test faces", &["no labels"]),
        ("classify run/generator.safetensors shapes", &["generator"]),
        ("classify run none", &["none"]),
    ] {
        assert_names(&place.fails(&format!("{command} --no-cache")), named);
    }
}
