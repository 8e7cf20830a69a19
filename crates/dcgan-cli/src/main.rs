//! The program `dcgan`: parses the command line, calls the library and prints what it answers.

mod cli;
mod commands;
mod shared;
mod words;

use std::process::ExitCode;

use dcgan::ranks;

use crate::shared::{compute, output, panics};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    compute::silence_mesa();
    let command = match cli::parse() {
        Ok(command) => command,
        Err(error) => return cli::report(&error),
    };
    match panics::catch(|| commands::run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&words::line(&error));
            ranks::abort();
            ExitCode::FAILURE
        }
    }
}
