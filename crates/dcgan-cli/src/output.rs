//! Lines for people. A reader that has gone away (`dcgan … | head`) is no
//! reason to end a training, so a failed write is ignored.

use std::io::{self, Write};

/// A line on standard output.
pub fn line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// A text of several lines on standard output.
pub fn text(text: &str) {
    let _ = write!(io::stdout(), "{text}");
}

/// A remark on standard error.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "note: {text}");
}

/// An error on standard error, always one line.
pub fn error(text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let _ = writeln!(io::stderr(), "error: {}", words.join(" "));
}
