//! `dcgan sample`.

use std::collections::BTreeSet;

use image::GenericImageView;

use crate::support::{Place, assert_names};

#[test]
fn a_picture_depends_only_on_its_seed() {
    let place = Place::with_run();
    place.run("sample run --out ten -n 10").succeeded();
    place.run("sample run --out one -n 1 --seed 5").succeeded();
    place
        .run("sample run --out many -n 70 --seed 3 --threads 2")
        .succeeded();
    assert_eq!(place.files("ten").len(), 10);
    assert_eq!(
        place.files("one").into_iter().collect::<Vec<_>>(),
        ["seed-000005.png"]
    );
    for whole in ["ten", "many"] {
        place.assert_same("one/seed-000005.png", &format!("{whole}/seed-000005.png"));
    }
    place.assert_same("ten/seed-000009.png", "many/seed-000009.png");
}

/// Wide layers use different kernels for different batch sizes, and these round differently.
#[test]
fn a_picture_of_wide_networks_depends_only_on_its_seed() {
    let place = Place::with_faces();
    for preset in ["tutorial", "pytorch"] {
        place
            .run(&format!(
                "train faces --out {preset} --preset {preset} --steps 1 --batch-size 4"
            ))
            .succeeded();
        for (out, count, first) in [("whole", 64, 0), ("shifted", 70, 7), ("one", 1, 9)] {
            place
                .run(&format!(
                    "sample {preset} --out {preset}-{out} -n {count} --seed {first}"
                ))
                .succeeded();
        }
        let file = |out: &str| format!("{preset}-{out}/seed-000009.png");
        place.assert_same(&file("whole"), &file("one"));
        place.assert_same(&file("whole"), &file("shifted"));
        let last = |out: &str| format!("{preset}-{out}/seed-000063.png");
        place.assert_same(&last("whole"), &last("shifted"));
    }
}

#[test]
fn pictures_of_different_seeds_differ() {
    let place = Place::with_run();
    place.run("sample run --out drawn -n 6").succeeded();
    let different: BTreeSet<_> = place
        .files("drawn")
        .iter()
        .map(|name| place.bytes(&format!("drawn/{name}")))
        .collect();
    assert_eq!(different.len(), 6);
    let picture = place.picture("drawn/seed-000000.png");
    assert_eq!(picture.dimensions(), (64, 64));
}

#[test]
fn a_run_its_generator_and_its_checkpoint_draw_the_same() {
    let place = Place::with_run();
    let sources = [
        ("run", "a"),
        ("run/generator.safetensors", "b"),
        ("run/checkpoints/step-000004.safetensors", "c"),
    ];
    for (source, out) in sources {
        place
            .run(&format!("sample {source} --out {out} -n 3 --seed 40"))
            .succeeded();
    }
    place.assert_same_folders("a", "b");
    place.assert_same_folders("a", "c");
}

#[test]
fn an_older_checkpoint_draws_other_pictures() {
    let place = Place::with_run();
    for step in ["2", "4"] {
        let source = format!("run/checkpoints/step-00000{step}.safetensors");
        let answer = place
            .run(&format!("sample {source} --out {step} -n 1"))
            .succeeded();
        assert_names(&answer.stdout, &[&format!("step {step}")]);
    }
    assert!(place.bytes("2/seed-000000.png") != place.bytes("4/seed-000000.png"));
}

#[test]
fn a_weight_file_is_sufficient_on_its_own() {
    let place = Place::with_run();
    place.write(
        "alone/g.safetensors",
        place.bytes("run/generator.safetensors"),
    );
    std::fs::remove_dir_all(place.path("run")).unwrap();
    place
        .run("sample alone/g.safetensors --out drawn -n 2")
        .succeeded();
    assert_eq!(place.files("drawn").len(), 2);
}

#[test]
fn a_grid_shows_the_single_pictures() {
    let place = Place::with_run();
    place
        .run("sample run -n 5 --seed 2 --grid grid.png --out single")
        .succeeded();
    let grid = place.picture("grid.png").to_rgb8();
    // three columns and two rows, two pixels around each picture
    assert_eq!(grid.dimensions(), (3 * 66 + 2, 2 * 66 + 2));
    let single = place.picture("single/seed-000006.png").to_rgb8();
    let in_grid = grid.view(2 + 66, 2 + 66, 64, 64).to_image();
    assert!(in_grid == single);
}

#[test]
fn the_grid_of_a_report_shows_the_first_seeds() {
    let place = Place::with_run();
    place.run("sample run -n 64 --grid grid.png").succeeded();
    place.assert_same("grid.png", "run/samples/step-000004.png");
}

