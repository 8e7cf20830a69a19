//! How much memory a training needs, estimated before its first step.
//!
//! A system without free memory kills a process that asks for more. So the need is estimated from
//! the layers, without allocating them, and compared with the free memory.

mod system;

use thiserror::Error;

pub use dcgan_support::bytes::Bytes;
pub use system::{available, peak_mib};

use crate::config::{Loss, ModelConfig, TrainingConfig};
use crate::model::{Cost, Discriminator, Generator};

/// A training that needs a larger share of the free memory than this is close to the limit.
const CLOSE_SHARE: f64 = 0.8;

const BYTES_PER_VALUE: u64 = 4;

const MIB: u64 = 1 << 20;

/// Pictures that a report draws at once.
const REPORT_PICTURES: u64 = 64;

// The following are fitted to the peak memory measured for every preset at several widths, image
// sizes and batch sizes, with two threads on x86-64 Linux (docs/reliability.md). They are
// empirical, not derived: other machines, thread counts and allocators differ.
/// The program, its threads' scratch memory, and what the allocator keeps.
const PROGRAM_BYTES: u64 = 55 * MIB;
/// The pictures, plots and files of reports.
const REPORT_BYTES: u64 = 25 * MIB;
/// Copies of the parameters: weights, gradients, two moments, and the layouts that kernels use.
const PARAMETER_COPIES: f64 = 5.0;
/// Copies of the generator's parameters for the pictures of a report.
const REPORT_PARAMETER_COPIES: f64 = 1.5;
/// Copies of the layers' outputs in a step: two passes through D, or one through G and D, with
/// some of their gradients.
const STEP_OUTPUT_COPIES: f64 = 1.75;
/// Copies of the outputs of G's layers in a report.
const REPORT_OUTPUT_COPIES: f64 = 2.0;
/// Neighbourhoods of a picture that an evaluation compares.
const NEIGHBOURHOODS_PER_PICTURE: usize = 128;
/// Batches of pictures that are in use, waiting or being prepared.
const BATCHES: u64 = 4;

/// An estimate of the peak memory of a training. The measured peaks are within about a quarter
/// of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// Bytes of the program, both networks, Adam's moments and the average of G's weights, whatever
    /// the batch.
    pub fixed: u64,
    /// Bytes for each picture of a batch: the layers' outputs and their gradients.
    pub per_picture: u64,
    /// Bytes for reports, which draw pictures; 0 without reports.
    pub report: u64,
}

/// The estimated need of a training that fits into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// The estimated peak.
    pub needed: Bytes,
    /// The free memory.
    pub available: Bytes,
}

impl MemoryUse {
    /// Whether the estimate is above 80% of the free memory.
    pub fn is_close(&self) -> bool {
        self.needed.0 as f64 > CLOSE_SHARE * self.available.0 as f64
    }
}

/// A training is estimated to need more memory than is free.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "batches of {batch_size} need an estimated {needed}, and {available} are free: {}",
    what_fits(*.largest_batch)
)]
pub struct MemoryError {
    /// Pictures in a batch.
    pub batch_size: usize,
    /// The estimated peak.
    pub needed: Bytes,
    /// The free memory.
    pub available: Bytes,
    /// The largest batch that is estimated to fit; below 2 if none does.
    pub largest_batch: usize,
}

impl MemoryEstimate {
    /// The estimate for training these networks.
    pub fn of_training(model: &ModelConfig) -> Self {
        let generator = Generator::outline_cost(model);
        let discriminator = Discriminator::outline_cost(model);
        let total = |part: fn(&Cost) -> u64| part(&generator) + part(&discriminator);
        let parameters = scale(total(|cost| cost.parameters), PARAMETER_COPIES);
        let outputs = scale(total(|cost| cost.kept), STEP_OUTPUT_COPIES);
        let pixels = (model.image_size * model.image_size * model.channels) as u64;
        let report = scale(generator.parameters, REPORT_PARAMETER_COPIES)
            + REPORT_PICTURES * scale(generator.kept, REPORT_OUTPUT_COPIES);
        Self {
            fixed: PROGRAM_BYTES + BYTES_PER_VALUE * parameters,
            per_picture: BYTES_PER_VALUE * (outputs + BATCHES * pixels),
            report: REPORT_BYTES + BYTES_PER_VALUE * report,
        }
    }

    /// The estimate with what a training adds to plain steps: an average of the generator's weights,
    /// of which reports use a copy, and passes of the discriminator for a gradient penalty.
    #[must_use]
    pub fn with_training(self, model: &ModelConfig, training: &TrainingConfig) -> Self {
        let average = match training.ema {
            Some(_) => BYTES_PER_VALUE * Generator::outline_cost(model).parameters,
            None => 0,
        };
        let penalised = match (training.gradient_penalty, training.loss) {
            (None, _) => 0,
            (Some(_), Loss::Relativistic) => 2, // real pictures and fakes
            (Some(_), Loss::Bce | Loss::Hinge) => 1,
        };
        let pixels = (model.image_size * model.image_size * model.channels) as u64;
        let pass = Discriminator::outline_cost(model).kept + 2 * pixels; // noise, and their sum
        Self {
            fixed: self.fixed + average,
            per_picture: self.per_picture + BYTES_PER_VALUE * penalised * pass,
            report: self.report + average,
        }
    }

