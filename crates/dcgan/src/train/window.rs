//! Steps whose measurements wait on the device: when they are read back, and what becomes of
//! them if one is no good.

use super::saving::{self, Due};
use super::{Measured, StepMetrics, TrainError, Trainer};
use crate::device::is_cpu;
use dcgan_support::trace::span;

impl Trainer {
    /// What the last steps measured, the newest last. To read is to wait for the device, so other
    /// devices than the CPU are only asked where something is due.
    pub(super) fn read_back(&mut self, due: Due) -> Vec<StepMetrics> {
        match due.anything() || is_cpu(&self.device) {
            true => {
                let pending = std::mem::take(&mut self.pending);
                let read = span("read back", || Measured::read(pending));
                self.measured_by_all(read)
            }
            false => Vec::new(),
        }
    }

    /// The first of the steps just read back that nothing may be written of. Nothing but numbers
    /// is written: weights are looked at where they would be.
    pub(super) fn first_bad(&self, due: Due, read: &[StepMetrics]) -> Option<u64> {
        if let Some(bad) = read.iter().position(|metrics| !metrics.is_finite()) {
            return Some(self.first_of(read) + bad as u64);
        }
        let is_bad = || span("check weights", || !self.gan.is_finite());
        (due.anything() && self.any(is_bad)).then_some(self.step)
    }

    /// Goes back from a step that is no good; what came before it is written down, as if those
    /// after it had never been made.
    pub(super) fn refuse(&mut self, step: u64, read: &[StepMetrics]) -> Result<(), TrainError> {
        if !self.share.ranks().is_root() {
            return self.copy_root();
        }
        let good = (self.first_of(read)..step).zip(read);
        for (step, &metrics) in good {
            self.keep(step, metrics, None)?;
        }
        self.step = step;
        saving::go_back(self)?;
        self.reported = self.reported.min(self.step);
        self.copy_root()
    }

    /// The number of the first step of those just read back.
    pub(super) fn first_of(&self, read: &[StepMetrics]) -> u64 {
        self.step + 1 - read.len() as u64
    }
}
