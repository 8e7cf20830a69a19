//! Which conditions the metrics of a run show.
//!
//! The limits are empirical: healthy runs stay far from them (docs/log.md).

use super::{Condition, Health};
use crate::train::{MetricsLine, StepMetrics};
use dcgan_data::FEW_PICTURES;

/// Steps to examine if those since the last report may be too few.
const RECENT_STEPS: usize = 200;

/// Steps in which a generator may still draw one picture; many start like that.
const WARM_UP_STEPS: u64 = 1000;

/// Fakes with a smaller [contrast](Health::contrast) are plain squares or noise.
const MIN_CONTRAST: f32 = 0.2;

/// Steps in which a generator may still draw few colours: most learn shapes first.
const COLOURLESS_STEPS: u64 = 2000;

/// A smaller share of the [colours](Health::colours) means few colours. Other real pictures have 0.96 to
/// 1, faces of `laptop` and `tutorial` on CelebA 0.83, and drawn faces on peach and pale blue alone 0.4
/// to 0.5, though they are more varied than the real ones.
const MIN_COLOURS: f32 = 0.65;

/// Networks that learn from each other have losses far below this.
const DIVERGED_LOSS: f64 = 50.0;

/// Steps between two reports after which the pictures of a healthy run have moved.
const MIN_STEPS_TO_MOVE: u64 = 20;

/// Swings of G's loss within [`RECENT_STEPS`] that are an oscillation.
const MIN_SWINGS: usize = 3;

/// A smaller [novelty](Health::novelty) means copies.
const MIN_NOVELTY: f32 = 0.5;

/// What is wrong at the scheduled report `newest`, which follows `earlier`; the gravest first.
/// `pictures` is the number of training pictures.
pub fn detect(earlier: &[MetricsLine], newest: &MetricsLine, pictures: u64) -> Vec<Condition> {
    let Some(health) = newest.health else {
        return Vec::new();
    };
    let lines = earlier.iter().chain([newest]);
    let reports: Vec<Health> = lines.clone().filter_map(|line| line.health).collect();
    let recent: Vec<&MetricsLine> = lines
        .skip((earlier.len() + 1).saturating_sub(RECENT_STEPS))
        .collect();
    let has_enough_steps = recent.len() == RECENT_STEPS;
    let warmed_up = newest.step >= WARM_UP_STEPS;
    let collapse = collapse(&reports, warmed_up);
    let diverged = mean(&recent, |metrics| metrics.loss_d.max(metrics.loss_g)) > DIVERGED_LOSS;
    let frozen = has_not_moved(earlier, newest) || (has_enough_steps && has_same_losses(&recent));
    let plain = health
        .contrast
        .is_some_and(|contrast| contrast < MIN_CONTRAST);
    let few_colours = newest.step >= COLOURLESS_STEPS && has_few_colours(&reports);
    let copies = health.novelty.is_some_and(|novelty| novelty < MIN_NOVELTY);
    let signs = [
        (Condition::NotFinite, was_rolled_back(earlier, newest)),
        (Condition::Diverged, diverged),
        (
            Condition::DiscriminatorWins,
            has_enough_steps && discriminator_wins(&recent),
        ),
        (Condition::Collapse, collapse == Some(Condition::Collapse)),
        (
            Condition::PartialCollapse,
            collapse == Some(Condition::PartialCollapse),
        ),
        (Condition::NoContrast, plain && warmed_up && !diverged),
        (
            Condition::FewColours,
            few_colours && !diverged && !plain && collapse.is_none(),
        ),
        (Condition::Frozen, frozen && !diverged),
        (
            Condition::Oscillation,
            has_enough_steps && swings(&recent) >= MIN_SWINGS,
        ),
        // noise is as near to every picture as a copy is
        (Condition::Copies, copies && !plain),
        (Condition::TooLittleData, pictures < FEW_PICTURES),
    ];
    let found = signs.into_iter().filter(|(_, is_found)| *is_found);
    found.map(|(condition, _)| condition).collect()
}

/// Whether the run was rolled back since the report before.
fn was_rolled_back(earlier: &[MetricsLine], newest: &MetricsLine) -> bool {
    let since = earlier
        .iter()
        .rev()
        .take_while(|line| line.health.is_none());
    since.chain([newest]).any(|line| !line.refused.is_empty())
}

/// D is right about everything, with confidence.
fn discriminator_wins(recent: &[&MetricsLine]) -> bool {
    mean(recent, |metrics| metrics.accuracy_real) > 0.99
        && mean(recent, |metrics| metrics.accuracy_fake) > 0.99
        && mean(recent, |metrics| metrics.loss_d) < 0.03
}