    /// The estimated peak in bytes that evaluations add, with this number of pictures on a side:
    /// the pictures, their neighbourhoods, and these along some directions.
    pub fn of_evaluation(model: &ModelConfig, pictures: usize) -> u64 {
        let pixels = model.image_size * model.image_size * model.channels;
        let neighbourhoods = NEIGHBOURHOODS_PER_PICTURE * (49 * model.channels + 2 * 32);
        let bytes = pixels as u64 + BYTES_PER_VALUE * neighbourhoods as u64;
        2 * pictures as u64 * bytes
    }

    /// The estimate for steps alone.
    pub fn without_reports(self) -> Self {
        Self { report: 0, ..self }
    }

    /// The estimated peak in bytes with batches of this size.
    pub fn bytes(&self, batch_size: usize) -> u64 {
        let step = self.per_picture.saturating_mul(batch_size as u64);
        // steps and reports alternate: the smaller one reuses part of the larger one's memory
        let (larger, smaller) = (step.max(self.report), step.min(self.report));
        self.fixed
            .saturating_add(larger)
            .saturating_add(smaller / 2)
    }

    /// The largest batch that is estimated to fit into `available` bytes.
    pub fn largest_batch(&self, available: u64) -> usize {
        let (mut fits, mut too_large) = (0, 1 << 20);
        while too_large - fits > 1 {
            let middle = usize::midpoint(fits, too_large);
            if self.bytes(middle) <= available {
                fits = middle;
            } else {
                too_large = middle;
            }
        }
        fits
    }

    /// Checks that batches of this size fit into `available` bytes.
    ///
    /// # Errors
    /// If they are estimated not to.
    pub fn check(&self, batch_size: usize, available: u64) -> Result<MemoryUse, MemoryError> {
        let needed = self.bytes(batch_size);
        if needed > available {
            return Err(MemoryError {
                batch_size,
                needed: Bytes(needed),
                available: Bytes(available),
                largest_batch: self.largest_batch(available),
            });
        }
        Ok(MemoryUse {
            needed: Bytes(needed),
            available: Bytes(available),
        })
    }
}

fn what_fits(largest_batch: usize) -> String {
    if largest_batch < 2 {
        "no batch would fit".to_owned() // batch norm needs two pictures
    } else {
        format!("batches of up to {largest_batch} would fit")
    }
}

fn scale(count: u64, factor: f64) -> u64 {
    (count as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset, TrainingOptions};

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
                let words = if fits < 2 {
                    "no batch would fit".to_owned()
                } else {
                    format!("up to {fits} would fit")
                };
                assert!(error.contains(&words), "{error}");
            }
        }
    }

    #[test]
    fn a_training_close_to_the_limit_is_flagged_and_one_far_from_it_is_not() {
        let estimate = estimate(Preset::Tutorial);
        let needed = estimate.bytes(128);
        let close = estimate.check(128, needed + needed / 10).unwrap();
        assert!(close.is_close() && close.needed.to_string().contains("GiB"));
        assert!(!estimate.check(128, needed * 2).unwrap().is_close());
        assert!(estimate.check(128, needed - 1).is_err());
        assert!(estimate.check(usize::MAX, u64::MAX - 1).is_err());
    }

    #[test]
    fn averages_and_penalties_need_more() {
        let model = ModelConfig::new(Preset::Laptop);
        let bytes = |training: TrainingOptions| {
            let plain = MemoryEstimate::of_training(&model);
            let training = training.build().unwrap();
            plain.with_training(&model, &training).bytes(32)
        };
        let plain = bytes(TrainingOptions::default());
        assert_eq!(plain, MemoryEstimate::of_training(&model).bytes(32));
        let averaged = TrainingOptions {
            ema: Some(1000),
            ..TrainingOptions::default()
        };
        assert!(bytes(averaged) > plain);
        let penalised = |loss| TrainingOptions {
            gradient_penalty: Some(1.0),
            loss,
            ..TrainingOptions::default()
        };
        let [one, both] = [Loss::Hinge, Loss::Relativistic].map(|loss| bytes(penalised(loss)));
        assert!(plain < one && one < both);
    }

    #[test]
    fn the_largest_networks_are_estimated_without_allocating_them() {
        let model = ModelOptions::new(Preset::Paper).with_image_size(256);
        let model = model.with_ngf(1024).with_ndf(1024).with_z_dim(4096);
        let estimate = MemoryEstimate::of_training(&model.build().unwrap());
        assert!(estimate.bytes(2) > 100 << 30);
    }
}
