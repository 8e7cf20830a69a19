//! The program `dcgan`.

use std::process::ExitCode;

#[global_allocator]
static MEMORY: dcgan_cli::Memory = dcgan_cli::Memory;

fn main() -> ExitCode {
    match dcgan_cli::main(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(dcgan_cli::Failed) => ExitCode::FAILURE,
    }
}
