//! What every command does with the file that it is to write.

use std::collections::BTreeSet;

use crate::support::{Place, TINY_TUTORIAL, assert_names};

/// A command that writes the file OUT, whose name ends in `ending`.
pub struct Writer {
    pub command: &'static str,
    pub ending: &'static str,
    /// A file of the run that OUT may be called.
    of_run: &'static str,
}

const fn writer(command: &'static str, ending: &'static str, of_run: &'static str) -> Writer {
    Writer {
        command,
        ending,
        of_run,
    }
}

/// All commands that write one file. A `~` stands for a space within an argument.
pub const WRITERS: [Writer; 22] = [
    writer("sample run -n 2 -o OUT", "png", "losses.png"),
    writer("sample run -n 2 -o OUT", "npy", "samples/new.npy"),
    writer("sample run -n 2 --grid OUT", "jpg", "samples/new.jpg"),
    writer("compare run run -o OUT", "png", "losses.png"),
    writer(
        "interpolate run --seeds 1,2 --steps 2 -o OUT",
        "png",
        "samples/step-000002.png",
    ),
    writer(
        "interpolate run --seeds 1,2 --steps 2 -o OUT",
        "gif",
        "samples/new.gif",
    ),
    writer(
        "interpolate run --seeds 1,2 --steps 2 -o OUT",
        "webp",
        "samples/new.webp",
    ),
    writer("arithmetic run 1~-~2~+~3 -o OUT", "png", "losses.png"),
    writer(
        "direction run Smiling --data faces -o OUT",
        "safetensors",
        "generator.safetensors",
    ),
    writer(
        "edit run --seeds 1 --direction way -o OUT",
        "png",
        "losses.png",
    ),
    writer(
        "forget run --attribute Smiling --data faces -o OUT",
        "png",
        "losses.png",
    ),
    writer(
        "visualize run --data faces --features 1 -o OUT",
        "png",
        "losses.png",
    ),
    writer("features run faces -o OUT", "npy", "checkpoints/new.npy"),
    writer("doctor run -o OUT", "png", "losses.png"),
    writer(
        "neighbours run --data faces --seeds 1 -o OUT",
        "png",
        "losses.png",
    ),
    writer(
        "import way.safetensors -o OUT",
        "safetensors",
        "discriminator.safetensors",
    ),
    writer("export run --onnx OUT", "onnx", "checkpoints/new.onnx"),
    writer(
        "export run --safetensors OUT",
        "safetensors",
        "generator.safetensors",
    ),
    writer("export run --page OUT", "html", "samples/new.html"),
    writer("info run --csv OUT", "csv", "samples/new.csv"),
    writer("data check faces --preview OUT", "png", "losses.png"),
    writer("data pack faces -o OUT", "pack", "metrics.jsonl"),
];

/// Commands that write into a folder, and one of the names.
pub const FOLDER_WRITERS: [(&str, &str); 7] = [
    ("man -o OUT", "dcgan-train.1"),
    ("sample run -n 2 --out OUT", "seed-000001.png"),
    (
        "interpolate run --seeds 1,2 --steps 2 -o OUT",
        "frame-00001.png",
    ),
    ("project run faces/000001.png -o OUT", "000001.png"),
    ("demo-data OUT -n 2", "000002.png"),
    ("compare run run -o OUT", "plot.png"),
    ("export run --hub OUT", "config.json"),
];

/// Commands that write no files of the user's, or whose files are their own.
const OTHERS: [&str; 9] = [
    "studio",
    "train",
    "classify",
    "evaluate",
    "runs",
    "cache",
    "bench",
    "devices",
    "completions",
];

pub fn arguments(command: &str, out: &str) -> Vec<String> {
    let words = command.split(' ').map(|word| word.replace('~', " "));
    words
        .map(|word| if word == "OUT" { out.to_owned() } else { word })
        .collect()
}

#[test]
fn every_command_is_in_these_tables() {
    let help = Place::new().run("--help").succeeded().stdout;
    let listed: BTreeSet<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && !word.starts_with('-') && *word != "dcgan")
        .collect();
    let first = |command: &'static str| command.split(' ').next().unwrap();
    let known: BTreeSet<&str> = WRITERS
        .iter()
        .map(|writer| first(writer.command))
        .chain(FOLDER_WRITERS.iter().map(|(command, _)| first(command)))
        .chain(OTHERS)
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn no_command_replaces_a_file_that_it_did_not_write_or_a_part_of_a_run() {
    let place = Place::with_run();
    place.write("way.safetensors", "to be imported");
    for Writer {
        command,
        ending,
        of_run,
    } in WRITERS
    {
        let mine = format!("mine.{ending}");
        place.write(&mine, "a user's own work");
        let line = place.fails_with(arguments(command, &mine));
        assert_names(&line, &[&mine, "--force", "another name"]);
        assert_eq!(place.text(&mine), "a user's own work", "{command}");

        let owned = format!("run/{of_run}");
        for force in ["", " --force"] {
            let line = place.fails_with(arguments(&format!("{command}{force}"), &owned));
            assert_names(&line, &[&owned, "belongs to the run"]);
        }
    }
    for (place_number, (command, name)) in FOLDER_WRITERS.into_iter().enumerate() {
        let folder = format!("there-{place_number}");
        let mine = format!("{folder}/{name}");
        place.write(&mine, "a user's own work");
        let line = place.fails_with(arguments(command, &folder));
        assert_names(&line, &[&mine, "--force"]);
        assert_eq!(place.text(&mine), "a user's own work");
        for folder in ["run/samples", "run/checkpoints"] {
            let line = place.fails_with(arguments(command, folder));
            assert_names(&line, &[folder, "belongs to the run"]);
        }
        place.write("file", "");
        let line = place.fails_with(arguments(command, "file"));
        assert_names(&line, &["file", "not a folder"]);
    }
}