#[test]
fn the_largest_seed_can_be_drawn_and_none_beyond_it() {
    let place = Place::with_run();
    let last = u64::MAX;
    place
        .run(&format!("sample run -n 1 --seed {last} --out drawn"))
        .succeeded();
    assert!(place.path(&format!("drawn/seed-{last}.png")).is_file());
    let line = place.fails(&format!("sample run -n 2 --seed {last} --out beyond"));
    assert_names(&line, &["seed", &last.to_string()]);
}

#[test]
fn counts_out_of_range_are_refused() {
    let place = Place::with_run();
    for count in ["0", "-1", "many", "99999999999999999999"] {
        let line = place.fails(&format!("sample run --out drawn -n {count}"));
        assert_names(&line, &[count]);
    }
    let line = place.fails("sample run -n 1000000 --grid grid.png");
    assert_names(&line, &["1000000", "10000"]);
}

#[test]
fn an_out_path_that_is_a_file_is_reported_by_name() {
    let place = Place::with_run();
    place.write("file", "in the way");
    assert_names(&place.fails("sample run -n 1 --out file"), &["file"]);
    assert_names(
        &place.fails("sample run -n 1 --out file/below"),
        &["file/below"],
    );
    assert_names(
        &place.fails("sample run -n 1 --grid file/g.png"),
        &["file/g.png"],
    );
    assert_names(&place.fails("sample run -n 1 --grid run"), &["run"]);
    assert_eq!(place.text("file"), "in the way");
}

#[test]
fn files_without_a_generator_are_refused() {
    let place = Place::with_run();
    for (source, word) in [
        ("nowhere", "nowhere"),
        ("faces", "generator"),
        ("run/discriminator.safetensors", "discriminator"),
        ("run/config.toml", "config.toml"),
        ("run/losses.png", "losses.png"),
    ] {
        let line = place.fails(&format!("sample {source} -n 1 --out drawn"));
        assert_names(&line, &[source, word]);
    }
}

#[test]
fn unknown_devices_and_zero_threads_are_refused() {
    let place = Place::with_run();
    let line = place.fails("sample run -n 1 --out drawn --device gpu");
    assert_names(&line, &["cuda", "cpu"]);
    let line = place.fails("sample run -n 1 --out drawn --threads 0");
    assert_names(&line, &["--threads", "0"]);
}

#[test]
fn what_an_untrained_generator_draws_is_called_noise_after_it_is_drawn() {
    let place = Place::with_faces();
    place.train("faces --out run --steps 3").succeeded();
    let note = "note: run has made 3 training steps, and pictures are usually noise or blurs until about 1000: results \
                mean little yet\n";
    let answer = place.run("sample run -n 4 --grid grid.png").succeeded();
    assert_eq!(answer.stderr, note);
    // whatever explains it says so too, once
    for command in [
        "neighbours run --data faces -o neighbours.png",
        "features run faces -o features.npy",
        "interpolate run --seeds 1,2 -o walk.png",
    ] {
        let answer = place.run(command).succeeded();
        assert_eq!(
            answer.stderr.matches("mean little yet").count(),
            1,
            "{command}"
        );
    }
    // a failed command names its failure alone
    let answer = place.run("features run nowhere -o other.npy");
    assert!(!answer.failed().contains("mean little"));
}

#[test]
fn a_png_names_the_run_the_step_and_the_seeds_that_it_was_drawn_from() {
    let place = Place::with_run();
    place.run("sample run --seeds 3,7 -o two.png").succeeded();
    place.run("sample run --seeds 3,7 -o folder/").succeeded();
    let texts = |path: &str| {
        let decoder = png::Decoder::new(std::io::Cursor::new(place.bytes(path)));
        let info = decoder.read_info().unwrap().info().clone();
        let texts = info.utf8_text.iter();
        texts
            .map(|chunk| (chunk.keyword.clone(), chunk.get_text().unwrap()))
            .collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(name, text)| (name.to_string(), text.to_string()));
        owned.collect::<Vec<_>>()
    };
    let two = pairs(&[("run", "run"), ("step", "4"), ("seeds", "3,7")]);
    assert_eq!(texts("two.png"), two);
    // what is in a run does not name it
    let report = pairs(&[("step", "4"), ("seeds", "0-63")]);
    assert_eq!(texts("run/samples/step-000004.png"), report);
    assert_eq!(texts("run/losses.png"), pairs(&[("step", "4")]));
    let single = place.files("folder").into_iter().next().unwrap();
    let one = pairs(&[("run", "run"), ("step", "4"), ("seeds", "3")]);
    assert_eq!(texts(&format!("folder/{single}")), one);
    // figures show other pictures too, which have no seeds
    place
        .run("neighbours run --seeds 3,7 -o near.png")
        .succeeded();
    assert_eq!(texts("near.png"), two);
    place
        .run_with(["arithmetic", "run", "3 - 7", "-o", "sum.png"])
        .succeeded();
    assert_eq!(texts("sum.png"), two);
    // and it is still known as a picture of this program
    place.run("sample run --seeds 3,7 -o two.png").succeeded();
}
