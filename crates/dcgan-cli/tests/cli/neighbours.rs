//! Comparing samples with the nearest training pictures.

use crate::support::{Place, assert_names};

#[test]
fn neighbours_cannot_measure_novelty_with_a_single_training_picture() {
    let place = Place::with_run();
    std::fs::create_dir(place.path("one")).unwrap();
    let faces = place.files("faces");
    let face = faces.iter().find(|name| name.ends_with(".png")).unwrap();
    let from = place.path("faces").join(face);
    std::fs::copy(from, place.path("one/face.png")).unwrap();
    let run = "neighbours run --data one --no-cache --seeds 0 -o alone.png";
    let answer = place.run(run).succeeded();
    assert_names(&answer.stdout, &["no distance", "nearest of 1"]);
    assert!(!answer.stdout.contains("NaN"), "{}", answer.stdout);
}

#[test]
fn neighbours_shows_the_nearest_training_pictures_and_reports_novelty() {
    let place = Place::with_run();
    let run = "neighbours run --data faces --no-cache --seeds 0-2 -o neighbours.png";
    let answer = place.run(run).succeeded();
    assert_names(
        &answer.stdout,
        &["in pixels", "in features", "nearest of 16"],
    );
    let figure = image::open(place.path("neighbours.png")).unwrap();
    assert!(figure.width() > 7 * 128 && figure.height() > 3 * 128);
    place
        .run("neighbours run/checkpoints/step-000004.safetensors --data faces --no-cache -o b.png")
        .succeeded();
    for (command, named) in [
        ("neighbours run --data none --no-cache -o a.png", "none"),
        ("neighbours run --data faces --no-cache -o a.tiff", "a.tiff"),
        (
            "neighbours run --data faces --no-cache --seeds 0-99 -o a.png",
            "100",
        ),
        (
            "neighbours run/generator.safetensors --data faces --no-cache -o a.png",
            "generator",
        ),
        ("neighbours none --data faces --no-cache -o a.png", "none"),
    ] {
        assert_names(&place.fails(command), &[named]);
    }
}