#[test]
fn no_command_replaces_what_it_reads() {
    let place = Place::with_run();
    let commands = [
        ("data pack faces --force -o OUT", "faces/000001.png"),
        ("data pack faces -o OUT", "faces/list_attr_celeba.txt"),
        ("data check faces --force --preview OUT", "faces/000001.png"),
        (
            "visualize run --data faces --force -o OUT",
            "faces/000001.png",
        ),
        ("project run faces/000001.png -o OUT", "faces"),
        ("edit run --seeds 1 --direction a.png -o OUT", "a.png"),
    ];
    place.write("a.png", "not a direction");
    for (command, out) in commands {
        let line = place.fails_with(arguments(command, out));
        assert_names(&line, &[out, "reads"]);
    }
    let trace = format!("train faces {TINY_TUTORIAL} --steps 1 --out new --trace");
    for force in ["", " --force"] {
        let line = place.fails(&format!("{trace} faces/000001.png{force}"));
        assert_names(&line, &["faces/000001.png", "reads"]);
        let line = place.fails(&format!("{trace} run/config.toml{force}"));
        assert_names(&line, &["run/config.toml", "belongs to the run"]);
    }
    place.picture("faces/000001.png");

    #[cfg(unix)]
    {
        // a link of either kind leads to the same file
        std::fs::hard_link(place.path("a.png"), place.path("hard.png")).unwrap();
        std::os::unix::fs::symlink("a.png", place.path("soft.png")).unwrap();
        for link in ["hard.png", "soft.png"] {
            let line = place.fails_with(arguments(
                "edit run --seeds 1 --direction a.png --force -o OUT",
                link,
            ));
            assert_names(&line, &[link, "reads"]);
        }
    }
}

#[test]
fn a_command_replaces_its_own_file_when_it_is_repeated() {
    let place = Place::with_run();
    let commands = [
        ("sample run -n 2 --grid OUT", "a.png"),
        ("sample run -n 2 --grid OUT", "a.jpg"),
        ("sample run -n 2 --grid OUT", "a.webp"),
        ("sample run -n 2 --out OUT", "singles"),
        ("interpolate run --seeds 1,2 --steps 2 -o OUT", "b.gif"),
        ("interpolate run --seeds 1,2 --steps 2 -o OUT", "b.webp"),
        ("data pack faces -o OUT", "faces.pack"),
        ("doctor run -o OUT", "doctor.png"),
        (
            "project run faces/000001.png --starts 1 --steps 1 -o OUT",
            "found",
        ),
    ];
    for (command, out) in commands {
        for _ in 0..2 {
            place.run_with(arguments(command, out)).succeeded();
        }
    }
    // one command may replace what another one wrote
    place.run("sample run -n 1 --grid doctor.png").succeeded();

    // weights may be hours of training
    std::fs::copy(
        place.path("run/generator.safetensors"),
        place.path("w.safetensors"),
    )
    .unwrap();
    let line = place.fails("import faces/000001.png -o w.safetensors");
    assert_names(&line, &["w.safetensors", "--force"]);
    place.assert_same("w.safetensors", "run/generator.safetensors");

    // an array has no mark
    place.run("features run faces -o f.npy").succeeded();
    let line = place.fails("features run faces -o f.npy");
    assert_names(&line, &["f.npy", "--force"]);
    place.run("features run faces -o f.npy --force").succeeded();
    place.write("mine.png", "to be replaced");
    place
        .run("sample run -n 1 --grid mine.png --force")
        .succeeded();
    place.picture("mine.png");
}

#[test]
fn a_default_name_that_is_taken_is_left_alone_with_a_note() {
    let place = Place::with_run();
    place.write("faces-preview.png", "mine");
    let answer = place.run("data check faces").succeeded();
    assert_names(&answer.stderr, &["no preview", "faces-preview.png"]);
    assert_eq!(place.text("faces-preview.png"), "mine");
    place.write("run/doctor.png", "mine");
    let answer = place.run("doctor run").succeeded();
    assert_names(&answer.stderr, &["no plot", "doctor.png"]);
    assert_eq!(place.text("run/doctor.png"), "mine");
}

#[test]
fn a_users_files_whose_names_are_only_similar_are_no_obstacle() {
    let place = Place::with_run();
    let commands = [
        (
            "sample run -n 2 --out OUT",
            ["seed-title.png", "seed-000002.png", "seed-1.png"],
        ),
        (
            "interpolate run --seeds 1,2 --steps 2 -o OUT",
            ["frame-title.png", "frame-1.png", "frame-00001.jpg"],
        ),
        (
            "project run faces/000001.png --starts 1 --steps 1 -o OUT",
            ["000001-2.png", "000001-notes.png", "000001.old.safetensors"],
        ),
        ("demo-data OUT -n 2", ["1.png", "000003.png", "000001.jpg"]),
    ];
    for (number, (command, names)) in commands.into_iter().enumerate() {
        let folder = format!("there-{number}");
        for name in names {
            place.write(&format!("{folder}/{name}"), "a user's own work");
        }
        place.run_with(arguments(command, &folder)).succeeded();
        for name in names {
            assert_eq!(place.text(&format!("{folder}/{name}")), "a user's own work");
        }
    }
}

#[test]
fn pictures_of_one_name_get_different_files() {
    let place = Place::with_run();
    for name in ["a/x.png", "b/x.png", "x-found.png"] {
        place.write(name, place.bytes("faces/000001.png"));
    }
    let pictures = "a/x.png b/x.png x-found.png";
    let options = "--starts 1 --steps 1";
    place
        .run(&format!("project run {pictures} {options} -o found"))
        .succeeded();
    assert_eq!(place.files("found").len(), 9);
}
