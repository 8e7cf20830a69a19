//! Evaluations, and directions of attributes.

use std::ffi::OsString;

use dcgan_cli::embedded;
use numpy::PyArray1;
use pyo3::prelude::*;

use crate::task::interruptible;

/// What the words of an `evaluate` ask for, as JSON.
#[pyfunction]
pub fn evaluate(py: Python<'_>, words: Vec<OsString>) -> PyResult<String> {
    interruptible(py, move || embedded::evaluate(&words))
}

/// The direction that the words of a `direction` ask for, `[z_dim]`.
#[pyfunction]
pub fn direction(py: Python<'_>, words: Vec<OsString>) -> PyResult<Bound<'_, PyArray1<f32>>> {
    let found = interruptible(py, move || embedded::direction(&words))?;
    Ok(PyArray1::from_vec(py, found.vector))
}
