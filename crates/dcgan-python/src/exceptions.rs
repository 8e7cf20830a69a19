//! Errors as exceptions.

use dcgan_cli::embedded::{self, ErrorKind};
use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(dcgan._errors, DcganError);
import_exception!(dcgan._errors, InvalidArgumentError);
import_exception!(dcgan._errors, NotFoundError);

/// An error as an exception with our sentence.
pub fn exception(error: &anyhow::Error) -> PyErr {
    let line = in_python(&embedded::line(error));
    match embedded::kind_of(error) {
        ErrorKind::InvalidValue => InvalidArgumentError::new_err(line),
        ErrorKind::NotFound => NotFoundError::new_err(line),
        ErrorKind::Other => DcganError::new_err(line),
    }
}

/// A sentence with flags in it, with Python's names for them: `learning_rate` for `--learning-rate
/// <RATE>`. Commands in it stay commands.
pub fn in_python(line: &str) -> String {
    let parts = line.split('`').enumerate().map(|(place, part)| {
        let is_command = ["dcgan ", "cargo ", "mpirun "]
            .iter()
            .any(|program| part.starts_with(program));
        if place % 2 == 1 && is_command {
            part.to_owned()
        } else {
            without_flags(part)
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

fn without_flags(text: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some(place) = rest.find("--") {
        let (before, flag) = rest.split_at(place);
        let name = &flag[2..];
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let (name, after) = name.split_at(end.unwrap_or(name.len()));
        found.push_str(before);
        let begins_a_word = before.is_empty() || before.ends_with([' ', '(', '\'', '"']);
        if begins_a_word && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            found.push_str(&name.replace('-', "_"));
            rest = without_placeholder(after);
        } else {
            found.push_str("--");
            rest = &flag[2..];
        }
    }
    found.push_str(rest);
    found
}

/// Text without the `<N>` that it begins with.
fn without_placeholder(text: &str) -> &str {
    let placeholder = text
        .strip_prefix(" <")
        .and_then(|text| text.split_once('>'));
    placeholder.map_or(text, |(_, rest)| rest)
}
