//! What a training reports, for Python.

use std::collections::HashMap;
use std::path::PathBuf;

use dcgan::config::RunConfig;
use dcgan::train::Progress;
use dcgan_cli::embedded;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::exceptions::in_python;

/// What a report says, in the words of the package.
pub struct Report {
    numbers: HashMap<&'static str, Option<f64>>,
    step: u64,
    epoch: u64,
    problems: Vec<String>,
    fake_grid: PathBuf,
    real_grid: PathBuf,
}

impl Report {
    pub fn new(progress: &Progress, report: &dcgan::train::Report, config: &RunConfig) -> Self {
        let health = report.health;
        let evaluation = progress.evaluation;
        let number = |value: f32| Some(f64::from(value));
        let problems = report.conditions.iter();
        Self {
            numbers: HashMap::from([
                ("loss_d", number(report.means.loss_d)),
                ("loss_g", number(report.means.loss_g)),
                ("accuracy_real", number(report.means.accuracy_real)),
                ("accuracy_fake", number(report.means.accuracy_fake)),
                ("distance", report.distance.map(f64::from)),
                ("diversity", health.map(|health| health.diversity.into())),
                ("twins", health.map(|health| health.twins.into())),
                (
                    "change",
                    health.and_then(|health| health.change).map(f64::from),
                ),
                ("swd", evaluation.map(|found| found.swd.into())),
                ("kid", evaluation.and_then(|found| found.kid).map(f64::from)),
                ("fid", evaluation.and_then(|found| found.fid).map(f64::from)),
            ]),
            step: report.step,
            epoch: report.epoch,
            problems: problems
                .map(|&problem| in_python(&embedded::problem(problem, config)))
                .collect(),
            fake_grid: report.fake_grid.clone(),
            real_grid: report.real_grid.clone(),
        }
    }

    pub fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("step", self.step)?;
        dict.set_item("epoch", self.epoch)?;
        for (name, value) in &self.numbers {
            dict.set_item(name, value)?;
        }
        dict.set_item("problems", &self.problems)?;
        dict.set_item("fake_file", &self.fake_grid)?;
        dict.set_item("real_file", &self.real_grid)?;
        Ok(dict)
    }
}
