//! What judges the fakes: at each scheduled report they are compared with real pictures and with
//! the fakes of the report before.
//!
//! ```text
//! points     pictures as points, and distances between sets of them
//! colours    which colours of the real pictures the fakes have
//! reference  the real pictures, and the comparison with them at each report
//! health     the result of a comparison
//! condition  what can be wrong with a run
//! detect     the signs of it in the metrics
//! ```

mod colours;
mod condition;
mod detect;
mod health;
mod points;
#[cfg(test)]
mod provoked;
mod reference;

pub use condition::{Advice, Condition};
pub(super) use detect::detect;
pub use health::Health;

use std::sync::Arc;

use image::DynamicImage;

use self::points::Points;
use self::reference::Reference;
use super::TrainError;
use crate::config::EvaluationConfig;
use crate::evaluation::{Evaluation, Evaluator, InceptionFile, LoadInception};
use crate::model::{Discriminator, Generator};
use dcgan_data::{DataError, Dataset};

/// Compares the fakes of scheduled reports.
pub(super) struct Critic {
    dataset: Arc<Dataset>,
    /// `None` in a run without evaluations.
    evaluator: Option<Evaluator>,
    /// `None` before the first report.
    reference: Option<Reference>,
    /// The fakes of the last scheduled report.
    last: Option<ReportFakes>,
}

struct ReportFakes {
    step: u64,
    points: Points,
}

/// How the fakes of a report compare with real pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Comparison {
    /// The sliced Wasserstein distance between fakes and real pictures.
    pub distance: f32,
    pub health: Health,
}

impl Critic {
    pub fn new(dataset: Arc<Dataset>) -> Self {
        Self {
            dataset,
            evaluator: None,
            reference: None,
            last: None,
        }
    }

    /// Reads the real pictures and Inception, if that has not been done. Nothing is read later.
    ///
    /// # Errors
    /// If a picture of the data set or the file of Inception cannot be read.
    pub fn prepare(&mut self, config: &EvaluationConfig) -> Result<(), TrainError> {
        if self.reference.is_none() {
            self.reference = Some(Reference::from_dataset(&self.dataset)?);
        }
        if self.evaluator.is_none() && config.every.is_some() {
            let load = |path| InceptionFile::load(path, LoadInception::Published);
            let inception = config.inception.as_deref().map(load).transpose()?;
            self.evaluator = Some(Evaluator::new(&self.dataset, inception)?);
        }
        Ok(())
    }

    /// Evaluates a generator with statistics for sampling. `None` if `should_stop` returns true
    /// before the end, or in a run without evaluations.
    ///
    /// # Errors
    /// If the pictures cannot be compared.
    pub fn evaluate(
        &mut self,
        generator: Generator,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Option<Evaluation>, TrainError> {
        match &mut self.evaluator {
            Some(evaluator) => Ok(evaluator.evaluate(generator, should_stop)?),
            None => Ok(None),
        }
    }

    /// Compares the fakes of the report of `step` with real pictures, and with the fakes of the
    /// `previous` report. After a resume or a rollback those are read by `stored`.
    ///
    /// # Errors
    /// If a picture of the data set cannot be read.
    pub fn compare(
        &mut self,
        fakes: &[DynamicImage],
        discriminator: &Discriminator,
        step: u64,
        previous: u64,
        stored: impl FnOnce(u64) -> Option<Vec<DynamicImage>>,
    ) -> Result<Comparison, DataError> {
        let reference = match &mut self.reference {
            Some(reference) => reference,
            empty => empty.insert(Reference::from_dataset(&self.dataset)?),
        };
        let points = Points::from_pictures(fakes);
        let before = match self.last.take() {
            Some(last) if last.step == previous => Some(last.points),
            _ => stored(previous).map(|fakes| Points::from_pictures(&fakes)),
        };
        let comparison = reference.compare(fakes, &points, before.as_ref(), discriminator);
        self.last = Some(ReportFakes { step, points });
        Ok(comparison)
    }
}
