//! What the program says about an error of the library.
//!
//! The library states facts and knows no command line. The flags and commands that help are named
//! here, in one file for each area of the library.

mod config;
pub mod device;
mod files;
mod memory;
mod pytorch;

use std::error::Error;

/// An error in one line: what happened, its causes, each once, and what to do about it.
pub fn line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    match hint(error) {
        Some(hint) => format!("{line}; {hint}"),
        None => line,
    }
}

/// What to do about an error, by the first of its causes that is known.
fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(hint_for)
}

/// What to do about one cause. A transparent wrapper hides the error in it from the chain, so its
/// own file of hints looks inside.
fn hint_for(cause: &(dyn Error + 'static)) -> Option<String> {
    None.or_else(|| cause.downcast_ref().and_then(config::hint))
        .or_else(|| cause.downcast_ref().and_then(device::hint))
        .or_else(|| cause.downcast_ref().and_then(files::hint))
        .or_else(|| cause.downcast_ref().and_then(memory::hint))
        .or_else(|| cause.downcast_ref().and_then(pytorch::hint))
}
