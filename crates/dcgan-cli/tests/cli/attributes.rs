//! Descriptions, directions and forgotten feature maps, with the small trained networks of the
//! library's tests.

use std::fs;
use std::path::Path;

use image::GenericImageView;

use crate::support::{Place, assert_names};

/// A directory with a trained run in `faces32`.
fn place() -> Place {
    let place = Place::new();
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan-explore/tests/fixtures/faces32");
    for name in ["generator.safetensors", "discriminator.safetensors"] {
        place.write(
            &format!("faces32/{name}"),
            fs::read(from.join(name)).unwrap(),
        );
    }
    place
}

#[test]
fn arithmetic_takes_descriptions_and_reports_its_choice_and_the_result() {
    let place = place();
    let words = "man with glasses - man without glasses + woman without glasses";
    let run = [
        "arithmetic",
        "faces32",
        words,
        "--data",
        "demo",
        "--candidates",
        "1000",
    ];
    let answer = place
        .run_with(run.into_iter().chain(["-o", "figure.png"]))
        .succeeded();
    assert_names(
        &answer.stdout,
        &[
            "Eyeglasses: the classifier is right on",
            "of 2000 held-out pictures",
            "man with glasses: seeds",
            "of the result: Male",
        ],
    );
    // whether the result fits the words is said, and true
    let seen = |name: &str| {
        let view = answer.stdout.split("view of the result: ").nth(1).unwrap();
        let part = view.split(&format!("{name} ")).nth(1).unwrap();
        part.split('%').next().unwrap().parse::<u32>().unwrap()
    };
    let misses = answer.stderr.contains("the result misses the words");
    let (male, glasses) = (seen("Male"), seen("Eyeglasses"));
    if male > 50 {
        assert_names(&answer.stderr, &["misses the words", "without Male"]);
    } else if glasses < 50 {
        assert_names(&answer.stderr, &["misses the words", "with Eyeglasses"]);
    } else if male < 50 && glasses > 50 {
        assert!(!misses, "{}", answer.stderr);
    }
    let figure = image::open(place.path("figure.png")).unwrap();
    assert!(figure.width() > 6 * 128 && figure.height() > 4 * 128);
    let mixed = [
        "arithmetic",
        "faces32",
        "woman + 3,4",
        "--data",
        "demo",
        "-o",
        "mixed.png",
    ];
    place.run_with(mixed).succeeded();
}

#[test]
fn unusable_descriptions_are_refused_with_suggestions() {
    let place = place();
    place
        .run("demo-data faces -n 12 --image-size 32")
        .succeeded();
    fs::remove_file(place.path("faces/list_attr_celeba.txt")).unwrap();
    let fails = |words: &str, rest: &str| {
        let words = ["arithmetic", "faces32", words, "-o", "a.png"];
        place.fails_with(words.into_iter().chain(rest.split_whitespace()))
    };
    assert_names(&fails("smiling woman", ""), &["'smiling woman'", "--data"]);
    assert_names(
        &fails("smilng woman", "--data demo"),
        &["'smilng'", "smiling"],
    );
    assert_names(
        &fails("man woman", "--data demo"),
        &["'man woman'", "Male", "opposite"],
    );
    assert_names(
        &fails(
            "bald woman with goatee and hat",
            "--data demo --candidates 100",
        ),
        &[
            "'bald woman with goatee and hat'",
            "of 100 samples",
            "--count",
        ],
    );
    assert_names(
        &fails("woman", "--data faces --no-cache"),
        &["neither attributes nor classes", "list_attr_celeba.txt"],
    );
}

#[test]
fn a_direction_is_found_and_pictures_are_moved_along_it() {
    let place = place();
    let find = "direction faces32 smiling --data demo --samples 1000 -o smiling.safetensors";
    let answer = place.run(find).succeeded();
    assert_names(
        &answer.stdout,
        &[
            "Smiling: the classifier is right",
            "samples change in Smiling",
            "stay the same",
        ],
    );
    let edit = "edit faces32 --seeds 7-9 --direction smiling --strength -2..2 --steps 5 -o row.png";
    let answer = place.run(edit).succeeded();
    assert!(answer.stderr.is_empty(), "{}", answer.stderr);
    let figure = image::open(place.path("row.png")).unwrap();
    assert!(figure.width() > 5 * 128 && figure.height() > 3 * 128);
    // the middle of the first row is the picture that was drawn
    place
        .run("sample faces32 --seeds 7 --out drawn")
        .succeeded();
    let drawn = image::open(place.path("drawn/seed-000007.png")).unwrap();
    let middle = |x: u32, y: u32| figure.get_pixel(6 + 2 * 134 + 4 * x, 6 + 26 + 4 * y);
    for (x, y) in [(0, 0), (12, 17), (31, 31)] {
        assert_eq!(middle(x, y), drawn.get_pixel(x, y), "{x}, {y}");
    }
    fs::rename(
        place.path("smiling.safetensors"),
        place.path("faces32/joy.safetensors"),
    )
    .unwrap();
    place
        .run("edit faces32 --seed 7 --direction joy -o one.png")
        .succeeded();
    place
        .run("edit faces32 --z none.safetensors --direction joy -o none.png")
        .failed();
}

