//! The program `dcgan` as a library: for its binary, and for the Python package, which is the same
//! program in another file and calls parts of it. Rust programs use the library `dcgan` instead.
//!
//! [`main`] is the program: it parses the command line, calls the library and prints what it answers.
//! [`embedded`] runs single commands inside another program.

mod cli;
mod commands;
pub mod embedded;
mod shared;
mod words;

use std::ffi::OsString;
use std::time::Instant;

use dcgan_support::atomic_file;

pub use crate::shared::limits::Memory;
use crate::shared::{compute, interrupt, limits, output, panics, version};

/// The program could not do what it was asked for, and has printed why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

/// Runs the program with a command line, whose first word is the program's name.
///
/// It watches for signals from here on, so it must be called before any thread is started, and once in
/// a process.
///
/// # Errors
/// If it fails, after an error line on standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Result<(), Failed> {
    if let Err(line) = limits::prepare() {
        output::error(line);
        return Err(Failed);
    }
    compute::silence_mesa();
    if let Err(error) = interrupt::watch() {
        output::error(&words::line(&error));
        return Err(Failed);
    }
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let (command, arguments) = match cli::parse(&arguments) {
        Ok(parsed) => parsed,
        Err(refusal) => return cli::report(&refusal),
    };
    output::set(arguments, command.is_question());
    let start = Instant::now();
    output::detail(&format!(
        "dcgan {}, instruction sets: {}",
        env!("CARGO_PKG_VERSION"),
        version::instruction_sets()
    ));
    let ended = panics::catch(|| commands::run(command));
    output::detail(&format!("{:.1} s", start.elapsed().as_secs_f64()));
    match ended {
        Ok(()) => {
            output::finish();
            Ok(())
        }
        Err(error) => {
            atomic_file::abandon_all(); // such as a trace of a training that could not start
            if words::is_reported_by_root(&error) {
                commands::train::wait_for_abort();
            } else {
                output::error(&words::line(&error));
                commands::train::abort_ranks();
            }
            Err(Failed)
        }
    }
}
