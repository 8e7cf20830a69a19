//! The program `dcgan`: parses the command line, calls the library and prints what it answers.

mod cli;
mod commands;
mod shared;
mod words;

use std::process::ExitCode;
use std::time::Instant;

use dcgan_support::atomic_file;

use crate::shared::{compute, interrupt, limits, output, panics, version};

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
    let (command, arguments) = match cli::parse() {
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
            ExitCode::SUCCESS
        }
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
