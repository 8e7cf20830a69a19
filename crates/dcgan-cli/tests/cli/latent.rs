//! Latent vectors: paths, arithmetic, seeds and truncation.

use image::GenericImageView;

use crate::support::{Place, assert_names};

#[test]
fn a_path_begins_and_ends_with_the_pictures_of_its_seeds() {
    let place = Place::with_run();
    place.run("sample run --seeds 5,9 --out ends").succeeded();
    for mode in ["slerp", "lerp"] {
        let run = format!("interpolate run --seeds 5,9 --steps 3 --mode {mode} -o {mode}");
        place.run(&run).succeeded();
        assert_eq!(place.files(mode).len(), 4, "three steps and the last stop");
        place.assert_same(&format!("{mode}/frame-00000.png"), "ends/seed-000005.png");
        place.assert_same(&format!("{mode}/frame-00003.png"), "ends/seed-000009.png");
    }
    let middle = |mode: &str| place.bytes(&format!("{mode}/frame-00001.png"));
    assert_ne!(middle("slerp"), middle("lerp"));
}

#[test]
fn a_path_is_a_grid_with_a_row_for_each_pair_of_stops_or_an_animation() {
    let place = Place::with_run();
    let run = |rest: &str| place.run(&format!("interpolate run --seeds 1-3 {rest}"));
    run("--steps 4 -o way.png").succeeded();
    let grid = image::open(place.path("way.png")).unwrap();
    assert_eq!(grid.dimensions(), (5 * 66 + 2, 2 * 66 + 2));
    run("--steps 4 --loop -o round.png").succeeded();
    let grid = image::open(place.path("round.png")).unwrap();
    assert_eq!(grid.dimensions(), (5 * 66 + 2, 3 * 66 + 2));
    for name in ["way.gif", "way.webp"] {
        run(&format!("--steps 4 --loop --upscale 2 -o {name}")).succeeded();
        let first = image::open(place.path(name)).unwrap();
        assert_eq!(first.dimensions(), (128, 128), "{name}");
    }
}

#[test]
fn arithmetic_draws_a_figure() {
    let place = Place::with_run();
    let run =
        |expression: &str, out: &str| place.run_with(["arithmetic", "run", expression, "-o", out]);
    run("3,7,12 - 20-22 + 40", "figure.png").succeeded();
    run("3,7,12 - 20-22 + 40", "again.png").succeeded();
    place.assert_same("figure.png", "again.png");
    run("3,7,12 - 20-22 + 41", "other.png").succeeded();
    assert_ne!(place.bytes("figure.png"), place.bytes("other.png"));
    let figure = image::open(place.path("figure.png")).unwrap();
    assert!(figure.width() > 6 * 128 && figure.height() > 4 * 128);
}

#[test]
fn seeds_are_drawn_in_any_format() {
    let place = Place::with_run();
    place.run("sample run -n 12 --out first").succeeded();
    place
        .run("sample run --seeds 0-3,11,7 --out list")
        .succeeded();
    assert_eq!(place.files("list").len(), 6);
    place.assert_same("list/seed-000011.png", "first/seed-000011.png");
    place
        .run("sample run --seeds 0-1 --format webp --upscale 3 --out large")
        .succeeded();
    let small = image::open(place.path("first/seed-000001.png")).unwrap();
    let large = image::open(place.path("large/seed-000001.webp")).unwrap();
    assert_eq!(large.dimensions(), (192, 192));
    for (x, y) in [(0, 0), (100, 7), (191, 191)] {
        assert_eq!(large.get_pixel(x, y), small.get_pixel(x / 3, y / 3));
    }
    place
        .run("sample run --seeds 0-1 --format jpg --out photos")
        .succeeded();
    image::open(place.path("photos/seed-000001.jpg")).unwrap();
    place
        .run("sample run -n 70 --format npy --out arrays")
        .succeeded();
    let array = place.bytes("arrays/pictures.npy");
    let values = &array[array.len() - 70 * 64 * 64 * 3..];
    let second = &values[64 * 64 * 3..][..64 * 64 * 3];
    assert_eq!(second, small.as_bytes());
}

#[test]
fn truncation_changes_pictures_only_if_it_truncates_something() {
    let place = Place::with_run();
    place.run("sample run -n 1 --out plain").succeeded();
    for (limit, same) in [("10", true), ("0.5", false)] {
        let run = format!("sample run -n 1 --truncation {limit} --out cut-{limit}");
        place.run(&run).succeeded();
        let cut = place.bytes(&format!("cut-{limit}/seed-000000.png"));
        assert_eq!(cut == place.bytes("plain/seed-000000.png"), same, "{limit}");
    }
}

#[test]
fn invalid_arguments_are_refused_in_one_line() {
    let place = Place::with_run();
    for (command, named) in [
        ("interpolate run --seeds 1 -o way.png", "two seeds"),
        ("interpolate run --seeds 1,x -o way.png", "'x'"),
        ("interpolate run --seeds 9-1 -o way.png", "backwards"),
        ("interpolate run --seeds 1,2 -o way.mp4", ".mp4"),
        (
            "interpolate run --seeds 0-9999 --steps 9 -o way.png",
            "10000",
        ),
        (
            "interpolate run --seeds 1,2 --steps 500 --upscale 32 -o way.gif",
            "--upscale",
        ),
        (
            "sample run -n 500 --upscale 32 --grid faces.png",
            "--upscale",
        ),
        ("arithmetic run 1+two -o figure.png", "'1+two'"),
        ("arithmetic run 1+2 -o figure.png", "'1+2'"),
        ("arithmetic run 1 -o figure.mp4", "figure.mp4"),
        ("arithmetic run 0-99 -o figure.png", "100 seeds"),
        ("arithmetic run 1 --noise -1 -o figure.png", "noise"),
        ("sample run --seeds 0-9 -n 3 --out drawn", "--seeds"),
        ("sample run --truncation 0 --out drawn", "truncation"),
        ("sample run --truncation nan --out drawn", "truncation"),
        ("sample run --upscale 0 --out drawn", "upscale"),
        ("sample run --format tiff --out drawn", "tiff"),
    ] {
        let line = place.fails(command);
        assert_names(&line, &[named]);
    }
    place
        .train("faces --out uniform --steps 1 --preset paper")
        .succeeded();
    let line = place.fails("sample uniform --truncation 0.7 --out drawn");
    assert_names(&line, &["uniform"]);
    place
        .run("interpolate uniform --seeds 1,2 -o way.png")
        .succeeded();
}
