//! The help and the error lines, compared with files, so that every change of them shows in review.

use crate::support::{Place, assert_snapshot};

/// Asserts that the help of a command is what the snapshot holds, and of its commands too.
fn assert_help(place: &Place, command: &str) {
    let mut program = place.command(command.split_whitespace().chain(["--help"]));
    let output = program.env("COLUMNS", "100").output();
    let help = String::from_utf8(output.expect("the program runs").stdout).expect("text");
    assert!(help.contains("Example"), "dcgan {command} --help: {help}");
    let file = match command {
        "" => "dcgan".to_owned(),
        _ => command.replace(' ', "-"),
    };
    assert_snapshot(&format!("help/{file}.txt"), &help);
    for name in listed_commands(&help) {
        assert_help(place, format!("{command} {name}").trim_start());
    }
}

/// The commands that a help lists: above the options, and indented by two spaces.
fn listed_commands(help: &str) -> Vec<&str> {
    let lines = help.lines().take_while(|line| *line != "Options:");
    lines
        .skip_while(|line| !line.ends_with(':'))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help")
        .collect()
}

#[test]
fn the_help_of_every_command_is_as_reviewed() {
    assert_help(&Place::new(), "");
}

#[test]
fn error_lines_are_as_reviewed() {
    let place = Place::with_run();
    place.write("notes.txt", "no picture");
    let commands = include_str!("../snapshots/errors.txt")
        .lines()
        .filter_map(|line| line.strip_prefix("$ dcgan"));
    let directory = place.path("").display().to_string();
    let mut text = String::new();
    for command in commands {
        let line = place.fails(command).replace(&directory, "");
        text += &format!("$ dcgan{command}\n{line}\n\n");
    }
    assert_snapshot("errors.txt", &text);
}

#[test]
fn old_names_of_options_still_work() {
    let place = Place::with_faces();
    let length = "--steps 4";
    place
        .train(&format!(
            "faces --out new {length} --report-every 2 --trace new.json"
        ))
        .succeeded();
    place
        .train(&format!(
            "faces --out old {length} --display-step 2 --profile old.json"
        ))
        .succeeded();
    assert_eq!(place.files("new"), place.files("old"));
    place.assert_same("new/metrics.jsonl", "old/metrics.jsonl");
    assert!(place.path("old.json").is_file());
}
