//! Lines for people. A reader that closes the pipe (`dcgan … | head`) is no reason to end a
//! training, so failed writes are ignored.

use std::io::{self, Write};
use std::sync::OnceLock;

/// The name of a process that prints errors only, because another one reports.
static NAME: OnceLock<String> = OnceLock::new();

/// Prints nothing but errors from here on, with this name in front.
pub fn report_errors_only(name: &str) {
    let _ = NAME.set(name.to_owned());
}

/// Whether another process reports.
pub fn is_silent() -> bool {
    NAME.get().is_some()
}

/// A line on standard output.
pub fn line(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stdout(), "{text}");
    }
}

/// Text on standard output, as it is.
pub fn text(text: &str) {
    let _ = write!(io::stdout(), "{text}");
}

/// A remark on standard error.
pub fn note(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stderr(), "note: {text}");
    }
}

/// An error on standard error, always one line.
pub fn error(text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    // one write, so that the lines of several processes do not mix
    let line = match NAME.get() {
        Some(name) if !text.starts_with(name) => format!("error: {name}: {text}\n"),
        _ => format!("error: {text}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}
