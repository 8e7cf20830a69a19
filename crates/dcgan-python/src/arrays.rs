//! NumPy's arrays, made of and turned into the values of the library.

use numpy::{PyArray, PyArray2, PyArray3, PyArray4, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;

/// Pictures as an array.
///
/// # Shapes
/// `[N, side, side, channels]`
pub fn pictures<'py, T: numpy::Element>(
    py: Python<'py>,
    values: Vec<T>,
    side: usize,
    channels: usize,
) -> PyResult<Bound<'py, PyArray4<T>>> {
    let count = values.len() / (side * side * channels).max(1);
    PyArray::from_vec(py, values).reshape([count, side, side, channels])
}

/// One picture as an array.
///
/// # Shapes
/// `[height, width, channels]`
pub fn picture<'py>(
    py: Python<'py>,
    values: Vec<u8>,
    [height, width, channels]: [usize; 3],
) -> PyResult<Bound<'py, PyArray3<u8>>> {
    PyArray::from_vec(py, values).reshape([height, width, channels])
}

/// Rows of equal length as an array.
///
/// # Shapes
/// `[N, width]`
pub fn rows<'py>(
    py: Python<'py>,
    rows: &[Vec<f32>],
    width: usize,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    PyArray::from_vec(py, rows.concat()).reshape([rows.len(), width])
}

/// The rows of an array.
pub fn vectors(array: &PyReadonlyArray2<'_, f32>) -> Vec<Vec<f32>> {
    let rows = array.as_array();
    rows.outer_iter().map(|row| row.to_vec()).collect()
}
