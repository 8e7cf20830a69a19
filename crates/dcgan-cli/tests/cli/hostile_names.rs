//! Names with characters that a terminal would obey: line breaks, escape sequences, marks of the
//! direction of writing.

use std::fs;
use std::io::Read;
use std::path::Path;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::{Answer, Place, TINY_TUTORIAL, png, sealed};

/// Clears the screen, breaks the line, and shows what follows from right to left.
const HOSTILE: &str = "a\u{1b}[2J\nb\tc\u{202e}\u{9b}\u{200b}d";

/// The same as it is printed.
const SHOWN: &str = "a\\u001b[2J\\nb\\tc\\u202e\\u009b\\u200bd";

/// Eight pictures in each of two hostile classes, one of them damaged, in a hostile folder.
fn hostile_place() -> Place {
    let place = Place::new();
    for class in 1..=2 {
        place.write_pictures(&format!("{HOSTILE}/{class}{HOSTILE}"), 8);
    }
    place.write(&format!("{HOSTILE}/1{HOSTILE}/{HOSTILE}.png"), "no picture");
    place
}

/// As [`hostile_place`], with a run in `run` that was trained there.
fn with_hostile_run() -> Place {
    let place = hostile_place();
    let train = format!("train HOSTILE --out run --steps 2 --report-every 2 {TINY_TUTORIAL}");
    place.run_with(words(&train)).succeeded();
    place
}

/// The words of a command with the hostile name in the place of `HOSTILE`.
fn words(command: &str) -> Vec<String> {
    let words = command.split(' ');
    words.map(|word| word.replace("HOSTILE", HOSTILE)).collect()
}

/// Asserts that nothing in an answer is obeyed by a terminal, and that no line breaks in a name.
fn assert_printable(answer: &Answer) {
    let is_obeyed = |character: char| {
        character != '\n' && (character.is_control() || "\u{200b}\u{202e}".contains(character))
    };
    for text in [&answer.stdout, &answer.stderr] {
        assert!(!text.contains(is_obeyed), "{}: {text:?}", answer.command);
        for line in text.lines() {
            let (starts, ends) = (line.matches("a\\u001b[2J"), line.matches("\\u200bd"));
            let is_cut = line.contains('…'); // in a column
            let is_whole = starts.count() <= ends.count();
            assert!(is_whole || is_cut, "{}: {text}", answer.command);
        }
    }
}

fn assert_shown(answer: &Answer) {
    assert_printable(answer);
    let said = format!("{}{}", answer.stdout, answer.stderr);
    assert!(said.contains(SHOWN), "{}: {said}", answer.command);
}

#[test]
fn no_command_prints_names_that_a_terminal_obeys() {
    let place = with_hostile_run();
    fs::rename(place.path("run"), place.path(&format!("run-{HOSTILE}"))).unwrap();
    let run = format!("run-{HOSTILE}");
    let shown = [
        "data check HOSTILE --no-preview",
        "data pack HOSTILE -o HOSTILE.pack",
        "info run-HOSTILE",
        "doctor run-HOSTILE",
        "sample run-HOSTILE -n 2 --grid HOSTILE.png",
        "sample run-HOSTILE -n 2 --out HOSTILE-drawn",
        "interpolate run-HOSTILE --seeds 1,2 --steps 2 -o HOSTILE.gif",
        "classify run-HOSTILE HOSTILE",
        "features run-HOSTILE HOSTILE -o HOSTILE.npy",
        "neighbours run-HOSTILE --data HOSTILE --seeds 1 -o n-HOSTILE.png",
        "evaluate run-HOSTILE --data HOSTILE -n 16 --metrics memorisation",
        "compare run-HOSTILE run-HOSTILE -o HOSTILE-both",
        "compare run-HOSTILE run-HOSTILE -o HOSTILE-both --markdown",
        "visualize run-HOSTILE --data HOSTILE --features 1 -o v-HOSTILE.png",
        "train --resume run-HOSTILE --steps 4 --threads 1",
    ];
    for command in shown {
        assert_shown(&place.run_with(words(command)).succeeded());
    }
    let skipped = place.text(&format!("{run}/skipped.txt"));
    assert_eq!(skipped.lines().count(), 1, "{skipped:?}");
    assert!(skipped.contains(SHOWN), "{skipped:?}");
    let refused = [
        "info HOSTILE",
        "doctor HOSTILE",
        "sample missing-HOSTILE -n 2 --out x",
        "train missing-HOSTILE",
        "train HOSTILE HOSTILE",
        "train HOSTILE --preset HOSTILE",
        "train HOSTILE --attribute-HOSTILE",
        "HOSTILE",
        "import HOSTILE.pack -o x.safetensors",
        "classify run-HOSTILE HOSTILE --attribute HOSTILE",
        "direction run-HOSTILE HOSTILE --data HOSTILE -o x.safetensors",
        "arithmetic run-HOSTILE HOSTILE --data HOSTILE -o x.png",
        "arithmetic run-HOSTILE HOSTILE -o x.png",
        "project run-HOSTILE missing-HOSTILE -o x",
        "edit run-HOSTILE --seeds 1 --direction HOSTILE -o x.png",
        "bench sample HOSTILE",
    ];
    for command in refused {
        let answer = place.run_with(words(command));
        assert_eq!(answer.code, Some(1), "{}", answer.command);
        assert_printable(&answer);
    }
}

