//! Lines for people. A reader that has gone away (`dcgan … | head`) is no
//! reason to end a training, so a failed write is ignored.

use std::io::{self, Write};
use std::sync::OnceLock;

/// The name of a process that speaks only if it fails, as another one speaks for it.
static NAME: OnceLock<String> = OnceLock::new();

/// From now on only errors are told, with this name before them.
pub fn speak_as(name: &str) {
    let _ = NAME.set(name.to_owned());
}

/// Whether another process speaks for this one.
pub fn is_silent() -> bool {
    NAME.get().is_some()
}

/// A line on standard output.
pub fn line(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stdout(), "{text}");
    }
}

/// A text of several lines on standard output.
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
    // in one piece, or lines of several processes would run into each other
    let line = match NAME.get() {
        Some(name) if !text.starts_with(name) => format!("error: {name}: {text}\n"),
        _ => format!("error: {text}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}
