//! Requests, measurements and pictures of all ranks.

use std::collections::HashMap;

use crate::checkpoint::DataSummary;
use crate::ranks::{Ranks, RanksError, Share};
use crate::train::schedule::Requests;
use crate::train::{Signals, StepMetrics, TrainError};

/// The longest text that ranks compare, in bytes.
const MAX_TEXT: usize = 256;

/// Checks that all ranks have read the same pictures.
///
/// # Errors
/// If one has not. Rank 0 reports it and ends the others.
pub fn check_same_pictures(ranks: &Ranks, data: &DataSummary) -> Result<(), TrainError> {
    let other = find_odd_rank(ranks, &data.fingerprint, "all ranks to read the pictures");
    match other {
        None => Ok(()),
        Some(_) if !ranks.is_root() => Err(RanksError::ReportedByRoot.into()),
        Some(rank) => Err(TrainError::OtherPictures {
            rank,
            source_name: data.source.clone(),
        }),
    }
}

/// The name of a rank whose `text` differs from that of most ranks or, if there is no majority,
/// from that of rank 0.
pub fn find_odd_rank(ranks: &Ranks, text: &str, what: &str) -> Option<String> {
    let lines = ranks.gather(&format!("{text} {}", ranks.name()), MAX_TEXT, what);
    let texts_and_names: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let mut counts = HashMap::new();
    for (text, _) in &texts_and_names {
        *counts.entry(*text).or_insert(0) += 1;
    }
    let most = counts.values().max()?;
    let (usual, _) = texts_and_names
        .iter()
        .find(|(text, _)| counts[text] == *most)?;
    let odd = texts_and_names.iter().find(|(text, _)| text != usual);
    odd.map(|(_, name)| (*name).to_owned())
}

/// What any rank requests after `step`.
pub fn any_request(own: Requests, ranks: &Ranks, step: u64) -> Requests {
    let requests =
        [own.stop, own.checkpoint, own.evaluation].map(|request| f64::from(u8::from(request)));
    let sums = ranks.sum(requests.to_vec(), &format!("the end of step {step}"));
    Requests {
        stop: sums[0] > 0.0,
        checkpoint: sums[1] > 0.0,
        evaluation: sums[2] > 0.0,
    }
}

/// Whether the weights of any rank are non-finite after `step`.
pub fn any_non_finite(own: bool, ranks: &Ranks, step: u64) -> bool {
    let own = f64::from(u8::from(own));
    ranks.sum(
        vec![own],
        &format!("the check of the weights of step {step}"),
    )[0] > 0.0
}

/// The means over the whole batch of what each rank measured on its part. `newest` is the last of
/// the steps.
pub fn average_metrics(metrics: Vec<StepMetrics>, share: &Share, newest: u64) -> Vec<StepMetrics> {
    if share.ranks().is_alone() {
        return metrics;
    }
    let own = metrics.iter().flat_map(values);
    let weighted = own.map(|value| f64::from(value) * share.weight()).collect();
    let what = format!("the measurements of step {newest}");
    let sums = share.ranks().sum(weighted, &what);
    sums.chunks(VALUES).map(from_values).collect()
}

/// The number of values that a step measures.
const VALUES: usize = 8;

fn values(metrics: &StepMetrics) -> [f32; VALUES] {
    let none = Signals {
        logit_real: 0.0,
        logit_fake: 0.0,
        gradient_d: 0.0,
        gradient_g: 0.0,
    };
    let signals = metrics.signals.unwrap_or(none);
    [
        metrics.loss_d,
        metrics.loss_g,
        metrics.accuracy_real,
        metrics.accuracy_fake,
        signals.logit_real,
        signals.logit_fake,
        signals.gradient_d,
        signals.gradient_g,
    ]
}

fn from_values(values: &[f64]) -> StepMetrics {
    let value = |index: usize| values[index] as f32;
    StepMetrics {
        loss_d: value(0),
        loss_g: value(1),
        accuracy_real: value(2),
        accuracy_fake: value(3),
        signals: Some(Signals {
            logit_real: value(4),
            logit_fake: value(5),
            gradient_d: value(6),
            gradient_g: value(7),
        }),
    }
}
