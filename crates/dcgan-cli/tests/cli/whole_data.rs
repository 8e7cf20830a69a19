//! Everything in the data is used, or counted and named with what to do about it.

use std::fs;

use image::{DynamicImage, ImageBuffer, Luma};
use serde_json::Value;

use crate::support::{Place, assert_names, png};

/// The beginning of a HEIC picture.
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";

fn json(place: &Place, arguments: &str) -> Value {
    let answer = place.run(&format!("data check {arguments} --json --no-preview"));
    serde_json::from_str(&answer.succeeded().stdout).expect("JSON")
}

#[test]
fn pictures_that_are_not_read_are_named_by_every_command_with_the_conversion() {
    let place = Place::new();
    place.write_pictures("my photos", 8);
    for number in 0..20 {
        place.write(&format!("my photos/IMG_{number}.HEIC"), HEIC);
    }
    place.write("my photos/notes.txt", "hello");
    let answer = place.run_with(["data", "check", "my photos"]).succeeded();
    assert_names(
        &answer.stdout,
        &[
            "pictures     8",
            "left out     21",
            "20 HEIC, such as IMG_0.HEIC",
            "1 .txt: notes.txt",
            "find 'my photos' -iname '*.heic' -exec heif-convert {} {}.jpg \\;",
        ],
    );
    fs::rename(place.path("my photos"), place.path("photos")).unwrap();
    let found = json(&place, "photos");
    assert_eq!(found["left_out"][0]["kind"], "HEIC");
    assert_eq!(found["left_out"][0]["reason"], "unread_format");
    assert_eq!(found["left_out"][0]["count"], 20);
    let answer = place.train("photos --out run --steps 1").succeeded();
    assert_names(
        &answer.stderr,
        &["note: left out 21 files: 20 HEIC, 1 .txt"],
    );
    assert_eq!(place.text("run/skipped.txt").lines().count(), 21);
    let answer = place.run("data pack photos -o photos.pack").succeeded();
    assert_names(&answer.stderr, &["left out 21 files: 20 HEIC, 1 .txt"]);
    place.write("only/a.heic", HEIC);
    let line = place.fails("train only");
    assert_names(&line, &["no pictures in", "1 HEIC", "only -iname '*.heic'"]);
}

#[test]
fn a_check_of_the_current_directory_finds_the_same_the_second_time() {
    let place = Place::new();
    place.write_pictures(".", 8);
    let check = || json(&place, ".")["pictures"].clone();
    assert_eq!(check(), 8);
    let first = place.run("data check .").succeeded();
    assert_names(&first.stdout, &["-preview.png"]);
    let second = place.run("data check .").succeeded();
    assert_names(
        &second.stdout,
        &[
            "pictures     8",
            "1 picture that this program drew",
            "from the cache",
        ],
    );
    place.train(". --out runs/one --steps 2").succeeded();
    place
        .run("sample runs/one -n 4 --grid grid.png")
        .succeeded();
    place.run("sample runs/one -n 4 --out drawn").succeeded();
    assert_eq!(check(), 8);
    let line = place.fails("train drawn");
    assert_names(
        &line,
        &["all 4 pictures in", "drawn were drawn by this program"],
    );
    let line = place.fails("train runs/one --out other");
    assert_names(&line, &["runs/one is a run of this program"]);
    // What is drawn may still be examined.
    place
        .run("features runs/one drawn -o drawn.npy")
        .succeeded();
}

