//! What the discriminator's features respond to.

use image::GenericImageView;

use crate::support::{Place, assert_names};

#[test]
fn the_figure_shows_untrained_and_trained_features() {
    let place = Place::with_run();
    let run = |rest: &str| place.run(&format!("visualize run --data faces --no-cache {rest}"));
    let answer = run("--features 2 --pictures 3 -o figure.png").succeeded();
    assert_names(
        &answer.stdout,
        &["2 features", "to 16 pictures", "figure.png"],
    );
    let figure = image::open(place.path("figure.png")).unwrap();
    assert!(figure.width() > 6 * 128 && figure.height() > 4 * 128);
    run("--features 2 --pictures 3 -o again.png").succeeded();
    place.assert_same("figure.png", "again.png");
    run("--features 2 --pictures 3 --seed 1 -o other.png").succeeded();
    let other = image::open(place.path("other.png")).unwrap();
    assert_eq!(other.dimensions(), figure.dimensions());
    // another random discriminator on the left, the same trained one on the right
    let half = |image: &image::DynamicImage, left: u32| {
        image.crop_imm(left, 0, figure.width() / 2 - 20, figure.height())
    };
    let right = figure.width() / 2 + 20;
    assert_ne!(half(&figure, 0), half(&other, 0));
    assert_eq!(half(&figure, right), half(&other, right));
}

#[test]
fn unusable_arguments_of_visualize_are_refused_in_one_line() {
    let place = Place::with_run();
    place.write("file", "not a folder");
    for (command, named) in [
        ("visualize run --data none -o a.png", "none"),
        ("visualize none --data faces -o a.png", "none"),
        ("visualize run --data faces -o a.mp4", "a.mp4"),
        (
            "visualize run --data faces --features 0 -o a.png",
            "features",
        ),
        (
            "visualize run/generator.safetensors --data faces -o a.png",
            "generator",
        ),
        ("visualize run --data faces -o file/a.png", "file/a.png"),
    ] {
        assert_names(&place.fails(&format!("{command} --no-cache")), &[named]);
    }
}
