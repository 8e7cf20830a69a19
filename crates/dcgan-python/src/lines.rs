//! What the program would print, for Python to print: cells of notebooks show only that.

use std::sync::{Mutex, Once, PoisonError};

use dcgan_cli::embedded::{self, Kind};
use pyo3::prelude::*;

use crate::exceptions::in_python;

/// Lines that Python has not taken yet, and whether they are notes.
static LINES: Mutex<Vec<(bool, String)>> = Mutex::new(Vec::new());

/// Keeps what commands print from here on.
pub fn collect() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        embedded::divert_output(|kind, text| {
            let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push((kind == Kind::Note, in_python(&text)));
        });
    });
}

/// Takes the lines that have come up since the last call: whether it is a note, and the line.
#[pyfunction]
pub fn take_lines() -> Vec<(bool, String)> {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut lines)
}
