//! Lines for people. A reader that closes the pipe (`dcgan … | head`) is no reason to end a
//! training, so failed writes are ignored.
//!
//! Names of files, classes and tensors can hold anything. Characters that would break a line, command
//! the terminal or change the order of what it shows are escaped here, so that no caller can forget
//! it: there is no way to print several lines as one text.

use std::io::{self, Write};
use std::sync::OnceLock;

use dcgan_support::printable;

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
        let _ = writeln!(io::stdout(), "{}", printable::line(text));
    }
}

/// Lines on standard output.
pub fn lines(lines: impl IntoIterator<Item: AsRef<str>>) {
    for one in lines {
        line(one.as_ref());
    }
}

/// A JSON value on standard output.
pub fn json(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stdout(), "{}", printable::json(text));
    }
}

/// A remark on standard error.
pub fn note(text: &str) {
    if !is_silent() {
        let _ = writeln!(io::stderr(), "note: {}", printable::line(text));
    }
}

/// An error on standard error, always one line.
pub fn error(text: &str) {
    let text = printable::line(text);
    // one write, so that the lines of several processes do not mix
    let line = match NAME.get() {
        Some(name) if !text.starts_with(name) => format!("error: {name}: {text}\n"),
        _ => format!("error: {text}\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
}
