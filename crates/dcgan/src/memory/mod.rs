//! How much memory a training takes, known before its first step.
//!
//! A process that takes more than there is gets ended by the system without a word. So what a
//! training will need is estimated from its layers, before their memory is taken, and compared
//! with what there is.

mod system;

use thiserror::Error;

pub use system::{available, peak_mib};

use crate::config::ModelConfig;
use crate::model::{Cost, Discriminator, Generator};

/// Of more than this share of the available memory it is said that it will be close.
const CLOSE: f64 = 0.8;

/// Bytes of a number.
const NUMBER: u64 = 4;

const MIB: u64 = 1 << 20;

/// Pictures that a report draws at once.
const REPORT: u64 = 64;

// How often what a network is made of lies in memory, and what does not depend on it: measured
// (docs/reliability.md has the comparison), with two threads.
/// The program, its threads' scratch memory, and what the allocator keeps.
const PROGRAM: u64 = 55 * MIB;
/// What reports need besides: pictures, plots, files.
const REPORTING: u64 = 25 * MIB;
/// Weights, gradients, two moments, and their copies in the layouts of the kernels.
const PARAMETERS: f64 = 5.0;
/// A generator that is drawn from while the training's own waits.
const DRAWN_PARAMETERS: f64 = 1.5;
/// What layers give, twice through D or once through G and D, and gradients of some of it.
const STEP_VALUES: f64 = 1.75;
/// What G's layers give in a report.
const REPORT_VALUES: f64 = 2.0;
/// Batches that are computed with, that wait, and that are made.
const BATCHES: u64 = 4;

/// What a training will hold at its most, in bytes; found within about a quarter of what was
/// measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// The program, both networks and Adam's moments, whatever the batch.
    pub fixed: u64,
    /// Each picture of a batch: what the layers make of it, and their gradients.
    pub per_picture: u64,
    /// Reports, which draw pictures; none where there are no reports.
    pub report: u64,
}

/// Why a training would not fit.
#[derive(Debug, Error, PartialEq)]
pub enum MemoryError {
    /// More than there is memory for.
    #[error("batches of {batch_size} need about {}, and {} are free: {}", size(*.needed), size(*.available), what_fits(*.fits))]
    TooLarge {
        /// Pictures in a batch.
        batch_size: usize,
        /// What the training would hold, in bytes.
        needed: u64,
        /// What there is, in bytes.
        available: u64,
        /// The most pictures in a batch that would fit.
        fits: usize,
    },
}

impl MemoryEstimate {
    /// What training these networks takes.
    pub fn of_training(model: &ModelConfig) -> Self {
        let (generator, discriminator) = (Generator::outline(model), Discriminator::outline(model));
        let pixels = (model.image_size * model.image_size * model.channels) as u64;
        let both = [generator, discriminator];
        let sum = |part: fn(&Cost) -> u64| -> u64 { both.iter().map(part).sum() };
        let parameters = times(sum(|cost| cost.parameters), PARAMETERS);
        let values = times(sum(|cost| cost.kept), STEP_VALUES);
        let drawn = times(generator.parameters, DRAWN_PARAMETERS);
        let report = drawn + REPORT * times(generator.kept, REPORT_VALUES);
        Self {
            fixed: PROGRAM + NUMBER * parameters,
            per_picture: NUMBER * (values + BATCHES * pixels),
            report: REPORTING + NUMBER * report,
        }
    }

    /// Of steps alone.
    pub fn without_reports(self) -> Self {
        Self { report: 0, ..self }
    }

    /// All of it, with batches of so many pictures.
    pub fn bytes(&self, batch_size: usize) -> u64 {
        let step = self.per_picture.saturating_mul(batch_size as u64);
        // the smaller of the two finds room in what the larger one has left, in part
        let (larger, smaller) = (step.max(self.report), step.min(self.report));
        self.fixed
            .saturating_add(larger)
            .saturating_add(smaller / 2)
    }

    /// The most pictures in a batch that fit into so many bytes.
    pub fn largest_batch(&self, available: u64) -> usize {
        let (mut fits, mut too_many) = (0, 1 << 20);
        while too_many - fits > 1 {
            let middle = usize::midpoint(fits, too_many);
            match self.bytes(middle) <= available {
                true => fits = middle,
                false => too_many = middle,
            }
        }
        fits
    }

    /// Whether it fits into `available` bytes; a remark if it is close.
    ///
    /// # Errors
    /// More than there is, with what would fit.
    pub fn check(&self, batch_size: usize, available: u64) -> Result<Option<String>, MemoryError> {
        let needed = self.bytes(batch_size);
        if needed > available {
            let fits = self.largest_batch(available);
            return Err(MemoryError::TooLarge {
                batch_size,
                needed,
                available,
                fits,
            });
        }
        let is_close = needed as f64 > CLOSE * available as f64;
        Ok(is_close.then(|| {
            let (needed, available) = (size(needed), size(available));
            format!("it will take about {needed} of the {available} of memory that are free")
        }))
    }
}

fn what_fits(fits: usize) -> String {
    match fits {
        0 | 1 => "no batch would fit, so take narrower networks or smaller pictures".to_owned(),
        fits => format!("batches of up to {fits} would fit"),
    }
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    let mib = bytes as f64 / MIB as f64;
    match mib < 1024.0 {
        true => format!("{mib:.0} MiB"),
        false => format!("{:.1} GiB", mib / 1024.0),
    }
}

fn times(count: u64, factor: f64) -> u64 {
    (count as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset};

    fn estimate(preset: Preset) -> MemoryEstimate {
        MemoryEstimate::of_training(&ModelConfig::new(preset))
    }

    #[test]
    fn the_largest_batch_fits_and_one_more_does_not() {
        for preset in Preset::ALL {
            let estimate = estimate(preset);
            for available in [1 << 30, 4 << 30, 100 << 30] {
                let fits = estimate.largest_batch(available);
                if fits > 0 {
                    assert!(estimate.check(fits, available).is_ok(), "{preset} {fits}");
                }
                let error = estimate.check(fits + 1, available).unwrap_err().to_string();
                let words = match fits {
                    0 | 1 => "no batch would fit".to_owned(),
                    _ => format!("up to {fits} would fit"),
                };
                assert!(error.contains(&words), "{error}");
            }
        }
    }

    #[test]
    fn what_is_close_is_remarked_and_what_is_not_is_not() {
        let estimate = estimate(Preset::Tutorial);
        let needed = estimate.bytes(128);
        let remark = estimate.check(128, needed + needed / 10).unwrap();
        assert!(remark.is_some_and(|remark| remark.contains("GiB")));
        assert_eq!(estimate.check(128, needed * 2), Ok(None));
        assert!(estimate.check(128, needed - 1).is_err());
        assert!(estimate.check(usize::MAX, u64::MAX - 1).is_err());
    }

    #[test]
    fn the_largest_networks_are_estimated_without_their_memory() {
        let model = ModelOptions::new(Preset::Paper).with_image_size(256);
        let model = model.with_ngf(1024).with_ndf(1024).with_z_dim(4096);
        let estimate = MemoryEstimate::of_training(&model.build().unwrap());
        assert!(estimate.bytes(2) > 100 << 30);
    }
}
