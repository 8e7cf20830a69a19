//! The program `dcgan`: parses the command line, calls the library and prints what it answers.

mod cli;
mod commands;
mod shared;
mod words;

use std::process::ExitCode;

use dcgan_support::atomic_file;

use crate::shared::{compute, interrupt, limits, output, panics};

#[global_allocator]
static MEMORY: limits::Memory = limits::Memory;

fn main() -> ExitCode {
    if let Err(line) = limits::prepare() {
        output::error(line);
        return ExitCode::FAILURE;
    }
    compute::silence_mesa();
    if let Err(error) = interrupt::watch() {
        output::error(&words::line(&error));
        return ExitCode::FAILURE;
    }
    let command = match cli::parse() {
        Ok(command) => command,
        Err(error) => return cli::report(&error),
    };
    match panics::catch(|| commands::run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            atomic_file::abandon_all(); // such as a trace of a training that could not start
            if words::is_reported_by_root(&error) {
                commands::train::wait_for_abort();
            } else {
                output::error(&words::line(&error));
                commands::train::abort_ranks();
            }
            ExitCode::FAILURE
        }
    }
}
