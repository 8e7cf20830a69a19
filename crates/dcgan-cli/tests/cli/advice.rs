//! What errors advise: only what the command that failed can do.

use std::collections::BTreeSet;

use crate::support::{Answer, Place};
use crate::targets::{FOLDER_WRITERS, WRITERS, Writer, arguments};

/// Commands in the table of writers that fail before they write, as the small run has no input for
/// them.
const WITHOUT_INPUT: [&str; 4] = ["direction", "edit", "forget", "import"];

/// The flags that a text names outside of quoted commands.
fn flags(text: &str) -> BTreeSet<&str> {
    let words = text.split('`').step_by(2).flat_map(str::split_whitespace);
    words
        .filter(|word| word.starts_with("--"))
        .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
        .collect()
}

/// The error of a command, which notes may precede.
fn error_of(answer: &Answer) -> String {
    assert_eq!(
        answer.code,
        Some(1),
        "{}: {}",
        answer.command,
        answer.stderr
    );
    let line = answer.stderr.lines().last().unwrap_or_default();
    assert!(line.starts_with("error: "), "{}: {line}", answer.command);
    line.to_owned()
}

/// Asserts that the advice at the end of an error fits the command.
fn assert_fits(place: &Place, command: &str, line: &str) {
    let parts = if command.starts_with("data") { 2 } else { 1 };
    let name: Vec<&str> = command.split(' ').take(parts).collect();
    let help = place.run(&format!("{} --help", name.join(" "))).succeeded();
    let known = flags(&help.stdout);
    for flag in flags(line) {
        assert!(known.contains(flag), "{command} has no {flag}: {line}");
    }
    assert!(!line.contains("train --resume"), "{command}: {line}");
}

#[test]
fn advice_fits_the_command_whatever_stops_it_from_writing() {
    let place = Place::with_run();
    place.write("file", "");
    for Writer {
        command, ending, ..
    } in WRITERS
    {
        let name = command.split(' ').next().unwrap_or_default();
        if WITHOUT_INPUT.contains(&name) {
            continue;
        }
        let full = format!("full.{ending}");
        std::os::unix::fs::symlink("/dev/full", place.path(&full)).unwrap();
        let causes = [
            (full.clone(), "make room"),
            (format!("file/new.{ending}"), "a file is in the way"),
        ];
        for (out, advice) in causes {
            let line = error_of(&place.run_with(arguments(command, &out)));
            assert!(line.contains(advice), "{command} to {out}: {line}");
            assert_fits(&place, command, &line);
        }
        std::fs::remove_file(place.path(&full)).unwrap();
    }
    for (command, name) in FOLDER_WRITERS {
        let out = format!("folder-{}", name.replace('.', "-"));
        std::fs::create_dir(place.path(&out)).unwrap();
        let full = place.path(&format!("{out}/{name}"));
        std::os::unix::fs::symlink("/dev/full", &full).unwrap();
        let line = error_of(&place.run_with(arguments(command, &out)));
        assert!(line.contains("make room"), "{command}: {line}");
        assert_fits(&place, command, &line);

        let line = error_of(&place.run_with(arguments(command, "file/new")));
        assert!(line.contains("a file is in the way"), "{command}: {line}");
        assert_fits(&place, command, &line);
    }
}

#[test]
fn advice_fits_every_command_whose_input_is_missing_or_wrong() {
    let place = Place::with_run();
    place.write("wrong", "neither pictures nor weights");
    let commands = [
        "data check wrong",
        "data pack wrong -o x.pack",
        "sample wrong -n 2 --out x",
        "interpolate wrong --seeds 1,2 -o x.png",
        "arithmetic wrong 1 -o x.png",
        "arithmetic run woman -o x.png",
        "arithmetic run woman --data wrong -o x.png",
        "direction run Smiling --data wrong -o x.safetensors",
        "direction wrong Smiling --data demo -o x.safetensors",
        "edit run --seeds 1 --direction wrong -o x.png",
        "forget run --attribute Smiling --data wrong -o x.png",
        "project run wrong -o x",
        "visualize run --data wrong -o x.png",
        "features run wrong -o x.npy",
        "doctor wrong",
        "evaluate run --data wrong",
        "evaluate wrong --data faces",
        "neighbours run --data wrong -o x.png",
        "classify run wrong",
        "classify run faces",
        "import wrong -o x.safetensors",
        "info wrong",
        "bench sample wrong",
    ];
    for command in commands {
        for command in [command.to_owned(), command.replace("wrong", "missing")] {
            let answer = place.run(&command);
            if answer.code != Some(0) {
                assert_fits(&place, &command, &error_of(&answer));
            }
        }
    }
}
