//! `dcgan train --start-from`.

use std::fs;

use crate::support::{Place, assert_names};

#[test]
fn a_run_starts_with_the_weights_of_another_and_has_the_same_networks() {
    let place = Place::with_run();
    // hardly moves from where it starts
    place
        .run("train faces --start-from run --out next --steps 1 --learning-rate 1e-9 --batch-size 8 --no-ema --augment none")
        .succeeded();
    place.run("sample run --seeds 0-3 -o a.png").succeeded();
    place.run("sample next --seeds 0-3 -o b.png").succeeded();
    place
        .train("faces --out random --steps 1 --learning-rate 1e-9")
        .succeeded();
    place.run("sample random --seeds 0-3 -o c.png").succeeded();
    let open = |name: &str| image::open(place.path(name)).unwrap().to_rgb8().into_raw();
    let distance = |one: &str, other: &str| {
        let pairs = open(one).into_iter().zip(open(other));
        pairs.map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>()
    };
    assert!(4 * distance("a.png", "b.png") < distance("a.png", "c.png"));
    assert_names(
        &place.text("next/config.toml"),
        &["ngf = 4", "start_from", "step-000004"],
    );
}

#[test]
fn a_run_that_started_from_another_is_resumed_without_it() {
    let place = Place::with_run();
    let start = "faces --start-from run --report-every 2 --batch-size 8 --threads 1";
    for (run, steps) in [("whole", 6), ("parts", 2)] {
        place
            .run(&format!("train {start} --out {run} --steps {steps}"))
            .succeeded();
    }
    fs::remove_dir_all(place.path("run")).unwrap();
    place
        .run("train --resume parts --steps 6 --threads 1")
        .succeeded();
    for name in ["generator.safetensors", "discriminator.safetensors"] {
        let bytes = |run: &str| fs::read(place.path(run).join(name)).unwrap();
        assert_eq!(bytes("whole"), bytes("parts"), "{name}");
    }
}

#[test]
fn a_run_that_was_killed_before_its_first_checkpoint_starts_from_the_same_weights() {
    let place = Place::with_run();
    let start = "faces --start-from run --steps 4 --report-every 2 --batch-size 8 --threads 1";
    place.run(&format!("train {start} --out whole")).succeeded();
    place.run(&format!("train {start} --out parts")).succeeded();
    // as if it had been killed before step 2
    for step in ["000002", "000004"] {
        fs::remove_file(place.path(&format!("parts/checkpoints/step-{step}.safetensors"))).unwrap();
    }
    fs::remove_dir_all(place.path("run")).unwrap();
    assert!(
        place
            .path("parts/checkpoints/step-000000.safetensors")
            .exists()
    );
    place.run("train --resume parts --threads 1").succeeded();
    let bytes = |run: &str| fs::read(place.path(run).join("generator.safetensors")).unwrap();
    assert_eq!(bytes("whole"), bytes("parts"));
}

#[test]
fn what_it_cannot_start_from_is_refused_in_a_line() {
    let place = Place::with_run();
    for (arguments, said) in [
        ("--start-from run --ndf 8", ["ndf", "--start-from"]),
        ("--start-from missing", ["missing", "no"]),
        (
            "--start-from run/generator.safetensors",
            ["generator.safetensors", "checkpoint"],
        ),
        ("--start-from faces", ["faces", ""]),
    ] {
        let line = place.fails(&format!("train faces --out new --steps 1 {arguments}"));
        assert_names(&line, &said);
    }
    let line = place.fails("train --resume run --start-from run --steps 9");
    assert_names(&line, &["--resume keeps the run's own settings"]);
}
