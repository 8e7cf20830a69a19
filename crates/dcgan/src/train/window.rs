//! Steps whose measurements are still on the device.

use super::distributed;
use super::measured::{Measured, StepMetrics};
use crate::ranks::Share;
use dcgan_support::trace::span;

/// The last steps, whose measurements have not been read back.
#[derive(Default)]
pub(super) struct Window {
    steps: Vec<Measured>,
}

/// Consecutive steps whose measurements have been read back.
#[derive(Debug)]
pub(super) struct ReadSteps {
    first: u64,
    metrics: Vec<StepMetrics>,
}

impl Window {
    /// Adds the step after those in the window.
    pub fn push(&mut self, step: Measured) {
        self.steps.push(step);
    }

    /// Waits for the steps up to `newest` and takes out what they measured, averaged over all
    /// ranks.
    pub fn read(&mut self, newest: u64, share: &Share) -> ReadSteps {
        let steps = std::mem::take(&mut self.steps);
        let metrics = span("read back", || Measured::read(steps));
        ReadSteps {
            first: newest + 1 - metrics.len() as u64,
            metrics: distributed::average_metrics(metrics, share, newest),
        }
    }
}

impl ReadSteps {
    /// No steps: the measurements of those up to `newest` stay on the device.
    pub fn none(newest: u64) -> Self {
        Self {
            first: newest + 1,
            metrics: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// What they measured, the newest last.
    pub fn metrics(&self) -> &[StepMetrics] {
        &self.metrics
    }

    /// The steps and what they measured.
    pub fn iter(&self) -> impl Iterator<Item = (u64, StepMetrics)> {
        (self.first..).zip(self.metrics.iter().copied())
    }

    /// The first step with a loss, logit or gradient that is NaN or infinite.
    pub fn first_non_finite(&self) -> Option<u64> {
        let (step, _) = self.iter().find(|(_, metrics)| !metrics.is_finite())?;
        Some(step)
    }
}
