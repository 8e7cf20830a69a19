//! Which conditions the metrics of a run show.
//!
//! The limits were found by looking at runs: healthy ones stay far from them (docs/log.md).

use super::{Condition, Health};
use crate::data::FEW_PICTURES;
use crate::train::{MetricsLine, StepMetrics};

/// Steps that are looked at where one report's worth may be too few.
const RECENT: usize = 200;

/// Steps in which a generator may still draw one picture: many begin like that.
const PATIENCE: u64 = 1000;

/// Losses above this are no longer those of two networks that learn from each other.
const RUN_AWAY: f64 = 50.0;

/// What is judged beside the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Training pictures.
    pub pictures: u64,
}

/// What is wrong after `newest`, which comes after `earlier`, if it is a report by plan; the
/// gravest first.
pub fn judge(earlier: &[MetricsLine], newest: &MetricsLine, facts: &Facts) -> Vec<Condition> {
    let Some(health) = newest.health else {
        return Vec::new();
    };
    let lines = earlier.iter().chain([newest]);
    let reports: Vec<Health> = lines.clone().filter_map(|line| line.health).collect();
    let recent: Vec<&MetricsLine> = lines
        .skip((earlier.len() + 1).saturating_sub(RECENT))
        .collect();
    let long_enough = recent.len() == RECENT;
    let began = newest.step >= PATIENCE;
    let mut found = Vec::new();
    let mut say = |is_so: bool, condition| found.extend(is_so.then_some(condition));

    say(has_gone_back(earlier, newest), Condition::NotFinite);
    let diverged = mean(&recent, |metrics| metrics.loss_d.max(metrics.loss_g)) > RUN_AWAY;
    say(diverged, Condition::Diverged);
    say(
        long_enough && discriminator_wins(&recent),
        Condition::DiscriminatorWins,
    );
    let collapse = collapse(&reports, began);
    say(collapse == Some(Condition::Collapse), Condition::Collapse);
    say(
        collapse == Some(Condition::PartialCollapse),
        Condition::PartialCollapse,
    );
    say(!diverged && is_frozen(&recent, &health), Condition::Frozen);
    say(long_enough && swings(&recent) >= 3, Condition::Oscillation);
    say(
        health.novelty.is_some_and(|novelty| novelty < 0.5),
        Condition::Copies,
    );
    say(facts.pictures < FEW_PICTURES, Condition::TooLittleData);
    found
}

/// Whether steps were refused since the report before.
fn has_gone_back(earlier: &[MetricsLine], newest: &MetricsLine) -> bool {
    let since = earlier
        .iter()
        .rev()
        .take_while(|line| line.health.is_none());
    since.chain([newest]).any(|line| !line.refused.is_empty())
}

/// D is right about everything, and sure of it.
fn discriminator_wins(recent: &[&MetricsLine]) -> bool {
    mean(recent, |metrics| metrics.accuracy_real) > 0.99
        && mean(recent, |metrics| metrics.accuracy_fake) > 0.99
        && mean(recent, |metrics| metrics.loss_d) < 0.03
}

/// Fakes that are alike, in two reports one after the other: all alike, or of few kinds.
/// A generator that has not drawn different ones yet has some time for it.
fn collapse(reports: &[Health], began: bool) -> Option<Condition> {
    let (newest, earlier) = reports.split_last()?;
    let before = earlier.last()?;
    let were = |fine: fn(&Health) -> bool| began || earlier.iter().any(fine);
    let both = |alike: fn(&Health) -> bool| alike(newest) && alike(before);
    if both(|health| health.diversity < 0.1 && health.twins > 0.9)
        && were(|health| health.diversity > 0.3)
    {
        return Some(Condition::Collapse);
    }
    let few_kinds = |health: &Health| health.twins > 0.5 || health.diversity < 0.3;
    let fine = |health: &Health| health.twins < 0.1 && health.diversity > 0.5;
    (both(few_kinds) && were(fine)).then_some(Condition::PartialCollapse)
}

/// The same latent vectors give the same pictures as at the report before, or the losses are
/// always the same.
fn is_frozen(recent: &[&MetricsLine], health: &Health) -> bool {
    let range = |loss: fn(&StepMetrics) -> f32| {
        let losses = recent.iter().map(|line| loss(&line.metrics));
        let (least, most) = losses
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), loss| {
                (least.min(loss), most.max(loss))
            });
        most - least
    };
    let same_losses =
        range(|metrics| metrics.loss_d) < 1e-3 && range(|metrics| metrics.loss_g) < 1e-3;
    health.change.is_some_and(|change| change < 0.005) || (recent.len() > 1 && same_losses)
}

/// How often G's loss goes from far below its median to far above it, or back.
fn swings(recent: &[&MetricsLine]) -> usize {
    const SMOOTH: usize = 5;
    let losses: Vec<f32> = recent.iter().map(|line| line.metrics.loss_g).collect();
    let smooth: Vec<f32> = losses
        .windows(SMOOTH)
        .map(|window| window.iter().sum::<f32>() / SMOOTH as f32)
        .collect();
    let mut sorted = smooth.clone();
    sorted.sort_by(f32::total_cmp);
    let Some(median) = sorted.get(sorted.len() / 2) else {
        return 0;
    };
    let far = smooth.iter().filter_map(|loss| match loss / median {
        above if above > 1.5 => Some(true),
        below if below < 1.0 / 1.5 => Some(false),
        _ => None,
    });
    let far: Vec<bool> = far.collect();
    far.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn mean(lines: &[&MetricsLine], value: fn(&StepMetrics) -> f32) -> f64 {
    let values = lines.iter().map(|line| f64::from(value(&line.metrics)));
    values.sum::<f64>() / lines.len() as f64
}
