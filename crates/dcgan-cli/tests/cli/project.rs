//! Finding latent vectors for pictures.

use image::{DynamicImage, GenericImageView, GrayImage, Luma};

use crate::support::{Place, assert_names, colourful, png};

#[test]
fn the_written_latent_vector_draws_the_nearest_sample_again() {
    let place = Place::with_run();
    place.run("sample run --seeds 5 --out drawn").succeeded();
    let answer = place
        .run("project run drawn/seed-000005.png --starts 2 --steps 20 -o found")
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "seed-000005",
            "of 255 levels",
            "2 starts",
            "found/seed-000005.safetensors",
        ],
    );
    let files = [
        "seed-000005-found.png",
        "seed-000005.png",
        "seed-000005.safetensors",
    ];
    assert_eq!(place.files("found"), files.map(String::from).into());
    let figure = place.picture("found/seed-000005.png");
    assert!(figure.width() > 3 * 128 && figure.height() > 128);
    place
        .run("interpolate run --z found/seed-000005.safetensors --seeds 5 --steps 2 -o way")
        .succeeded();
    place.assert_same("way/frame-00000.png", "found/seed-000005-found.png");
    place.assert_same("way/frame-00002.png", "drawn/seed-000005.png");
}

#[test]
fn more_steps_reduce_the_pixel_error() {
    let place = Place::with_run();
    place.run("sample run --seeds 7 --out drawn").succeeded();
    let levels = |steps: u32| -> f64 {
        let run =
            format!("project run drawn/seed-000007.png --starts 2 --steps {steps} -o {steps}");
        let answer = place.run(&run).succeeded();
        let words: Vec<_> = answer.stdout.split_whitespace().collect();
        words[3].parse().unwrap()
    };
    let (few, many) = (levels(1), levels(60));
    assert!(many < few, "{few} after one step, {many} after sixty");
}

#[test]
fn pictures_of_any_size_and_colour_get_their_own_file_names() {
    let place = Place::with_run();
    let wide = DynamicImage::from(colourful(3)).resize_exact(90, 40, image::imageops::Nearest);
    place.write("a/face.png", png(&wide));
    place.write(
        "b/face.png",
        png(&GrayImage::from_pixel(30, 30, Luma([90])).into()),
    );
    place
        .run("project run a/face.png b/face.png --starts 1 --steps 2 --feature-weight 0 -o found")
        .succeeded();
    assert_eq!(place.files("found").len(), 6);
    let found = place.picture("found/face-2-found.png");
    assert_eq!(found.dimensions(), (64, 64));
    place
        .run("interpolate run --z found/face.safetensors,found/face-2.safetensors --steps 1 -o way")
        .succeeded();
    place.assert_same("way/frame-00001.png", "found/face-2-found.png");
}

#[test]
fn unusable_pictures_are_refused_in_one_line_before_the_search() {
    let place = Place::with_run();
    place.write("good.png", png(&colourful(1).into()));
    place.write("text.png", "I am no picture");
    let whole = place.bytes("good.png");
    place.write("cut.png", &whole[..whole.len() / 2]);
    place
        .train("faces --out small --steps 1 --z-dim 7")
        .succeeded();
    place
        .run("project small good.png --starts 1 --steps 1 -o z")
        .succeeded();
    for (command, named) in [
        ("project run none.png -o out", "none.png"),
        ("project run good.png text.png -o out", "text.png"),
        ("project run cut.png -o out", "cut.png"),
        ("project run faces -o out", "faces is a folder"),
        ("project none good.png -o out", "none"),
        (
            "project run/generator.safetensors good.png -o out",
            "generator",
        ),
        (
            "project run good.png --feature-weight -1 -o out",
            "feature-weight",
        ),
        ("project run good.png --starts 0 -o out", "starts"),
        (
            "project run good.png --starts 1 --steps 1 -o good.png",
            "good.png",
        ),
        (
            "interpolate run --z z/good.safetensors --seeds 1 -o way",
            "another model",
        ),
        (
            "interpolate run --z none.safetensors --seeds 1 -o way",
            "none.safetensors",
        ),
        ("interpolate run --z good.png --seeds 1 -o way", "good.png"),
        (
            "interpolate small --z z/good.safetensors -o way",
            "two stops",
        ),
        ("interpolate run -o way", "--seeds"),
    ] {
        assert_names(&place.fails(command), &[named]);
    }
}
