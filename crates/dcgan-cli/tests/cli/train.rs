//! Short runs: what they write and print.

use std::collections::BTreeSet;

use image::GenericImageView;

use crate::support::{Place, assert_names};

/// The side of a grid of 8 pictures of 64 pixels with 2 pixels around each.
const GRID: u32 = 8 * 64 + 9 * 2;

#[test]
fn a_run_writes_exactly_the_documented_files() {
    let place = Place::with_run();
    let promised = "config.toml run.lock metrics.jsonl times.jsonl losses.png generator.safetensors \
        discriminator.safetensors checkpoints/step-000002.safetensors \
        checkpoints/step-000004.safetensors samples/step-000002.png \
        samples/step-000002-real.png samples/step-000004.png samples/step-000004-real.png";
    let promised: BTreeSet<String> = promised.split_whitespace().map(String::from).collect();
    assert_eq!(place.files("run"), promised);
}

#[test]
fn the_metrics_have_one_line_per_step_with_finite_losses() {
    let place = Place::with_run();
    let metrics = place.text("run/metrics.jsonl");
    let lines: Vec<serde_json::Value> = metrics
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let steps: Vec<_> = lines.iter().map(|line| line["step"].as_u64()).collect();
    assert_eq!(steps, [Some(1), Some(2), Some(3), Some(4)]);
    // 16 pictures are two batches of 8
    let epochs: Vec<_> = lines.iter().map(|line| line["epoch"].as_u64()).collect();
    assert_eq!(epochs, [Some(1), Some(1), Some(2), Some(2)]);
    for line in &lines {
        for loss in ["loss_d", "loss_g"] {
            let loss = line[loss].as_f64().expect("a number");
            assert!(loss.is_finite() && loss > 0.0, "{line}");
        }
        for accuracy in ["accuracy_real", "accuracy_fake"] {
            let accuracy = line[accuracy].as_f64().expect("a number");
            assert!((0.0..=1.0).contains(&accuracy), "{line}");
        }
    }
}

#[test]
fn the_grids_have_the_right_size_and_show_something() {
    let place = Place::with_run();
    let fakes = place.picture("run/samples/step-000004.png");
    assert_eq!(fakes.dimensions(), (GRID, GRID));
    let real = place.picture("run/samples/step-000004-real.png");
    assert_eq!(real.width(), GRID);
    for grid in [fakes, real] {
        let colours: BTreeSet<_> = grid.to_rgb8().pixels().map(|pixel| pixel.0).collect();
        assert!(colours.len() > 100, "only {} colours", colours.len());
    }
}

#[test]
fn the_plot_of_the_losses_shows_both_lines() {
    let place = Place::with_run();
    let plot = place.picture("run/losses.png").to_rgb8();
    assert!(plot.width() >= 400 && plot.height() >= 300);
    let count = |is_line: fn(&[u8; 3]) -> bool| plot.pixels().filter(|p| is_line(&p.0)).count();
    assert!(count(|[red, _, blue]| *blue > 150 && *red < 100) > 50);
    assert!(count(|[red, _, blue]| *red > 150 && *blue < 100) > 50);
}

#[test]
fn the_last_lines_name_the_newest_samples_and_what_to_do_next() {
    let place = Place::with_faces();
    let answer = place
        .train("faces --out run --steps 3 --report-every 2")
        .succeeded();
    let last: Vec<&str> = answer.stdout.lines().rev().take(3).collect();
    assert_names(
        last[2],
        &["Done: 3 steps in ", "Samples: run/samples/step-000003.png"],
    );
    assert_eq!(last[1], "Draw pictures:   dcgan sample run");
    assert_eq!(last[0], "Judge the run:   dcgan doctor run");
    assert!(place.path("run/samples/step-000003.png").is_file());
}

#[test]
fn without_a_terminal_a_report_is_one_plain_row() {
    let place = Place::with_faces();
    let answer = place
        .train("faces --out run --steps 6 --report-every 2")
        .succeeded();
    assert!(!answer.stdout.contains(['\u{1b}', '\r']));
    assert_eq!(answer.stderr, "");
    let rows = answer
        .stdout
        .lines()
        .skip_while(|line| !line.contains("loss D"));
    let rows: Vec<_> = rows
        .filter(|line| line.len() == 78 && !line.contains("problem"))
        .collect();
    assert_eq!(
        rows[0],
        "    step  loss D  loss G  D right on real, fake  variety  distance  pictures/s"
    );
    let steps = rows[1..]
        .iter()
        .map(|row| row.split_whitespace().next().unwrap());
    assert_eq!(steps.collect::<Vec<_>>(), ["2", "4", "6"]);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let place = Place::with_faces();
    for run in ["a/run --seed 7", "b/run --seed 7", "c/run --seed 8"] {
        place
            .train(&format!("faces --steps 4 --out {run}"))
            .succeeded();
    }
    place.assert_same_folders("a/run", "b/run");
    assert_ne!(
        place.text("a/run/metrics.jsonl"),
        place.text("c/run/metrics.jsonl")
    );
    assert!(
        place.bytes("a/run/generator.safetensors") != place.bytes("c/run/generator.safetensors")
    );
}

