//! What all commands that draw have in common: `-o`, and how pictures look.

use std::collections::BTreeSet;
use std::fs;

use dcgan::latent::{DirectionOrigin, LatentDirection};
use dcgan::train::RunDirectory;
use image::GenericImageView;

use crate::support::{Place, assert_names};

/// Commands that draw from `run`, in one picture what they are called by default. A `~` stands for
/// a space within an argument. `forget` needs trained networks: see `attributes.rs`.
const DRAWERS: [(&str, &str); 6] = [
    ("sample run -n 3", "sample"),
    ("interpolate run --seeds 1,2 --frames 3", "interpolate"),
    ("arithmetic run 1~-~2~+~3", "arithmetic"),
    (
        "edit run --seeds 1,2 --direction way --strength 0..4 --frames 3",
        "edit",
    ),
    ("neighbours run --seeds 1,2", "neighbours"),
    ("visualize run --features 1 --columns 2", "visualize"),
];

fn place() -> Place {
    let place = Place::with_run();
    let config = RunDirectory::open_shared(&place.path("run"))
        .unwrap()
        .read_config()
        .unwrap();
    let direction = LatentDirection {
        vector: (0..config.model.z_dim)
            .map(|place| 0.1 * (place as f32).sin())
            .collect(),
        origin: DirectionOrigin {
            attribute: "way".to_owned(),
            model: config.model,
            step: 4,
            data_fingerprint: String::new(),
            held_out_accuracy: 1.0,
            held_out_balanced_accuracy: 1.0,
            samples: 1,
        },
    };
    direction.write(&place.path("run/way.safetensors")).unwrap();
    place
}

fn words(command: &str) -> Vec<String> {
    command
        .split_whitespace()
        .map(|word| word.replace('~', " "))
        .collect()
}

