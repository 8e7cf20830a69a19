//! The Python package `dcgan`: what it needs of the program and the library, as arrays and dictionaries.
//!
//! What users see is in `python/dcgan/`: names, defaults, checks of arguments and docstrings are Python's.
//!
//! ```text
//! training    a run that trains on a thread of its own
//! report      what it reports
//! model       a generator and its discriminator
//! data        pictures as training sees them
//! judgement   evaluations and directions
//! task        long calls, without the interpreter's lock, that Ctrl-C ends
//! arrays      NumPy's arrays
//! exceptions  errors as exceptions, in the words of Python
//! lines       what the program would print
//! ```

mod arrays;
mod data;
mod exceptions;
mod judgement;
mod lines;
mod model;
mod report;
mod task;
mod training;

use pyo3::pymodule;

/// The compiled part of the package `dcgan`.
#[pymodule]
mod _dcgan {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use super::data::{Pictures, draw_faces, read_picture};
    #[pymodule_export]
    use super::judgement::{direction, evaluate};
    #[pymodule_export]
    use super::lines::take_lines;
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::training::Training;

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Runs the program `dcgan` with these words, the first of which is its name. Returns whether it
    /// succeeded.
    #[pyfunction]
    fn run_program(py: Python<'_>, words: Vec<OsString>) -> bool {
        py.detach(|| dcgan_cli::main(words)).is_ok()
    }

    /// The options of a command: name, whether it takes a value, and help.
    #[pyfunction]
    fn options_of(command: &str) -> Vec<(String, bool, String)> {
        let options = dcgan_cli::embedded::options_of(command);
        let parts = options
            .into_iter()
            .map(|option| (option.name, option.takes_value, option.help));
        parts.collect()
    }
}
