//! What a report says.

use std::path::PathBuf;

use super::metrics::MetricsLine;
use crate::train::{Condition, Health, Signals, StepMetrics};

/// What a report says, and which files belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The step after which it was made.
    pub step: u64,
    /// The epoch of the step, from 1.
    pub epoch: u64,
    /// Means over the steps since the last scheduled report.
    pub means: StepMetrics,
    /// How the fakes compare with real pictures; `None` when a run is stopped between two scheduled
    /// reports.
    pub health: Option<Health>,
    /// The sliced Wasserstein distance between fakes and real pictures; `None` as for `health`.
    pub distance: Option<f32>,
    /// What is wrong.
    pub conditions: Vec<Condition>,
    /// The grid of fakes, from latent vectors that never change.
    pub fake_grid: PathBuf,
    /// The grid of real pictures.
    pub real_grid: PathBuf,
}

/// The means over the lines after step `previous`; NaN if there are none.
pub fn means(lines: &[MetricsLine], previous: u64) -> StepMetrics {
    let recent: Vec<_> = lines.iter().filter(|line| line.step > previous).collect();
    let mean = |value: fn(&StepMetrics) -> f32| {
        let values = recent.iter().map(|line| f64::from(value(&line.metrics)));
        (values.sum::<f64>() / recent.len() as f64) as f32
    };
    let mean_signal = |value: fn(&Signals) -> f32| {
        let signals = recent
            .iter()
            .filter_map(|line| line.metrics.signals.as_ref());
        let sum: f64 = signals.map(|signals| f64::from(value(signals))).sum();
        (sum / recent.len() as f64) as f32
    };
    let measured = recent.iter().all(|line| line.metrics.signals.is_some());
    StepMetrics {
        loss_d: mean(|metrics| metrics.loss_d),
        loss_g: mean(|metrics| metrics.loss_g),
        accuracy_real: mean(|metrics| metrics.accuracy_real),
        accuracy_fake: mean(|metrics| metrics.accuracy_fake),
        signals: measured.then(|| Signals {
            logit_real: mean_signal(|signals| signals.logit_real),
            logit_fake: mean_signal(|signals| signals.logit_fake),
            gradient_d: mean_signal(|signals| signals.gradient_d),
            gradient_g: mean_signal(|signals| signals.gradient_g),
        }),
    }
}
