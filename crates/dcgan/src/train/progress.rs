//! What a training reports while it runs.

use std::time::Duration;

use crate::evaluation::Evaluation;

use super::{Report, StepMetrics, TrainError};

/// What is reported after each step.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The step just made, from 1.
    pub step: u64,
    /// The number of the last step.
    pub total_steps: u64,
    /// The epoch of the step, from 1.
    pub epoch: u64,
    /// The number of the last epoch.
    pub total_epochs: u64,
    /// The number of the step in its epoch, from 1.
    pub step_of_epoch: u64,
    /// Steps in an epoch.
    pub steps_per_epoch: u64,
    /// How long the step waited for its pictures.
    pub waited: Duration,
    /// What was read back since the last readback, the newest step last. On the CPU it is this
    /// step. Other devices are read when a report or a checkpoint is due; until then it is empty.
    pub read: &'a [StepMetrics],
    /// How long the steps in `read` took, without what was written after them.
    pub took: Duration,
    /// The report, if this step has one.
    pub report: Option<&'a Report>,
    /// The figures of the generator, if this step has an evaluation.
    pub evaluation: Option<Evaluation>,
    /// Why the newest files could not be written, in a run that continues anyway.
    pub write_error: Option<&'a TrainError>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are made.
    Complete,
    /// It was stopped, and everything is saved.
    Stopped,
}