#[test]
fn hostile_names_leave_json_as_it_is() {
    let place = with_hostile_run();
    let json = |command: &str| -> serde_json::Value {
        let answer = place.run_with(words(command)).succeeded();
        assert_shown(&answer);
        serde_json::from_str(&answer.stdout).expect("JSON")
    };
    let classes = [format!("1{HOSTILE}"), format!("2{HOSTILE}")];
    let report = json("data check HOSTILE --no-preview --json");
    let names = report["labels"].as_array().unwrap().iter();
    let names: Vec<&str> = names.filter_map(|label| label["name"].as_str()).collect();
    assert_eq!(names, classes);
    assert_eq!(
        json("classify run HOSTILE --json")["classes"],
        serde_json::json!(classes)
    );
    let report = json("evaluate run --data HOSTILE -n 16 --metrics memorisation --json");
    assert_eq!(report["real"]["path"], HOSTILE);
    fs::rename(place.path("run"), place.path(HOSTILE).join("run")).unwrap();
    let report = json("doctor HOSTILE/run --json");
    assert_eq!(report["run"], format!("{HOSTILE}/run"));
}

#[test]
fn hostile_attributes_are_shown_escaped() {
    let place = Place::new();
    place
        .run("demo-data faces -n 40 --image-size 32")
        .succeeded();
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../dcgan-explore/tests/fixtures/faces32");
    for name in ["generator.safetensors", "discriminator.safetensors"] {
        place.write(
            &format!("run/{name}"),
            fs::read(fixture.join(name)).unwrap(),
        );
    }
    // the names are separated by spaces
    let name = HOSTILE.replace(['\n', '\t'], "_");
    let list = place.text("faces/list_attr_celeba.txt");
    place.write(
        "faces/list_attr_celeba.txt",
        list.replacen("Smiling ", &format!("{name} "), 1),
    );
    let shown = "c\\u202e\\u009b\\u200bd";
    let commands = [
        "data check faces --no-preview",
        "direction run NAME --data faces -o d.safetensors --samples 100",
        "direction run unknown-NAME --data faces -o d.safetensors",
        "arithmetic run unknown-NAME --data faces -o a.png",
        "forget run --attribute NAME --data faces -o f.png --samples 100",
    ];
    for command in commands {
        let words = command.split(' ').map(|word| word.replace("NAME", &name));
        let answer = place.run_with(words);
        assert_printable(&answer);
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(said.contains(shown), "{}: {said}", answer.command);
    }
}

#[test]
fn hostile_tensor_names_are_shown_escaped() {
    let place = Place::with_run();
    let mut bytes = place.bytes("run/generator.safetensors");
    let name = b"gen.0.0.weight";
    let start = bytes.windows(name.len()).position(|window| window == name);
    let start = start.expect("the tensor");
    bytes[start..start + name.len()].copy_from_slice("gen.0.\u{202e}eight".as_bytes());
    place.write("hostile.safetensors", sealed(&bytes));
    for command in [
        "info hostile.safetensors",
        "sample hostile.safetensors -n 1 --out x",
    ] {
        let answer = place.run(command);
        assert_printable(&answer);
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(said.contains("gen.0."), "{said}");
    }
}

#[test]
fn progress_bars_show_names_escaped() {
    let place = Place::with_run();
    place.write(
        &format!("{HOSTILE}.png"),
        png(&crate::support::colourful(1).into()),
    );
    let size = PtySize {
        cols: 200,
        ..PtySize::default()
    };
    let terminal = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dcgan"));
    command.args(words(
        "project run HOSTILE.png --starts 1 --steps 40 -o found",
    ));
    command.cwd(place.path(""));
    let mut child = terminal.slave.spawn_command(command).unwrap();
    drop(terminal.slave);
    let mut said = Vec::new();
    let _ = terminal
        .master
        .try_clone_reader()
        .unwrap()
        .read_to_end(&mut said); // which fails at the end
    assert!(child.wait().unwrap().success());
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(&format!("{SHOWN} ")), "{said:?}");
    for raw in ["[2J\r", "[2J\n", "\u{202e}", "\u{200b}"] {
        assert!(!said.contains(raw), "{said:?}");
    }
}
