//! `dcgan completions`: what a shell needs to complete command lines.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

/// `dcgan completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a script; save it where your shell looks for completions.

Examples:
  dcgan completions bash > ~/.local/share/bash-completion/completions/dcgan
  dcgan completions zsh > ~/.zfunc/_dcgan
  dcgan completions fish > ~/.config/fish/completions/dcgan.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints the script.
pub fn run(arguments: &Completions) -> Result<()> {
    let mut script = Vec::new();
    let mut definition = crate::cli::definition();
    clap_complete::generate(arguments.shell, &mut definition, "dcgan", &mut script);
    let _ = io::stdout().write_all(&script); // as for every line
    Ok(())
}
