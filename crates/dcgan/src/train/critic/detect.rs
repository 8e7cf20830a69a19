//! Which conditions the metrics of a run show.
//!
//! The limits were found by looking at runs: healthy ones stay far from them (docs/log.md).

use super::{Condition, Health};
use crate::train::{MetricsLine, StepMetrics};
use dcgan_data::FEW_PICTURES;

/// Steps that are looked at where one report's worth may be too few.
const RECENT: usize = 200;

/// Steps in which a generator may still draw one picture: many begin like that.
const PATIENCE: u64 = 1000;

/// Losses above this are no longer those of two networks that learn from each other.
const RUN_AWAY: f64 = 50.0;

/// Steps between two reports in which the pictures of a training that goes on have moved: from
/// one step to the next they may hardly do.
const STEPS_TO_MOVE: u64 = 20;

/// What is wrong after `newest`, which comes after `earlier`, if it is a report by plan; the
/// gravest first. `pictures` are those that are trained on.
pub fn judge(earlier: &[MetricsLine], newest: &MetricsLine, pictures: u64) -> Vec<Condition> {
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
    let frozen = has_not_moved(earlier, newest) || (long_enough && has_same_losses(&recent));
    say(!diverged && frozen, Condition::Frozen);
    say(long_enough && swings(&recent) >= 3, Condition::Oscillation);
    say(
        health.novelty.is_some_and(|novelty| novelty < 0.5),
        Condition::Copies,
    );
    say(pictures < FEW_PICTURES, Condition::TooLittleData);
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

/// The same latent vectors give the same pictures as at the report before.
fn has_not_moved(earlier: &[MetricsLine], newest: &MetricsLine) -> bool {
    let before = earlier.iter().rev().find(|line| line.health.is_some());
    let far = before.is_some_and(|before| newest.step - before.step >= STEPS_TO_MOVE);
    let change = newest.health.and_then(|health| health.change);
    far && change.is_some_and(|change| change < 0.005)
}

/// The losses are the same at every step.
fn has_same_losses(recent: &[&MetricsLine]) -> bool {
    let range = |loss: fn(&StepMetrics) -> f32| {
        let losses = recent.iter().map(|line| loss(&line.metrics));
        let most = losses.clone().fold(f32::NEG_INFINITY, f32::max);
        most - losses.fold(f32::INFINITY, f32::min)
    };
    range(|metrics| metrics.loss_d) < 1e-3 && range(|metrics| metrics.loss_g) < 1e-3
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports of a run in which the pictures have moved by so much since the one before.
    fn report(step: u64, change: f32) -> MetricsLine {
        MetricsLine {
            step,
            epoch: 1,
            metrics: StepMetrics {
                loss_d: 0.6 + 0.001 * step as f32,
                loss_g: 1.5,
                accuracy_real: 0.7,
                accuracy_fake: 0.7,
                signals: None,
            },
            distance: None,
            health: Some(Health {
                saturated_fake: 0.0,
                saturated_real: 0.0,
                diversity: 0.9,
                diversity_features: 0.9,
                twins: 0.0,
                change: Some(change),
                novelty: Some(1.4),
            }),
            conditions: Vec::new(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn a_picture_that_hardly_moves_is_frozen_only_over_some_steps() {
        let judged = |step, change| judge(&[report(1, 0.3)], &report(step, change), 2000);
        assert_eq!(judged(2, 0.001), []);
        assert_eq!(judged(101, 0.001), [Condition::Frozen]);
        assert_eq!(judged(101, 0.1), []);
    }

    #[test]
    fn losses_that_are_the_same_are_frozen_only_over_many_steps() {
        let same = |step| {
            let mut line = report(step, 0.3);
            line.metrics.loss_d = 0.5;
            line
        };
        let lines: Vec<MetricsLine> = (1..=300).map(same).collect();
        assert_eq!(judge(&lines[..1], &lines[1], 2000), []);
        assert_eq!(judge(&lines[..299], &lines[299], 2000), [Condition::Frozen]);
    }
}
