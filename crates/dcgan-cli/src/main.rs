//! The program `dcgan`: reads the command line and calls the library.

mod cli;
mod commands;
mod interrupt;
mod output;

use std::panic;
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let command = Cli::parse().command;
    panic::set_hook(Box::new(|panic| {
        output::error(&format!("internal error, please report it: {panic}"))
    }));
    let result = panic::catch_unwind(|| match command {
        Command::Train(arguments) => commands::train::run(*arguments),
        Command::DemoData(arguments) => commands::demo_data::run(&arguments),
        Command::Sample(arguments) => commands::sample::run(&arguments),
        Command::Info(arguments) => commands::info::run(&arguments),
    });
    match result {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
        Err(_) => ExitCode::FAILURE,
    }
}
