//! The options of a forward pass in training mode.

use std::sync::Arc;

use crate::ops::{GradientSink, SharedBatch};

/// Whether a forward pass records gradients for the network's own weights.
///
/// Gradients for its *input* are recorded in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// The weights learn from this pass.
    Learn,
    /// The weights are constants in this pass.
    Freeze,
}

/// How the statistics of a batch update batch norm's running statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunningStatistics {
    /// As an exponential moving average with PyTorch's default momentum of 0.1.
    MovingAverage,
    /// As the mean over all batches so far (PyTorch's `momentum=None`), of which this is number
    /// `batch`, from 1.
    Mean {
        /// The number of this batch.
        batch: u64,
    },
}

/// The options of a forward pass in training mode.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Whether the network's weights learn from it.
    pub weights: Weights,
    /// How it updates running statistics.
    pub running_statistics: RunningStatistics,
    /// The batch that the rows belong to, if batch norm normalises with the statistics of all of
    /// it (synchronised batch norm).
    pub shared_batch: Option<Arc<dyn SharedBatch>>,
    /// Where the gradients of the network's parameters go on the CPU, instead of into
    /// `Gradients`.
    pub gradient_sink: Option<Arc<dyn GradientSink>>,
}

impl Pass {
    /// A pass in a single process, from which the weights learn or not.
    pub fn new(weights: Weights) -> Self {
        Self {
            weights,
            running_statistics: RunningStatistics::MovingAverage,
            shared_batch: None,
            gradient_sink: None,
        }
    }

    /// A pass in a single process from which the weights learn.
    pub fn learn() -> Self {
        Self::new(Weights::Learn)
    }

    /// A pass in a single process in which the weights are constants.
    pub fn freeze() -> Self {
        Self::new(Weights::Freeze)
    }

    /// In how many parts layers compute the batch; see [`conv2d`](crate::ops::conv2d).
    pub(super) fn parts(&self) -> usize {
        self.shared_batch.as_ref().map_or(1, |batch| batch.parts())
    }
}
