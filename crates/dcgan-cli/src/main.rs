//! The program `dcgan`: reads the command line and calls the library.

mod arguments;
mod commands;
mod shared;
mod words;

use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;

use arguments::{Cli, Command};
use dcgan::ranks::{self, Launch};
use shared::output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The newest panic: printed if it ends the program, but not if the library
/// caught it (as it does where a picture breaks its decoder).
static PANIC: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    #[cfg(feature = "vulkan")]
    quiet_drivers();
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return arguments::refuse(&error),
    };
    if let (Some(launch), false) = (Launch::of_several(), matches!(command, Command::Train(_))) {
        if launch.rank == 0 {
            output::error(
                "only `dcgan train` works in several processes: start this without mpirun",
            );
        }
        return ExitCode::FAILURE;
    }
    panic::set_hook(Box::new(|panic| {
        if let Ok(mut message) = PANIC.lock() {
            *message = panic.to_string();
        }
    }));
    let result = panic::catch_unwind(|| match command {
        Command::Train(arguments) => commands::train::run(*arguments),
        Command::Data(arguments) => commands::data::run(&arguments),
        Command::DemoData(arguments) => commands::demo_data::run(&arguments),
        Command::Sample(arguments) => commands::sample::run(&arguments),
        Command::Interpolate(arguments) => commands::interpolate::run(&arguments),
        Command::Arithmetic(arguments) => commands::arithmetic::run(&arguments),
        Command::Direction(arguments) => commands::direction::run(&arguments),
        Command::Edit(arguments) => commands::edit::run(&arguments),
        Command::Forget(arguments) => commands::forget::run(&arguments),
        Command::Neighbours(arguments) => commands::neighbours::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::Project(arguments) => commands::project::run(&arguments),
        Command::Visualize(arguments) => commands::visualize::run(&arguments),
        Command::Features(arguments) => commands::features::run(&arguments),
        Command::Classify(arguments) => commands::classify::run(&arguments),
        Command::Import(arguments) => commands::import::run(&arguments),
        Command::Info(arguments) => commands::info::run(&arguments),
        Command::Bench(arguments) => commands::bench::run(&arguments),
        Command::Devices(arguments) => commands::devices::run(&arguments),
    });
    match result {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            output::error(&words::line(&error));
            ranks::abort();
            ExitCode::FAILURE
        }
        Err(_) => {
            let message = PANIC
                .lock()
                .map(|message| message.clone())
                .unwrap_or_default();
            output::error(&format!("internal error, please report it: {message}"));
            ranks::abort();
            ExitCode::FAILURE
        }
    }
}

/// Without a desktop Mesa complains on standard error that it cannot ask the desktop which GPU it
/// prefers. It is not asked for one here.
#[cfg(feature = "vulkan")]
#[expect(unsafe_code, reason = "there is no other way to tell it")]
fn quiet_drivers() {
    let desktop = ["XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"];
    if desktop.iter().all(|name| std::env::var_os(name).is_none()) {
        // SAFETY: the first thing that the program does, with no other thread to read it.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}
