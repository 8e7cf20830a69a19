//! The command line as a whole: parsing, the help, and what is wrong with a command line.

use std::collections::HashSet;
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::Failed;
use crate::commands::{self, Command};
use crate::shared::output::{self, OutputArguments};
use crate::shared::similar::similar;
use crate::shared::{launch, version};
use crate::words;

/// Train a DCGAN on any folder of pictures, and draw new ones with it
#[derive(Debug, Parser)]
#[command(name = "dcgan", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    output: OutputArguments,

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
  dcgan sample runs/photos                    draw new pictures

See `dcgan COMMAND --help` for the options of a command.";

/// A command line without a command to run.
pub struct Refusal {
    error: clap::Error,
    /// The definition of the command that was meant, as far as that is known.
    command: clap::Command,
}

impl Refusal {
    /// What is wrong with the command line, and what to do.
    pub fn line(&self) -> String {
        describe(&self.error, &self.command)
    }
}

/// The command that the command line asks for, and what is printed.
///
/// # Errors
/// If the command line asks for help or the version, or cannot be parsed.
pub fn parse(arguments: &[OsString]) -> Result<(Command, OutputArguments), Box<Refusal>> {
    let mut definition = definition();
    let parsed = definition
        .try_get_matches_from_mut(arguments)
        .and_then(|mut matches| {
            words::set_flags(flags(&definition, &matches));
            Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut definition))
        });
    match parsed {
        Ok(cli) => Ok((cli.command, cli.output)),
        Err(error) => Err(Box::new(Refusal {
            error,
            command: command_of(&definition, arguments).clone(),
        })),
    }
}

/// The command that is named by the first words that are no options.
fn command_of<'a>(definition: &'a clap::Command, arguments: &[OsString]) -> &'a clap::Command {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words
        .filter(|word| !word.starts_with('-'))
        .map_while({
            let mut command = definition;
            move |word| {
                command = command.find_subcommand(word)?;
                Some(command)
            }
        })
        .last()
        .unwrap_or(definition)
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
pub fn definition() -> clap::Command {
    Cli::command()
        .long_version(version::long())
        .help_template(format!(
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
///
/// # Errors
/// In the second case.
pub fn report(refusal: &Refusal) -> Result<(), Failed> {
    let error = &refusal.error;
    if launch::is_follower() {
        return Err(Failed); // rank 0 reports for all
    }
    let asks_for_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand // `dcgan` alone
    );
    if asks_for_help {
        output::lines(error.to_string().lines());
        return Ok(());
    }
    output::error(&refusal.line());
    Err(Failed)
}

/// What is wrong with the command line, and what to do.
fn describe(error: &clap::Error, command: &clap::Command) -> String {
    let names = |kind| match error.get(kind) {
        Some(ContextValue::String(name)) => name.clone(),
        Some(ContextValue::Strings(names)) => names.join(", "),
        _ => String::new(),
    };
    let tip = |meant: Option<&str>| match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None => "see --help".to_owned(),
    };
    match error.kind() {
        ErrorKind::MissingSubcommand => {
            let command = names(ContextKind::InvalidSubcommand);
            let choices = names(ContextKind::ValidSubcommand).replace(", help", "");
            format!("`{command}` needs a command: {choices}; see `{command} --help`")
        }
        ErrorKind::InvalidSubcommand => {
            let word = names(ContextKind::InvalidSubcommand);
            let known = command.get_subcommands().map(clap::Command::get_name);
            format!("unknown command '{word}'; {}", tip(similar(&word, known)))
        }
        ErrorKind::UnknownArgument => {
            let word = names(ContextKind::InvalidArg);
            format!(
                "unexpected argument '{word}'; {}",
                tip(option_like(&word, command).as_deref())
            )
        }
        ErrorKind::InvalidValue if !names(ContextKind::ValidValue).is_empty() => {
            let (word, argument) = (
                names(ContextKind::InvalidValue),
                names(ContextKind::InvalidArg),
            );
            let valid = names(ContextKind::ValidValue);
            if word.is_empty() {
                format!("{argument} needs a value: {valid}; see --help")
            } else {
                let meant = similar(&word, valid.split(", "));
                format!(
                    "no '{word}' for {argument}: there are {valid}; {}",
                    tip(meant)
                )
            }
        }
        ErrorKind::ValueValidation => {
            let (word, argument) = (
                names(ContextKind::InvalidValue),
                names(ContextKind::InvalidArg),
            );
            let reason = error.source().map_or_else(String::new, reason);
            let tip = match similar(&word, literals(&argument)) {
                Some(meant) => format!("; did you mean {meant}?"),
                None => String::new(),
            };
            format!("'{word}' is no value for {argument}: {reason}{tip}")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = names(ContextKind::InvalidArg);
            let what = command
                .get_arguments()
                .find(|argument| bare(&argument.to_string()) == bare(&missing))
                .and_then(what_it_is);
            match what {
                Some(what) => format!("missing {missing}: {what}; see --help"),
                None => format!("missing {missing}; see --help"),
            }
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

/// The name of an argument, whether it must be given or not.
fn bare(name: &str) -> &str {
    name.trim_matches(['<', '>', '[', ']'])
}

/// The help of an argument as a part of a sentence, without its default.
fn what_it_is(argument: &clap::Arg) -> Option<String> {
    let help = argument.get_help()?.to_string();
    let help = help.split(" [default").next()?.split("\n").next()?;
    let mut letters = help.chars();
    let first = letters.next()?.to_lowercase();
    Some(first.chain(letters).collect())
}

/// Why a value is refused. What Rust's parsers and clap's ranges say is not for users.
fn reason(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<ParseIntError>() {
        return match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "it is too large".to_owned(),
            _ => "expected a whole number".to_owned(),
        };
    }
    if error.is::<ParseFloatError>() {
        return "expected a number such as 0.5".to_owned();
    }
    let text = error.to_string();
    let range = text.split_once(" is not in ");
    match range.and_then(|(_, range)| range.split_once("..=")) {
        Some((least, most)) => format!("expected {least} to {most}"),
        None => text,
    }
}

/// The words that an argument such as `--checkpoint <newest|best|STEP>` takes as they are.
fn literals(argument: &str) -> impl Iterator<Item = &str> {
    let values = argument.split_once('<').map_or("", |(_, values)| values);
    let words = values.trim_end_matches(['>', '.']).split('|');
    words.filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
}

/// The option of a command that a mistyped one most likely stands for: never an old name.
fn option_like(word: &str, command: &clap::Command) -> Option<String> {
    let word = word.split('=').next().unwrap_or(word);
    let name = word.strip_prefix("--")?;
    let known = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set());
    let meant = similar(name, known.filter_map(clap::Arg::get_long))?;
    Some(format!("--{meant}"))
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
