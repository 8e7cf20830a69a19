//! What the program says about an error of the library.
//!
//! The library states facts and knows no command line. The flags and commands that help are named
//! here, in one file for each area of the library.

mod config;

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
    error
        .chain()
        .find_map(|cause| cause.downcast_ref().and_then(config::hint))
}
