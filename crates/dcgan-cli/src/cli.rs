//! The command line as a whole: parsing, the help, and what is wrong with a command line.

use std::collections::HashSet;
use std::fmt::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::commands::{self, Command};
use crate::shared::{launch, output};
use crate::words;

/// Train a DCGAN on any folder of pictures, and draw new ones with it
#[derive(Debug, Parser)]
#[command(name = "dcgan", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dcgan train demo                            a first look, in minutes
  dcgan data check photos/                    what is in your pictures
  dcgan train photos/                         train on them
  dcgan train --resume runs/photos            continue after a stop
  dcgan doctor runs/photos                    how it went, and what to try
  dcgan sample runs/photos -n 64 --out new/   draw new pictures

See `dcgan COMMAND --help` for the options of a command.";

/// The command that the command line asks for.
///
/// # Errors
/// If the command line asks for help or the version, or cannot be parsed.
pub fn parse() -> Result<Command, clap::Error> {
    let mut definition = definition();
    let mut matches = definition.try_get_matches_from_mut(std::env::args_os())?;
    words::set_flags(flags(&definition, &matches));
    match Cli::from_arg_matches_mut(&mut matches) {
        Ok(cli) => Ok(cli.command),
        Err(error) => Err(error.format(&mut definition)),
    }
}

/// The flags that the command of this command line has.
fn flags(definition: &clap::Command, matches: &ArgMatches) -> HashSet<String> {
    let (mut command, mut matches) = (definition, matches);
    while let Some((name, inner)) = matches.subcommand() {
        match command.find_subcommand(name) {
            Some(found) => (command, matches) = (found, inner),
            None => break,
        }
    }
    let mut flags = long_flags(command);
    if matches
        .try_contains_id("resume")
        .is_ok_and(|resumes| resumes)
    {
        for kept in long_flags(&commands::train::settings()) {
            flags.remove(&kept);
        }
        flags.remove("--out");
    }
    flags
}

fn long_flags(command: &clap::Command) -> HashSet<String> {
    let long = command.get_arguments().filter_map(clap::Arg::get_long);
    long.map(|name| format!("--{name}")).collect()
}

/// The command line as clap defines it. clap has no headings for commands, so the help lists them
/// from [`commands::groups`].
fn definition() -> clap::Command {
    Cli::command().help_template(format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n{}\nOptions:\n{{options}}{{after-help}}",
        grouped_commands()
    ))
}

fn grouped_commands() -> String {
    let mut text = String::new();
    for (heading, group) in commands::groups() {
        let _ = writeln!(text, "\n{heading}:");
        for command in group.get_subcommands() {
            let about = command.get_about().map(ToString::to_string);
            let _ = writeln!(
                text,
                "  {:<13}{}",
                command.get_name(),
                about.unwrap_or_default()
            );
        }
    }
    text
}

/// Prints the help or the version if they were asked for, or else, in one line, what is wrong with
/// the command line.
pub fn report(error: &clap::Error) -> ExitCode {
    if launch::is_follower() {
        return ExitCode::FAILURE; // rank 0 reports for all
    }
    if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
        output::lines(error.to_string().lines());
        return ExitCode::SUCCESS;
    }
    output::error(&describe(error));
    ExitCode::FAILURE
}

/// What is wrong with the command line, and what to do.
fn describe(error: &clap::Error) -> String {
    let names = |kind| match error.get(kind) {
        Some(ContextValue::String(name)) => name.clone(),
        Some(ContextValue::Strings(names)) => names.join(", "),
        _ => String::new(),
    };
    let suggestion = |kind| match error.get(kind) {
        Some(_) => format!("did you mean {}?", names(kind)),
        None => "see --help".to_owned(),
    };
    match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "no command given; see `dcgan --help`".to_owned()
        }
        ErrorKind::MissingSubcommand => {
            let command = names(ContextKind::InvalidSubcommand);
            let choices = names(ContextKind::ValidSubcommand).replace(", help", "");
            format!("`{command}` needs a command: {choices}; see `{command} --help`")
        }
        ErrorKind::InvalidSubcommand => format!(
            "unknown command '{}'; {}",
            names(ContextKind::InvalidSubcommand),
            suggestion(ContextKind::SuggestedSubcommand)
        ),
        ErrorKind::UnknownArgument => format!(
            "unexpected argument '{}'; {}",
            names(ContextKind::InvalidArg),
            suggestion(ContextKind::SuggestedArg)
        ),
        ErrorKind::MissingRequiredArgument => {
            format!("missing {}; see --help", names(ContextKind::InvalidArg))
        }
        _ => {
            let text = error.to_string();
            let message = text.trim_start_matches("error: ");
            let message = message.split("\n\n").next().unwrap_or(message);
            let words: Vec<&str> = message.split_whitespace().collect();
            format!("{}; see --help", words.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn clap_finds_nothing_wrong_with_the_definition() {
        definition().debug_assert();
    }

    #[test]
    fn the_help_lists_each_command_exactly_once() {
        let help = definition().render_help().to_string();
        let mut listed = BTreeMap::new();
        for line in help.lines().take_while(|line| *line != "Options:") {
            if let Some(entry) = line.strip_prefix("  ") {
                let name = entry.split(' ').next().unwrap_or_default().to_owned();
                *listed.entry(name).or_insert(0) += 1;
            }
        }
        let definition = Cli::command();
        let defined = definition.get_subcommands();
        let expected: BTreeMap<_, _> = defined
            .map(|command| (command.get_name().to_owned(), 1))
            .collect();
        assert_eq!(listed, expected);
    }
}