#[test]
fn unusable_directions_are_refused() {
    let place = place();
    place
        .train("demo -n 40 --out other --steps 1 --z-dim 9")
        .succeeded();
    place.write("damaged.safetensors", b"no safetensors file at all");
    let find = "direction faces32 Eyeglasses --data demo --samples 500 -o glasses.safetensors";
    place.run(find).succeeded();
    for (command, named) in [
        (
            "direction faces32 Smilling --data demo -o a.safetensors",
            "Smiling",
        ),
        ("direction faces32 Smiling --data demo -o a.npy", "a.npy"),
        (
            "direction faces32 Smiling --data none -o a.safetensors",
            "none",
        ),
        (
            "direction none Smiling --data demo -o a.safetensors",
            "none",
        ),
        (
            "edit faces32 --seed 1 --direction nose -o a.png",
            "nose.safetensors",
        ),
        (
            "edit faces32 --seed 1 --direction damaged -o a.png",
            "damaged.safetensors",
        ),
        (
            "edit other --seed 1 --direction glasses -o a.png",
            "another model",
        ),
        (
            "edit faces32 --seed 1 --direction glasses --strength 1..x -o a.png",
            "-3..3",
        ),
        (
            "edit faces32 --seed 1 --direction glasses -o a.tiff",
            "a.tiff",
        ),
        ("edit faces32 --direction glasses -o a.png", "--seed"),
        (
            "edit faces32 --seed 0-99 --direction glasses -o a.png",
            "100",
        ),
        (
            "edit faces32 --seed 1 --direction faces32/generator -o a.png",
            "no direction",
        ),
    ] {
        assert_names(&place.fails(command), &[named]);
    }
    place
        .train("demo -n 40 --out same --steps 1 --z-dim 48")
        .succeeded();
    let answer = place
        .run("edit same --seed 1 --direction glasses -o b.png")
        .succeeded();
    assert_names(&answer.stderr, &["another generator"]);
}

#[test]
fn forget_shows_samples_without_maps_and_reports_the_effect() {
    let place = place();
    let run = "forget faces32 --attribute Eyeglasses --data demo --samples 400";
    let answer = place.run(&format!("{run} -o forgotten.png")).succeeded();
    assert_names(
        &answer.stdout,
        &[
            "of 40 feature maps of layer 2 (8x8) draw Eyeglasses",
            "instead of",
        ],
    );
    let figure = image::open(place.path("forgotten.png")).unwrap();
    assert!(figure.width() > 10 * 128 && figure.height() > 2 * 128);
    let few = format!("{run} --layer 1 --maps 5 --seeds 1-3 -o few.png");
    let answer = place.run(&few).succeeded();
    assert_names(&answer.stdout, &["without 5 of them", "3 samples"]);
    for (rest, named) in [
        ("--layer 9 -o a.png", "--layer 9"),
        ("--layer 0 -o a.png", "--layer 0"),
        ("-o a.tiff", "a.tiff"),
        ("--seeds 0-99 -o a.png", "100"),
    ] {
        assert_names(&place.fails(&format!("{run} {rest}")), &[named]);
    }
    let wrong = "forget faces32 --attribute Glases --data demo -o a.png";
    assert_names(&place.fails(wrong), &["'Glases'", "Eyeglasses"]);
}

#[test]
fn the_help_of_attribute_commands_gives_examples() {
    let place = Place::new();
    for (command, option) in [
        ("direction", "--count"),
        ("edit", "--strength"),
        ("forget", "--layer"),
        ("arithmetic", "--exemplars"),
    ] {
        let answer = place.run(&format!("{command} --help")).succeeded();
        assert_names(&answer.stdout, &[option, "Examples:", "dcgan"]);
    }
}
