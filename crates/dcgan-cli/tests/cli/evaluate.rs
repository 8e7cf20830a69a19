//! How near drawn pictures are to real ones, in figures.

use crate::support::{Place, assert_names};

#[test]
fn a_run_is_evaluated_with_all_that_its_figures_depend_on() {
    let place = Place::with_run();
    let command = "evaluate run --data faces -n 16";
    let answer = place.run(command).succeeded();
    let words = [
        "16 of 16 pictures",
        "xxh3:",
        "step 4",
        "seeds 0-15",
        "SWD x 1000",
        "16 pictures a side",
        "near copies",
    ];
    assert_names(&answer.stdout, &words);
    // the same figures again, and as JSON
    assert_eq!(place.run(command).succeeded().stdout, answer.stdout);
    let json = place.run(&format!("{command} --json")).succeeded().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["generated"]["seeds"], "0-15");
    assert_eq!(json["real"]["pictures"], 16);
    assert!(json["swd"]["mean"].as_f64().unwrap() > 0.0);
    assert!(json["memorisation"]["ratio"].as_f64().unwrap() > 0.0);

    let drawn = "evaluate run/generator.safetensors --data faces --seeds 3-9 --truncation 0.7";
    let drawn = place.run(&format!("{drawn} --metrics swd")).succeeded();
    assert_names(
        &drawn.stdout,
        &["7 pictures", "seeds 3-9", "truncation 0.7"],
    );
    assert!(!drawn.stdout.contains("copies"), "{}", drawn.stdout);
}

#[test]
fn the_same_pictures_on_both_sides_are_noticed_and_have_no_distance() {
    let place = Place::with_faces();
    let answer = place
        .run("evaluate faces --data faces --image-size 32 --json")
        .succeeded();
    assert_names(&answer.stderr, &["both sides are the same"]);
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(json["swd"]["mean"], 0.0);
    assert_eq!(json["memorisation"]["near_copies"], 1.0);
    assert_eq!(json["image_size"], 32);
}

#[test]
fn held_out_pictures_say_what_distance_is_usual() {
    let place = Place::with_faces();
    place.run("demo-data others -n 12 --seed 1").succeeded();
    place.run("demo-data new -n 12 --seed 2").succeeded();
    let command = "evaluate others --data faces --held-out new --metrics memorisation --json";
    let answer = place.run(command).succeeded();
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let ratio = json["memorisation"]["ratio"].as_f64().unwrap();
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
}

#[test]
fn a_run_is_compared_with_its_own_pictures_unless_they_are_gone() {
    let place = Place::with_run();
    let answer = place.run("evaluate run -n 8 --metrics swd").succeeded();
    assert_names(&answer.stdout, &["faces: 8 of 16 pictures"]);
    std::fs::remove_dir_all(place.path("faces")).unwrap();
    let line = place.fails("evaluate run -n 8 --metrics swd");
    assert_names(&line, &["faces", "run was trained on", "--data"]);
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_one_line() {
    let place = Place::with_run();
    place.write_pictures("one", 1);
    for (command, words) in [
        ("evaluate none --data faces", &["none"][..]),
        ("evaluate run --data none", &["none"]),
        (
            "evaluate faces --data faces --seeds 0-9",
            &["--seeds", "faces"],
        ),
        (
            "evaluate run --data faces --image-size 32",
            &["--image-size"],
        ),
        (
            "evaluate run --data faces --truncation 99",
            &["--truncation"],
        ),
        ("evaluate run --data faces -n 1", &["--count", "1"]),
        (
            "evaluate faces --data faces --image-size 8",
            &["16", "8", "--image-size"],
        ),
        ("evaluate faces --data one", &["1"]),
        ("evaluate run --data faces --metrics fun", &["fun"]),
    ] {
        let line = place.fails(&format!("{command} --no-cache"));
        assert_names(&line, words);
    }
}