#[test]
fn every_command_that_draws_draws_into_the_run_and_says_where() {
    let place = place();
    for (command, name) in DRAWERS {
        let answer = place.run_with(words(command)).succeeded();
        let file = format!("run/{name}.png");
        assert_names(&answer.stdout, &[&format!("in {file}")]);
        place.picture(&file);
    }
    // it may be drawn again, and what a report drew stays
    place.run("sample run -n 2").succeeded();
    assert!(place.path("run/samples/step-000004.png").is_file());

    // a weight file has no such place
    place
        .run("sample run/generator.safetensors -n 2")
        .succeeded();
    place.picture("sample.png");
    place
        .run("project run faces/000001.png --starts 1 --steps 1")
        .succeeded();
    let found: BTreeSet<_> = place.files("run/project");
    let expected = ["000001-found.png", "000001.png", "000001.safetensors"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn the_ending_of_the_name_decides_what_every_command_writes() {
    let place = place();
    let endings: [(&str, &[u8]); 6] = [
        ("png", b"\x89PNG"),
        ("jpg", b"\xff\xd8\xff"),
        ("JPEG", b"\xff\xd8\xff"),
        ("webp", b"RIFF"),
        ("gif", b"GIF8"),
        ("npy", b"\x93NUMPY"),
    ];
    let others = [
        "project run faces/000001.png --starts 1 --steps 1",
        "compare run run --seeds 1,2",
    ];
    let commands = DRAWERS.iter().map(|(command, _)| *command).chain(others);
    for (number, command) in commands.enumerate() {
        for (ending, head) in endings {
            let out = format!("new/{number}/{ending}/all.{ending}");
            let answer = place
                .run_with(words(&format!("{command} -o {out}")))
                .succeeded();
            assert_names(&(answer.stdout + &answer.stderr), &[&out]);
            assert!(place.bytes(&out).starts_with(head), "{command}: {ending}");
        }
    }
    for (number, (command, _)) in DRAWERS.iter().enumerate() {
        for (out, ending) in [("a", "png"), ("b.c/", "webp")] {
            let folder = format!("single/{number}/{out}");
            let format = format!("--picture-format {ending}");
            place
                .run_with(words(&format!("{command} -o {folder} {format}")))
                .succeeded();
            let files = place.files(&folder);
            assert!(files.len() >= 3, "{command}: {files:?}");
            assert!(files.iter().all(|name| name.ends_with(ending)), "{files:?}");
        }
    }
}

#[test]
fn an_ending_that_is_none_of_a_picture_is_refused_with_those_that_are() {
    let place = place();
    for (command, _) in DRAWERS {
        let line = place.fails_with(words(&format!("{command} -o a.tiff")));
        assert_names(&line, &["a.tiff", ".png", ".gif", ".npy", "/"]);
    }
}

#[test]
fn options_that_mean_nothing_for_a_file_are_refused() {
    let place = place();
    for (options, named) in [
        ("-o a.png --fps 9", "--fps"),
        ("-o a.png --picture-format jpg", "--picture-format"),
        ("-o a.gif --columns 3", "--columns"),
        ("-o a/ --columns 3", "--columns"),
        ("-o a.png --smooth", "--upscale"),
    ] {
        let line = place.fails(&format!("sample run -n 2 {options}"));
        assert_names(&line, &[named]);
    }
}

#[test]
fn pictures_are_enlarged_labelled_and_arranged_alike_everywhere() {
    let place = place();
    for (command, name) in DRAWERS {
        let size = |options: &str| {
            let out = format!("{name}.png");
            let command = format!("{command} {options} -o {out}");
            place.run_with(words(&command)).succeeded();
            place.picture(&out)
        };
        let plain = size("--upscale 2");
        let large = size("--upscale 4");
        assert!(large.width() > plain.width() * 3 / 2, "{name}");
        assert!(large.height() > plain.height() * 3 / 2, "{name}");
        let smooth = size("--upscale 4 --smooth");
        assert_eq!(smooth.dimensions(), large.dimensions());
        assert!(smooth != large, "{name}");
        let labelled = size("--upscale 2 --labels");
        assert_eq!(labelled.dimensions(), plain.dimensions());
        assert!(labelled != plain, "{name}");
    }
    let size = |command: &str| {
        place
            .run_with(words(&format!("{command} -o a.png")))
            .succeeded();
        place.picture("a.png").dimensions()
    };
    assert_eq!(size("sample run -n 6 --columns 6"), (6 * 66 + 2, 66 + 2));
    assert_eq!(
        size("interpolate run --seeds 1,2 --frames 3 --columns 2"),
        (2 * 66 + 2, 2 * 66 + 2)
    );
    let edit = "edit run --seeds 1 --direction way --frames 4";
    assert!(size(&format!("{edit} --columns 2")).0 < size(edit).0);
    let neighbours = "neighbours run --seeds 1";
    assert!(size(&format!("{neighbours} --columns 5")).0 > size(neighbours).0);
    let compare = "compare run run --seeds 0-3";
    assert!(size(&format!("{compare} --columns 2")).1 > size(compare).1);
}

#[test]
fn truncation_changes_what_every_generator_draws() {
    let place = place();
    for (command, name) in DRAWERS {
        if name == "visualize" {
            continue; // draws pictures of the data
        }
        let drawn = |options: &str| {
            let out = format!("{name}.npy");
            let command = format!("{command} {options} --force -o {out}");
            place.run_with(words(&command)).succeeded();
            place.bytes(&out)
        };
        assert!(drawn("--truncation 0.5") != drawn(""), "{name}");
    }
}

#[test]
fn the_pictures_of_an_animation_are_large_unless_another_size_is_asked_for() {
    let place = place();
    let width = |options: &str| {
        place
            .run(&format!("interpolate run --seeds 1,2 {options} -o a.gif"))
            .succeeded();
        place.picture("a.gif").width()
    };
    assert_eq!(width("--frames 2"), 256);
    assert_eq!(width("--frames 2 --upscale 1"), 64);
}

#[test]
fn a_picture_that_is_too_large_for_its_format_is_refused() {
    let place = place();
    let line = place.fails("sample run -n 300 --columns 300 -o wide.webp");
    assert_names(&line, &[".webp", "16383", ".png"]);
}

/// The viewer of other systems is not looked for in `PATH`.
#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn open_shows_the_result_and_a_missing_viewer_is_no_error() {
    use std::os::unix::fs::PermissionsExt;

    let place = place();
    let viewer = "#!/bin/sh\necho \"$1\" > shown.txt\n";
    place.write("bin/xdg-open", viewer);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.path("bin/xdg-open"), executable).unwrap();
    let mut paths = vec![place.path("bin")];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    for (command, shown) in [
        ("sample run -n 2 --open", "run/sample.png"),
        ("doctor run --open", "run/doctor.png"),
        ("compare run run --open", "comparison/pictures.png"),
    ] {
        let mut command = place.command(command.split(' '));
        let path = std::env::join_paths(&paths).unwrap();
        assert!(command.env("PATH", path).output().unwrap().status.success());
        assert_names(&place.text("shown.txt"), &[shown]);
    }
    let mut command = place.command("sample run -n 2 --open".split(' '));
    let output = command.env("PATH", place.path("")).output().unwrap();
    assert!(output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_names(&stderr, &["--open", "run/sample.png"]);
}

#[test]
fn old_names_of_options_that_draw_still_work() {
    let place = place();
    let pairs = [
        (
            "sample run -n 3 --seed 5 --grid OUT.png",
            "sample run --seeds 5-7 -o OUT.png",
        ),
        (
            "interpolate run --seeds 1,2 --steps 3 -o OUT.png",
            "interpolate run --seeds 1,2 --frames 3 -o OUT.png",
        ),
        (
            "edit run --seed 1 --direction way --steps 3 -o OUT.png",
            "edit run --seeds 1 --direction way --frames 3 -o OUT.png",
        ),
        (
            "visualize run --data faces --features 1 --pictures 2 -o OUT.png",
            "visualise run --features 1 --columns 2 -o OUT.png",
        ),
        (
            "neighbours run --data faces --seeds 1 -o OUT.png",
            "neighbors run --seeds 1 -o OUT.png",
        ),
        (
            "features run faces -o OUT.npy",
            "features run --data faces -o OUT.npy",
        ),
    ];
    for (number, (old, new)) in pairs.into_iter().enumerate() {
        let ending = old.rsplit_once('.').unwrap().1;
        for (which, command) in [("old", old), ("new", new)] {
            let out = format!("{which}-{number}");
            place
                .run_with(words(&command.replace("OUT", &out)))
                .succeeded();
        }
        place.assert_same(
            &format!("old-{number}.{ending}"),
            &format!("new-{number}.{ending}"),
        );
    }
    place
        .run("sample run -n 3 --format npy --out arrays/")
        .succeeded();
    place.run("sample run -n 3 -o array.npy").succeeded();
    place.assert_same("arrays/pictures.npy", "array.npy");
    place
        .run("sample run -n 2 --format jpg --out single")
        .succeeded();
    assert!(place.path("single/seed-000001.jpg").is_file());
    place
        .run("sample run -n 2 --grid both.png --out both")
        .succeeded();
    assert!(place.path("both.png").is_file() && place.path("both/seed-000001.png").is_file());
    place
        .run("bench sample --preset small --batch 1 --steps 1")
        .succeeded();
    place
        .run("train demo --demo-faces 8 --steps 1 --ngf 4 --ndf 4 --batch-size 4")
        .succeeded();
}
