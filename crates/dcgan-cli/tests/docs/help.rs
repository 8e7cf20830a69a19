//! The examples at the end of help texts.

use std::process::Command;

use crate::markdown::{CommandLine, commands};

/// Those of the program and of all its commands.
pub fn examples() -> Vec<CommandLine> {
    let mut found = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let Some(text) = help(&command) else { continue };
        let name = format!("dcgan {} --help", command.join(" "));
        found.extend(examples_in(&name, &text));
        for name in names(&text).into_iter().rev() {
            open.push([command.clone(), vec![name]].concat());
        }
    }
    found
}

/// The help of a command; `None` if there is no such command.
fn help(command: &[String]) -> Option<String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dcgan"));
    let output = program
        .args(command)
        .arg("--help")
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines();
    let usage = lines.find(|line| line.starts_with("Usage: "));
    let is_help = usage.is_some_and(|usage| usage.contains(&command.join(" ")));
    (output.status.success() && is_help).then_some(text)
}

/// The first words of indented lines, among which are the names of all subcommands.
fn names(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with("  "));
    let words = lines.filter_map(|line| line.split_whitespace().next());
    words
        .filter(|word| {
            word.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        })
        .filter(|word| !word.starts_with('-') && *word != "help" && *word != "dcgan")
        .map(str::to_owned)
        .collect()
}

fn examples_in(name: &str, text: &str) -> Vec<CommandLine> {
    let lines = text.lines().skip_while(|line| !line.starts_with("Example"));
    let lines: Vec<String> = lines
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            // what follows a wide gap explains the command
            let line = line.trim_start();
            line.split("   ").next().unwrap_or(line).to_owned()
        })
        .collect();
    commands(name, 1, &lines)
}
