//! Pictures as training sees them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use dcgan_cli::embedded;
use dcgan_data::{Augmentation, Dataset, epoch_order};
use numpy::{PyArray1, PyArray3, PyArray4};
use pyo3::prelude::*;

use crate::arrays;
use crate::exceptions::exception;
use crate::task::interruptible;

/// Pictures that are fetched before signals are looked for.
const CHUNK: usize = 256;

/// The pictures that the words of a `train` name.
#[pyclass(frozen, module = "dcgan._dcgan")]
pub struct Pictures {
    dataset: Arc<Dataset>,
}

#[pymethods]
impl Pictures {
    #[new]
    fn new(py: Python<'_>, words: Vec<OsString>) -> PyResult<Self> {
        let dataset = interruptible(py, move || embedded::pictures(&words))?;
        Ok(Self { dataset })
    }

    /// Pictures, height, width, channels.
    #[getter]
    fn shape(&self) -> [usize; 4] {
        let side = self.dataset.image_size();
        [self.dataset.len(), side, side, self.dataset.channels()]
    }

    /// The name of a picture.
    fn name(&self, index: usize) -> Option<String> {
        self.dataset.name(index)
    }

    /// The names of the classes, if there are any.
    #[getter]
    fn classes(&self) -> Vec<String> {
        let labels = self.dataset.labels();
        labels.map_or_else(Vec::new, |labels| labels.classes().to_vec())
    }

    /// The class of each picture, -1 for pictures without one.
    #[getter]
    fn labels<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<i64>>> {
        let labels = self.dataset.labels()?;
        let numbers =
            (0..self.dataset.len()).map(|index| labels.of(index).map_or(-1, |class| class as i64));
        Some(PyArray1::from_iter(py, numbers))
    }

    /// The names of the attributes, if there are any.
    #[getter]
    fn attribute_names(&self) -> Vec<String> {
        let attributes = self.dataset.attributes();
        attributes.map_or_else(Vec::new, |attributes| attributes.names().to_vec())
    }

    /// Which pictures have an attribute; `None` if there is no such attribute.
    fn attribute<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyArray1<bool>>> {
        let attribute = self.dataset.attributes()?.by_name(name)?;
        let holds = (0..self.dataset.len()).map(|index| attribute.of(index).unwrap_or_default());
        Some(PyArray1::from_iter(py, holds))
    }

    /// Pictures by their indices, `[N, H, W, C]`.
    fn pictures<'py>(
        &self,
        py: Python<'py>,
        indices: Vec<usize>,
    ) -> PyResult<Bound<'py, PyArray4<u8>>> {
        let dataset = &self.dataset;
        let mut values = Vec::new();
        for chunk in indices.chunks(CHUNK) {
            py.check_signals()?;
            let more = py.detach(|| {
                let mut values = Vec::new();
                for &index in chunk {
                    values.extend(dataset.picture(index, Augmentation::NONE)?);
                }
                anyhow::Ok(values)
            });
            values.extend(more.map_err(|error| exception(&error))?);
        }
        arrays::pictures(py, values, dataset.image_size(), dataset.channels())
    }

    /// The order in which training shows the pictures in an epoch.
    fn order<'py>(&self, py: Python<'py>, seed: u64, epoch: u64) -> Bound<'py, PyArray1<i64>> {
        let order = epoch_order(seed, epoch, self.dataset.len() as u32);
        PyArray1::from_iter(py, order.into_iter().map(i64::from))
    }
}

/// The first drawn faces of a seed, `[N, size, size, 3]`.
#[pyfunction]
pub fn draw_faces(
    py: Python<'_>,
    count: u64,
    size: u32,
    seed: u64,
) -> PyResult<Bound<'_, PyArray4<u8>>> {
    let mut values = Vec::new();
    for index in 0..count {
        py.check_signals()?;
        values.extend(py.detach(|| dcgan_faces::face(seed, index).draw(size).into_raw()));
    }
    arrays::pictures(py, values, size as usize, 3)
}

/// A picture file as an array, `[H, W, 3]`.
#[pyfunction]
pub fn read_picture(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyArray3<u8>>> {
    let read = py.detach(|| {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()));
        let picture = image::load_from_memory(&bytes?);
        picture.with_context(|| format!("cannot read {}", path.display()))
    });
    let picture = read.map_err(|error| exception(&error))?.into_rgb8();
    let (width, height) = picture.dimensions();
    let shape = [height as usize, width as usize, 3];
    arrays::picture(py, picture.into_raw(), shape)
}
