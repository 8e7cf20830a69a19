//! Lines for people. A reader that closes the pipe (`dcgan … | head`) is no reason to end a
//! training, so failed writes are ignored.
//!
//! Names of files, classes and tensors can hold anything. Characters that would break a line, command
//! the terminal or change the order of what it shows are escaped here, so that no caller can forget
//! it: there is no way to print several lines as one text.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use clap::{Args, ValueEnum};
use console::style;
use dcgan_support::printable;

const OUTPUT: &str = "Output";

/// What is printed, for all commands.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct OutputArguments {
    /// Print errors and results only: no progress, no notes, nothing about files
    #[arg(short, long, global = true, overrides_with = "quiet", conflicts_with = "verbose",
          help_heading = OUTPUT)]
    pub quiet: bool,

    /// Print what is read and with what it is computed, too
    #[arg(short, long, global = true, overrides_with = "verbose", help_heading = OUTPUT)]
    pub verbose: bool,

    /// Colours: auto (on terminals, unless NO_COLOR is set), always or never [default: auto]
    #[arg(long, alias = "colour", global = true, value_enum, value_name = "WHEN",
          hide_possible_values = true, help_heading = OUTPUT)]
    pub color: Option<Colours>,
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Colours {
    Auto,
    Always,
    Never,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Extent {
    /// No notes, no progress.
    is_quiet: bool,
    /// Whether what the command prints is its result, and not about files that it wrote.
    is_answer: bool,
    is_verbose: bool,
}

static EXTENT: OnceLock<Extent> = OnceLock::new();

/// What kind of line is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a command says.
    Line,
    /// A remark.
    Note,
}

/// Where lines go instead of standard output and standard error.
static DIVERSION: OnceLock<fn(Kind, String)> = OnceLock::new();

/// Gives lines and notes to `take` from here on, on whichever thread they come up. Nothing is drawn on
/// the terminal then, progress bars included.
pub fn divert(take: fn(Kind, String)) {
    let _ = DIVERSION.set(take);
}

/// Whether the line has been given to someone else.
fn is_diverted(kind: Kind, text: &str) -> bool {
    DIVERSION.get().is_some_and(|take| {
        take(kind, printable::line(text));
        true
    })
}

/// Says what is printed from here on. `is_answer` says whether the command is asked for what it
/// prints on standard output.
pub fn set(arguments: OutputArguments, is_answer: bool) {
    let _ = EXTENT.set(Extent {
        is_quiet: arguments.quiet,
        is_answer,
        is_verbose: arguments.verbose,
    });
    match arguments.color {
        Some(Colours::Always) => console::set_colors_enabled_stderr(true),
        Some(Colours::Never) => console::set_colors_enabled_stderr(false),
        Some(Colours::Auto) | None => {}
    }
}

fn extent() -> Extent {
    EXTENT.get().copied().unwrap_or(Extent {
        is_quiet: false,
        is_answer: true,
        is_verbose: false,
    })
}

/// Whether there should be no progress bars: another process reports, or `--quiet`.
pub fn has_no_progress() -> bool {
    is_silent() || extent().is_quiet || DIVERSION.get().is_some()
}

/// The name of a process that prints errors only, because another one reports.
static NAME: OnceLock<String> = OnceLock::new();

/// Whether the answer is JSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Remarks on the results.
static AT_END: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Prints nothing but errors from here on, with this name in front.
pub fn report_errors_only(name: &str) {
    let _ = NAME.set(name.to_owned());
}

/// Whether another process reports.
pub fn is_silent() -> bool {
    NAME.get().is_some()
}

/// Standard output is for the answer alone from here on, which is JSON: lines become remarks.
pub fn answer_in_json() {
    IS_JSON.store(true, Ordering::Relaxed);
}

/// A line on standard output.
pub fn line(text: &str) {
    if IS_JSON.load(Ordering::Relaxed) {
        return note(text);
    }
    if is_diverted(Kind::Line, text) {
        return;
    }
    let extent = extent();
    if !is_silent() && (extent.is_answer || !extent.is_quiet) {
        let _ = writeln!(io::stdout(), "{}", printable::line(text));
    }
}

/// Lines on standard output.
pub fn lines(lines: impl IntoIterator<Item: AsRef<str>>) {
    for one in lines {
        line(one.as_ref());
    }
}

/// A JSON value on standard output.
pub fn json(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stdout(), "{}", printable::json(text));
    }
}

/// A remark on standard error.
pub fn note(text: &str) {
    if is_diverted(Kind::Note, text) {
        return;
    }
    if !is_silent() && !extent().is_quiet {
        let head = style("note:").yellow().for_stderr();
        let _ = writeln!(io::stderr(), "{head} {}", printable::line(text));
    }
}

/// How far a task is, on standard error, where no progress bar is drawn.
pub fn progress(text: &str) {
    if !has_no_progress() && !console::user_attended_stderr() {
        let _ = writeln!(io::stderr(), "{}", printable::line(text));
    }
}

/// A detail on standard error, with `--verbose`.
pub fn detail(text: &str) {
    if !is_silent() && extent().is_verbose {
        let head = style("detail:").dim().for_stderr();
        let _ = writeln!(io::stderr(), "{head} {}", printable::line(text));
    }
}

/// A remark on the results of a command, printed once it has succeeded.
pub fn note_at_end(text: String) {
    let mut notes = AT_END.lock().unwrap_or_else(PoisonError::into_inner);
    if !notes.contains(&text) {
        notes.push(text);
    }
}

/// Prints the remarks on the results.
pub fn finish() {
    let notes = std::mem::take(&mut *AT_END.lock().unwrap_or_else(PoisonError::into_inner));
    notes.iter().for_each(|text| note(text));
}

/// An error on standard error, always one line.
pub fn error(text: &str) {
    let text = printable::line(text);
    let head = style("error:").red().bold().for_stderr();
    // one write, so that the lines of several processes do not mix
    let line = match NAME.get() {
        Some(name) if !text.starts_with(name) => format!("{head} {name}: {text}\n"),
        _ => format!("{head} {text}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}
