//! How fast training and sampling are, and where the time goes.
//!
//! Nothing is read from disk: pictures are random numbers in memory, and weights are initial ones
//! unless a trained generator is given.
//!
//! ```no_run
//! use dcgan::bench::{Plan, train};
//! use dcgan::config::{ModelConfig, Precision, Preset};
//!
//! let plan = Plan { batch_size: 128, steps: 10, precision: Precision::F32, profile: false };
//! let device = dcgan::device::by_name("cpu")?;
//! let found = train(&ModelConfig::new(Preset::Tutorial), &plan, &device)?;
//! println!("{:.1} pictures/s", found.pictures_per_second);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod profile;
mod work;

use std::time::Instant;

use burn::tensor::Device;
use serde::Serialize;

pub use error::BenchError;
pub use profile::{OperationTime, PartTime, StepProfile};

use crate::config::{ConfigError, ModelConfig, Precision};
use crate::device::check_precision;
use crate::gan::Gan;
use crate::memory::{self, MemoryError, MemoryEstimate};
use crate::model::Generator;
use crate::ops;
use dcgan_support::median::median;
use work::{Sampling, Training, Work};

/// Steps before those that are timed; they fill caches and buffers.
pub const WARM_UP_STEPS: usize = 3;

/// How much to time.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Pictures in a batch: 2 to 65,536 for training, 1 to 65,536 for sampling.
    pub batch_size: usize,
    /// Timed steps, after [`WARM_UP_STEPS`] that are not: 1 to 1,000,000.
    pub steps: usize,
    /// What the convolutions of training are computed in. Drawing on the CPU is always in `f32`.
    pub precision: Precision,
    /// Whether to profile, which takes a little time itself.
    pub profile: bool,
}

/// The result of a benchmark.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    /// `train` or `sample`.
    pub work: &'static str,
    /// The networks.
    #[serde(flatten)]
    pub model: ModelConfig,
    /// Pictures in a batch.
    pub batch_size: usize,
    /// What the convolutions were computed in.
    pub precision: Precision,
    /// Compute threads.
    pub threads: usize,
    /// The time of each step, in seconds.
    pub seconds: Vec<f64>,
    /// Their median, in seconds.
    pub median_seconds: f64,
    /// Pictures per second, by the median step.
    pub pictures_per_second: f64,
    /// The cost of a step by definition, in 10⁹ multiplications and additions; see
    /// [`Cost`](crate::model::Cost).
    pub gflop_per_step: f64,
    /// Effective GFLOP/s by the median step. Algorithms that need fewer operations than the
    /// definition can exceed the peak of the processor.
    pub gflop_per_second: f64,
    /// The peak memory of the process so far, in MiB; `None` if the system does not report it.
    pub peak_memory_mib: Option<f64>,
    /// Where the time went; `None` if the plan does not ask for it.
    pub profile: Option<StepProfile>,
}

impl Measurement {
    /// A JSON object on one line, with the field names as keys.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and names always have a JSON form")
    }
}

/// Times training steps on random pictures, from initial weights.
///
/// `device` must record gradients (`Device::autodiff`).
///
/// # Errors
/// If the networks cannot be built, the plan is out of range, the device does not support the
/// precision, or memory does not suffice.
pub fn train(model: &ModelConfig, plan: &Plan, device: &Device) -> Result<Measurement, BenchError> {
    plan.check(2)?; // batch norm needs a variance
    check_precision(device, plan.precision)?;
    let estimate = MemoryEstimate::of_training(model).without_reports();
    if let Some(available) = memory::available() {
        estimate.check(plan.batch_size, available)?;
    }
    let gan = Gan::new(model, &work::training_config(plan)?, device)?;
    Ok(measure(plan, Training::new(gan, plan.batch_size, device)))
}

/// Times steps that each draw a batch, from latent vectors to pictures in memory.
///
/// # Errors
/// If the plan is out of range, or memory does not suffice.
pub fn sample(generator: Generator, plan: &Plan) -> Result<Measurement, BenchError> {
    plan.check(1)?;
    if let Some(available) = memory::available() {
        check_drawing(&generator, plan.batch_size, available)?;
    }
    Ok(measure(plan, Sampling::new(generator, plan.batch_size)))
}

/// Checks that a batch of drawn pictures fits into memory.
fn check_drawing(
    generator: &Generator,
    batch_size: usize,
    available: u64,
) -> Result<(), MemoryError> {
    let estimate = MemoryEstimate {
        fixed: 0,
        per_picture: 4 * generator.cost().values,
        report: 0,
    };
    estimate.check(batch_size, available).map(|_| ())
}

impl Plan {
    fn check(&self, min_batch_size: u64) -> Result<(), ConfigError> {
        let (batch_size, steps) = (self.batch_size as u64, self.steps as u64);
        ConfigError::check_range("batch size", batch_size, min_batch_size, 65_536)?;
        ConfigError::check_range("number of steps", steps, 1, 1_000_000)
    }
}

fn measure(plan: &Plan, mut work: impl Work) -> Measurement {
    for index in 0..WARM_UP_STEPS {
        work.step(index as u64);
    }
    if plan.profile {
        ops::profile::start();
    }
    let seconds: Vec<f64> = (0..plan.steps)
        .map(|index| {
            let start = Instant::now();
            work.step((WARM_UP_STEPS + index) as u64);
            start.elapsed().as_secs_f64()
        })
        .collect();
    let threads = rayon::current_num_threads();
    let profile = plan
        .profile
        .then(|| StepProfile::new(ops::profile::stop(), &seconds, threads));
    let median_seconds = median(&seconds);
    let gflop_per_step = 2e-9 * work.multiply_adds() as f64 * plan.batch_size as f64;
    Measurement {
        work: work.name(),
        model: work.model().clone(),
        batch_size: plan.batch_size,
        precision: plan.precision,
        threads,
        median_seconds,
        pictures_per_second: plan.batch_size as f64 / median_seconds,
        gflop_per_step,
        gflop_per_second: gflop_per_step / median_seconds,
        peak_memory_mib: memory::peak_mib(),
        profile,
        seconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_out_of_range_is_rejected_with_the_range() {
        let plan = |batch_size, steps| Plan {
            batch_size,
            steps,
            precision: Precision::F32,
            profile: false,
        };
        assert!(plan(2, 1).check(2).is_ok());
        let error = plan(1, 1).check(2).unwrap_err().to_string();
        assert!(error.contains("between 2 and 65536"), "{error}");
        assert!(plan(2, 0).check(2).is_err());
        assert!(plan(usize::MAX, 1).check(2).is_err());
    }
}
