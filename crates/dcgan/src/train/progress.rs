//! What a training tells of itself while it goes on, and in the end.

use std::time::Duration;

use super::{Report, StepMetrics, TrainError};

/// What is told after each step.
#[derive(Debug)]
pub struct Step<'a> {
    /// The step just made, counted from 1.
    pub step: u64,
    /// The last step.
    pub total_steps: u64,
    /// The epoch of the step, counted from 1.
    pub epoch: u64,
    /// The last epoch.
    pub total_epochs: u64,
    /// Steps of this epoch that are made.
    pub step_of_epoch: u64,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// How long the step waited for its pictures.
    pub waited: Duration,
    /// What was read back of this step and those before it since the last time, the newest
    /// last: on the CPU always of this step alone; nothing, where it waits on the device for a
    /// report or a checkpoint.
    pub read: &'a [StepMetrics],
    /// How long these steps took together, without what was written after them.
    pub took: Duration,
    /// The report, if this step had one.
    pub report: Option<&'a Report>,
    /// What the disk has against the files of this step, in a run that goes on all the same.
    pub trouble: Option<&'a TrainError>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At its last step.
    Complete,
    /// Earlier, as it was told to; everything is saved.
    Stopped,
}