#[test]
fn few_levels_of_sixteen_bits_are_mentioned_and_stretched_on_demand() {
    let place = Place::new();
    for number in 0..8_u32 {
        let picture = ImageBuffer::from_fn(20, 20, |x, y| {
            Luma([700 + (x * 20 + y * 20 + number * 10) as u16])
        });
        let picture: DynamicImage = DynamicImage::ImageLuma16(picture);
        place.write(&format!("dark/{number}.png"), png(&picture));
    }
    let answer = place.run("data check dark --no-preview").succeeded();
    assert_names(
        &answer.stdout,
        &[
            "use the levels 700 to 1530, 1.3 % of the range",
            "--levels auto",
        ],
    );
    assert!(!answer.stdout.contains("blank"), "{}", answer.stdout);
    let answer = place.train("dark --out one --steps 1").succeeded();
    assert_names(&answer.stderr, &["1.3 % of the range", "--levels auto"]);
    let answer = place
        .train("dark --out two --steps 1 --levels auto")
        .succeeded();
    assert!(!answer.stderr.contains("--levels"), "{}", answer.stderr);
    assert_names(&place.text("two/config.toml"), &["levels = \"700-1530\""]);
    let brightest = |run: &str| {
        let grid = place
            .picture(&format!("{run}/samples/step-000001-real.png"))
            .to_luma8();
        // Without the lines around the pictures.
        (2..60).map(|at| grid.get_pixel(at, at)[0]).max().unwrap()
    };
    assert!(brightest("one") < 20 && brightest("two") > 150);
    place
        .run("train --resume two --steps 2 --threads 1")
        .succeeded();
    place
        .run("data pack dark -o dark.pack --levels auto")
        .succeeded();
    place.train("dark.pack --out three --steps 1").succeeded();
    let line = place.fails("data check dark --levels 9-8");
    assert_names(&line, &["9-8", "700-1690"]);
}

#[test]
fn masks_beside_photos_are_mentioned_with_the_folder_to_give() {
    let place = Place::new();
    place.write_pictures("pets/images", 8);
    for number in 0..8_u32 {
        let mask = image::GrayImage::from_fn(20, 20, |x, y| {
            Luma([if x + y > 9 + number { 255 } else { 0 }])
        });
        place.write(&format!("pets/masks/{number}.png"), png(&mask.into()));
    }
    let words = [
        "masks/ looks like masks",
        "8 pictures",
        "give pets/images alone",
    ];
    let answer = place.run("data check pets --no-preview").succeeded();
    assert_names(&answer.stdout, &words);
    let answer = place.train("pets --out run --steps 1").succeeded();
    let words = ["masks/ looks like masks", "8 pictures", "pets/images alone"];
    assert_names(&answer.stderr, &words);
    let answer = place.train("pets/images --out other --steps 1").succeeded();
    assert!(!answer.stderr.contains("masks"), "{}", answer.stderr);
}

#[test]
fn names_with_escape_sequences_are_escaped_everywhere() {
    let place = Place::new();
    for number in 0..8 {
        let name = format!("data/\u{1b}[31mred{number}\u{1b}[0m\n.png");
        let white = image::RgbImage::from_pixel(20, 20, image::Rgb([255; 3]));
        place.write(&name, png(&white.into()));
        place.write(&format!("data/\u{1b}[31m{number}.heic"), HEIC);
    }
    place.write("data/\u{1b}[31mbad.png", "");
    for command in [
        "data check data",
        "data check data --json",
        "train data --steps 1 --out run --threads 1 --ngf 4 --ndf 4",
    ] {
        let answer = place.run(command);
        for text in [&answer.stdout, &answer.stderr] {
            assert!(!text.contains('\u{1b}'), "{command}: {text:?}");
        }
        assert_eq!(answer.code, Some(0), "{command}: {}", answer.stderr);
    }
    let skipped = place.text("run/skipped.txt");
    assert!(!skipped.contains('\u{1b}'), "{skipped:?}");
    assert_eq!(skipped.lines().count(), 9, "{skipped:?}");
}

#[test]
fn pictures_that_are_intact_are_not_called_damaged() {
    let place = Place::new();
    place.write_pictures("data", 8);
    place.write("data/wrong.jpg", HEIC);
    let answer = place.run("data check data --no-preview").succeeded();
    assert_names(
        &answer.stdout,
        &[
            "wrong.jpg: is HEIC, which is not read",
            "the reasons are above",
        ],
    );
    assert!(!answer.stdout.contains("download"), "{}", answer.stdout);
    place.write("data/cut.png", &place.bytes("data/0.png")[..40]);
    let answer = place.run("data check data --no-preview").succeeded();
    assert_names(&answer.stdout, &["download or copy the damaged ones again"]);
}
