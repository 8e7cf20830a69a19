//! Single commands inside another program, such as a Python interpreter: with the words of the command
//! line, but with values instead of files and printed lines.
//!
//! Words are those behind `dcgan`, as in `["train", "photos/", "--epochs=5"]`. So options, defaults and
//! errors are those of the program.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use dcgan::config::{ConfigError, RunConfig};
use dcgan::latent::LatentDirection;
use dcgan::ranks::Ranks;
use dcgan::sample::{LoadedGenerator, generator_file};
use dcgan::train::{Condition, TrainError};
use dcgan_data::{DataError, Dataset};
use dcgan_support::path_error::PathError;

use crate::commands::{Command, Draw, Explore, Judge, TrainAndData, direction, evaluate, train};
use crate::shared::compute::limit_threads_once;
use crate::shared::targets::{MissingInput, WritesFiles};
use crate::shared::{output, panics, progress};
use crate::{cli, words};

pub use crate::commands::train::Training;
pub use crate::shared::output::Kind;

/// Words that are no command line.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refused {}

/// Gives what commands would print to `take`, line by line, on whichever thread it comes up. They draw
/// no progress bars from here on.
pub fn divert_output(take: fn(Kind, String)) {
    output::divert(take);
}

/// A remark, as commands make them.
pub fn note(text: &str) {
    output::note(text);
}

/// Runs a command on this thread, which should be its own. It ends with an error or, inside a loop, by
/// unwinding to here, soon after `cancelled` is true. A panic is an error, too.
///
/// # Errors
/// As `command`.
pub fn cancellable<T>(
    cancelled: Arc<AtomicBool>,
    command: impl FnOnce() -> Result<T>,
) -> Result<T> {
    progress::end_when(cancelled);
    let result = panics::catch(command);
    output::finish();
    result
}

/// An option of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOption {
    /// Its name, such as `learning-rate`.
    pub name: String,
    /// Whether it takes a value.
    pub takes_value: bool,
    /// What it is.
    pub help: String,
}

/// The options of a command that are shown in its help; none if there is no such command.
pub fn options_of(command: &str) -> Vec<CommandOption> {
    let definition = cli::definition();
    let Some(command) = definition.find_subcommand(command) else {
        return Vec::new();
    };
    let shown = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set());
    let options = shown.filter_map(|argument| {
        Some(CommandOption {
            name: argument.get_long()?.to_owned(),
            takes_value: argument.get_action().takes_values(),
            help: argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default(),
        })
    });
    options.collect()
}

/// Starts or resumes the run that the words of a `train` ask for, on this process alone. `None` if it has
/// no steps left to train.
///
/// # Errors
/// If the settings, the pictures or the directory cannot be used.
pub fn train(words: &[OsString]) -> Result<Option<Training>> {
    let arguments = train_arguments(words)?;
    limit_threads_once(arguments.compute.threads)?;
    let files = arguments.files();
    files.prepared(|| Training::begin(&Ranks::alone(), &arguments))
}

/// Reads the pictures that the words of a `train` name, as it would see them.
///
/// # Errors
/// If the settings or the pictures cannot be used.
pub fn pictures(words: &[OsString]) -> Result<Arc<Dataset>> {
    let arguments = train_arguments(words)?;
    limit_threads_once(arguments.compute.threads)?;
    arguments.files().check_inputs()?;
    train::read_pictures(&arguments)
}

fn train_arguments(words: &[OsString]) -> Result<Box<train::Train>> {
    match parse(words)? {
        Command::TrainAndData(TrainAndData::Train(arguments)) => Ok(arguments),
        _ => Err(Refused("this is no command to train".to_owned()).into()),
    }
}

/// Loads the generator that the words of a `sample` choose, and returns the words that name it too: its
/// path and `--raw`, for other commands.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn generator(words: &[OsString]) -> Result<(LoadedGenerator, Vec<OsString>)> {
    let Command::Draw(Draw::Sample(arguments)) = parse(words)? else {
        return Err(Refused("this is no command to sample".to_owned()).into());
    };
    limit_threads_once(arguments.compute.threads)?;
    arguments.files().check_inputs()?;
    let path = arguments.checkpoint.resolve(&arguments.run)?;
    generator_file(&path)?;
    let device = arguments.compute.open_device()?;
    let loaded = arguments.weights.load(&path, &device)?;
    let mut name = vec![path.into_os_string()];
    if arguments.weights.raw {
        name.push("--raw".into());
    }
    Ok((loaded, name))
}

/// Measures what the words of an `evaluate` ask for, as a JSON object.
///
/// # Errors
/// If it cannot be measured.
pub fn evaluate(words: &[OsString]) -> Result<String> {
    let Command::Judge(Judge::Evaluate(arguments)) = parse(words)? else {
        return Err(Refused("this is no command to evaluate".to_owned()).into());
    };
    limit_threads_once(arguments.compute.threads)?;
    let report = arguments
        .files()
        .prepared(|| evaluate::report(&arguments))?;
    Ok(serde_json::to_string(&report)?)
}

/// Finds the direction that the words of a `direction` ask for. It is not written.
///
/// # Errors
/// If the pictures cannot be used, do not have the attribute, or the samples do not.
pub fn direction(words: &[OsString]) -> Result<LatentDirection> {
    let Command::Explore(Explore::Direction(arguments)) = parse(words)? else {
        return Err(Refused("this is no command to find a direction".to_owned()).into());
    };
    limit_threads_once(arguments.compute.threads)?;
    arguments.files().check_inputs()?;
    direction::find(&arguments)
}

fn parse(words: &[OsString]) -> Result<Command> {
    let program = std::iter::once(OsString::from("dcgan"));
    let line: Vec<OsString> = program.chain(words.iter().cloned()).collect();
    match cli::parse(&line) {
        Ok((command, _)) => Ok(command),
        Err(refusal) => Err(Refused(refusal.line()).into()),
    }
}

/// An error in one line: what happened, where, and what to do.
pub fn line(error: &anyhow::Error) -> String {
    words::line(error)
}

/// As [`line()`], for an error of the library.
pub fn line_of(error: &(dyn Error + 'static)) -> String {
    words::line_of(error)
}

/// What is wrong with a run, and what to try.
pub fn problem(condition: Condition, config: &RunConfig) -> String {
    words::health::line(condition, &condition.advice(config))
}

/// What an error is about, for languages that tell such errors apart by their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A value that an option cannot have.
    InvalidValue,
    /// A file or folder that is not there.
    NotFound,
    /// Anything else.
    Other,
}

/// What an error is about.
pub fn kind_of(error: &anyhow::Error) -> ErrorKind {
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    for cause in error.chain() {
        let train = cause.downcast_ref::<TrainError>();
        if cause.is::<Refused>()
            || cause.is::<ConfigError>()
            || matches!(train, Some(TrainError::Config(_)))
        {
            return ErrorKind::InvalidValue;
        }
        let data = match train {
            Some(TrainError::Data(error)) => Some(error),
            _ => cause.downcast_ref(),
        };
        let path: Option<&PathError> = cause.downcast_ref();
        if cause.is::<MissingInput>()
            || cause.downcast_ref().is_some_and(is_missing)
            || path.is_some_and(|error| is_missing(&error.source))
            || matches!(train, Some(TrainError::NoRun(_)))
            || matches!(data, Some(DataError::Missing { .. }))
        {
            return ErrorKind::NotFound;
        }
    }
    ErrorKind::Other
}