#[test]
fn the_largest_seed_is_accepted() {
    let place = Place::with_faces();
    let seed = u64::MAX;
    place
        .train(&format!("faces --out run --steps 1 --seed {seed}"))
        .succeeded();
    place
        .run("train --resume run --steps 2 --threads 1")
        .succeeded();
    assert_names(
        &place.text("run/config.toml"),
        &["seed = 18446744073709551615"],
    );
}

#[test]
fn reused_noise_trains_differently() {
    let place = Place::with_faces();
    place.train("faces --steps 2 --out new").succeeded();
    place
        .train("faces --steps 2 --out reused --reuse-noise")
        .succeeded();
    let (new, reused) = (
        place.text("new/metrics.jsonl"),
        place.text("reused/metrics.jsonl"),
    );
    assert_ne!(new, reused);
    assert_names(&place.text("reused/config.toml"), &["reuse_noise = true"]);
}

#[test]
fn the_other_presets_train_at_32_pixels() {
    let place = Place::with_faces();
    for preset in ["pytorch", "paper"] {
        let answer = place.train(&format!(
            "faces --steps 1 --out {preset} --preset {preset} --image-size 32"
        ));
        assert_names(&answer.succeeded().stdout, &[preset, "32x32"]);
        let grid = place.picture(&format!("{preset}/samples/step-000001.png"));
        assert_eq!(grid.dimensions(), (8 * 32 + 18, 8 * 32 + 18));
        place
            .run(&format!("sample {preset} -n 1 --out {preset}-drawn"))
            .succeeded();
        let drawn = place.picture(&format!("{preset}-drawn/seed-000000.png"));
        assert_eq!(drawn.dimensions(), (32, 32));
    }
}

#[test]
fn a_short_run_reports_ten_times_by_default() {
    let place = Place::with_faces();
    let answer = place.train("faces --out run --steps 20 --preset pytorch --image-size 32");
    let answer = answer.succeeded();
    let rows = answer
        .stdout
        .lines()
        .skip_while(|line| !line.contains("loss D"));
    let reports = rows
        .skip(1)
        .filter(|line| line.starts_with("     ") && line.contains('%'));
    assert_eq!(reports.count(), 10);
    assert_names(&place.text("run/config.toml"), &["report_every = 2"]);
}

#[test]
fn only_the_newest_checkpoints_are_kept() {
    let place = Place::with_faces();
    place
        .train("faces --out run --steps 5 --report-every 1")
        .succeeded();
    let kept: Vec<_> = place.files("run/checkpoints").into_iter().collect();
    assert_eq!(
        kept,
        [
            "step-000003.safetensors",
            "step-000004.safetensors",
            "step-000005.safetensors"
        ]
    );
}

#[test]
fn a_run_is_named_after_its_data_by_default() {
    let place = Place::with_faces();
    let answer = place.train("faces/ --steps 1").succeeded();
    assert_names(&answer.stdout, &["runs/faces/samples/step-000001.png"]);
    assert!(place.path("runs/faces/generator.safetensors").is_file());
}

#[test]
fn an_epoch_uses_every_full_batch_once() {
    let place = Place::with_faces();
    place.train("faces --out run --epochs 3").succeeded();
    assert_eq!(place.text("run/metrics.jsonl").lines().count(), 6);
}

#[test]
fn every_setting_is_recorded() {
    let place = Place::with_faces();
    place
        .train(
            "faces --out run --steps 1 --z-dim 7 --learning-rate 0.001 --beta1 0.25 \
             --beta2 0.9 --seed 5 --crop random --flip --background 0080ff",
        )
        .succeeded();
    let recorded = [
        "ngf = 4",
        "ndf = 4",
        "batch_size = 8",
        "steps = 1",
        "z_dim = 7",
        "learning_rate = 0.001",
        "beta1 = 0.25",
        "beta2 = 0.9",
        "seed = 5",
        "crop = \"random\"",
        "flip = true",
        "background = [0, 128, 255]",
    ];
    assert_names(&place.text("run/config.toml"), &recorded);
}

#[test]
fn the_demo_needs_no_data() {
    let place = Place::new();
    let answer = place
        .run("train demo -n 16 --steps 1 --threads 1 --out run")
        .succeeded();
    assert_names(&answer.stdout, &["preset laptop"]);
    assert_names(&place.text("run/config.toml"), &["demo_faces = 16"]);
}