/// Fakes that are alike at two consecutive reports: all alike, or of few kinds. A generator that
/// has not drawn varied ones yet has some time for it, until it is `warmed_up`.
fn collapse(reports: &[Health], warmed_up: bool) -> Option<Condition> {
    let (newest, earlier) = reports.split_last()?;
    let previous = earlier.last()?;
    let was_varied = |varied: fn(&Health) -> bool| warmed_up || earlier.iter().any(varied);
    let both = |alike: fn(&Health) -> bool| alike(newest) && alike(previous);
    if both(|health| health.diversity < 0.1 && health.twins > 0.9)
        && was_varied(|health| health.diversity > 0.3)
    {
        return Some(Condition::Collapse);
    }
    let of_few_kinds = both(|health| health.twins > 0.5 || health.diversity < 0.3)
        && was_varied(|health| health.twins < 0.1 && health.diversity > 0.5);
    of_few_kinds.then_some(Condition::PartialCollapse)
}

/// Fakes with few of the real pictures' colours at two consecutive reports.
fn has_few_colours(reports: &[Health]) -> bool {
    let mut newest = reports.iter().rev().take(2);
    newest.len() == 2
        && newest.all(|health| health.colours.is_some_and(|colours| colours < MIN_COLOURS))
}

/// The same latent vectors give the same pictures as at the previous report.
fn has_not_moved(earlier: &[MetricsLine], newest: &MetricsLine) -> bool {
    let previous = earlier.iter().rev().find(|line| line.health.is_some());
    let far = previous.is_some_and(|previous| newest.step - previous.step >= MIN_STEPS_TO_MOVE);
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

/// How often G's smoothed loss swings between far below and far above its median. A loss that may
/// be negative, such as hinge, has no such scale.
fn swings(recent: &[&MetricsLine]) -> usize {
    const SMOOTHED_STEPS: usize = 5;
    let losses: Vec<f32> = recent.iter().map(|line| line.metrics.loss_g).collect();
    let smooth: Vec<f32> = losses
        .windows(SMOOTHED_STEPS)
        .map(|window| window.iter().sum::<f32>() / SMOOTHED_STEPS as f32)
        .collect();
    let mut sorted = smooth.clone();
    sorted.sort_by(f32::total_cmp);
    let Some(median) = sorted.get(sorted.len() / 2) else {
        return 0;
    };
    if losses.iter().any(|loss| *loss < 0.0) {
        return 0;
    }
    let sides: Vec<bool> = smooth
        .iter()
        .filter_map(|loss| match loss / median {
            above if above > 1.5 => Some(true),
            below if below < 1.0 / 1.5 => Some(false),
            _ => None,
        })
        .collect();
    sides.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn mean(lines: &[&MetricsLine], value: fn(&StepMetrics) -> f32) -> f64 {
    let values = lines.iter().map(|line| f64::from(value(&line.metrics)));
    values.sum::<f64>() / lines.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of a run whose pictures have moved by `change` since the previous one.
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
            evaluation: None,
            health: Some(Health {
                saturated_fake: 0.0,
                saturated_real: 0.0,
                diversity: 0.9,
                diversity_features: 0.9,
                twins: 0.0,
                change: Some(change),
                novelty: Some(1.4),
                contrast: Some(0.9),
                colours: Some(0.9),
            }),
            conditions: Vec::new(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn pictures_that_hardly_move_are_frozen_only_after_some_steps() {
        let detected = |step, change| detect(&[report(1, 0.3)], &report(step, change), 2000);
        assert_eq!(detected(2, 0.001), []);
        assert_eq!(detected(101, 0.001), [Condition::Frozen]);
        assert_eq!(detected(101, 0.1), []);
    }

    #[test]
    fn plain_squares_are_a_fault_only_after_the_first_steps() {
        let detected = |step| {
            let mut line = report(step, 0.3);
            line.health.as_mut().unwrap().contrast = Some(0.05);
            detect(&[report(1, 0.3)], &line, 2000)
        };
        assert_eq!(detected(100), []);
        assert_eq!(detected(1000), [Condition::NoContrast]);
    }

    #[test]
    fn few_colours_at_two_reports_are_a_fault_unless_something_else_explains_them() {
        let with = |step, colours, twins| {
            let mut line = report(step, 0.3);
            let health = line.health.as_mut().unwrap();
            (health.colours, health.twins) = (Some(colours), twins);
            line
        };
        let detected = |before, now, twins| {
            let earlier = [report(1000, 0.3), with(1500, before, twins)];
            detect(&earlier, &with(2000, now, twins), 2000)
        };
        assert_eq!(detected(0.2, 0.2, 0.0), [Condition::FewColours]);
        assert_eq!(detected(0.9, 0.2, 0.0), []);
        assert_eq!(detected(0.9, 0.9, 0.0), []);
        assert_eq!(detected(0.2, 0.2, 0.8), [Condition::PartialCollapse]);
    }

    #[test]
    fn constant_losses_are_frozen_only_after_many_steps() {
        let same = |step| {
            let mut line = report(step, 0.3);
            line.metrics.loss_d = 0.5;
            line
        };
        let lines: Vec<MetricsLine> = (1..=300).map(same).collect();
        assert_eq!(detect(&lines[..1], &lines[1], 2000), []);
        assert_eq!(
            detect(&lines[..299], &lines[299], 2000),
            [Condition::Frozen]
        );
    }
}
