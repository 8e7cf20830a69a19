//! The measurements of a run as columns, few enough to be plotted.

use std::path::Path;

use dcgan::train::{MetricsLine, RunDirectory, Signals, read_metrics};
use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::program::Words;

/// The measurements of a range of steps. Each number of a column belongs to the step in the same place.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Columns {
    /// The last step of each bin; the other numbers are means over it.
    pub step: Vec<u64>,
    /// The discriminator's loss.
    pub loss_d: Vec<f32>,
    /// The generator's loss.
    pub loss_g: Vec<f32>,
    /// Share of the real pictures that the discriminator takes for real.
    pub accuracy_real: Vec<f32>,
    /// Share of the fakes that it takes for fakes.
    pub accuracy_fake: Vec<f32>,
    /// Its mean logit of real pictures; none in runs of earlier versions.
    pub logit_real: Vec<Option<f32>>,
    /// Its mean logit of fakes.
    pub logit_fake: Vec<Option<f32>>,
    /// What reports measured.
    pub reports: ReportColumns,
    /// What evaluations measured.
    pub evaluations: EvaluationColumns,
}

/// What reports measured of 64 fakes; see `dcgan doctor`.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ReportColumns {
    /// The step of the report.
    pub step: Vec<u64>,
    /// The sliced Wasserstein distance between the fakes and real pictures.
    pub distance: Vec<Option<f32>>,
    /// How varied they are: 1 as real pictures, 0 if all are the same.
    pub diversity: Vec<Option<f32>>,
    /// Share of the real pictures' colours that they have.
    pub colours: Vec<Option<f32>>,
    /// Their contrast, relative to real pictures.
    pub contrast: Vec<Option<f32>>,
    /// Their distance from training pictures: 1 for new pictures, 0 for copies.
    pub novelty: Vec<Option<f32>>,
}

/// What evaluations measured.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EvaluationColumns {
    /// The step of the evaluation.
    pub step: Vec<u64>,
    /// The sliced Wasserstein distance, times 1000.
    pub swd: Vec<f32>,
    /// The kernel Inception distance.
    pub kid: Vec<Option<f32>>,
    /// The Fréchet Inception distance.
    pub fid: Vec<Option<f32>>,
}

/// Reads the measurements of the steps from `from` to `to`, averaged into at most `bins` bins.
///
/// # Errors
/// If the file cannot be read.
pub fn columns(
    run: &Path,
    [from, to]: [u64; 2],
    bins: usize,
    words: &Words,
) -> Result<Columns, Failure> {
    let in_words = |error| Failure::Conflict((words.error)(&error));
    let folder = RunDirectory::open_shared(run).map_err(in_words)?;
    let mut lines = read_metrics(&folder.metrics()).map_err(in_words)?;
    lines.retain(|line| (from..=to).contains(&line.step));
    Ok(of_lines(&lines, bins))
}

fn of_lines(lines: &[MetricsLine], bins: usize) -> Columns {
    let mut columns = Columns::default();
    let bin = lines.len().div_ceil(bins.max(1)).max(1);
    for lines in lines.chunks(bin) {
        let mean = |value: fn(&MetricsLine) -> f32| {
            lines.iter().map(value).sum::<f32>() / lines.len() as f32
        };
        columns.step.push(lines.last().map_or(0, |line| line.step));
        columns.loss_d.push(mean(|line| line.metrics.loss_d));
        columns.loss_g.push(mean(|line| line.metrics.loss_g));
        let real = mean(|line| line.metrics.accuracy_real);
        columns.accuracy_real.push(real);
        let fake = mean(|line| line.metrics.accuracy_fake);
        columns.accuracy_fake.push(fake);
        let logit = |value: fn(&Signals) -> f32| {
            let known = lines
                .iter()
                .filter_map(|line| line.metrics.signals.as_ref());
            let known: Vec<f32> = known.map(value).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32)
        };
        columns.logit_real.push(logit(|signals| signals.logit_real));
        columns.logit_fake.push(logit(|signals| signals.logit_fake));
    }
    for line in lines {
        if line.distance.is_some() || line.health.is_some() {
            let health = line.health.as_ref();
            let reports = &mut columns.reports;
            reports.step.push(line.step);
            reports.distance.push(line.distance);
            reports
                .diversity
                .push(health.map(|health| health.diversity));
            reports
                .colours
                .push(health.and_then(|health| health.colours));
            reports
                .contrast
                .push(health.and_then(|health| health.contrast));
            reports
                .novelty
                .push(health.and_then(|health| health.novelty));
        }
        if let Some(evaluation) = line.evaluation {
            let evaluations = &mut columns.evaluations;
            evaluations.step.push(line.step);
            evaluations.swd.push(evaluation.swd);
            evaluations.kid.push(evaluation.kid);
            evaluations.fid.push(evaluation.fid);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: u64) -> MetricsLine {
        let json = format!(
            r#"{{"step":{step},"epoch":1,"loss_d":{step},"loss_g":1,"accuracy_real":1,"accuracy_fake":0,
                "logit_real":1,"logit_fake":-1,"gradient_d":1,"gradient_g":1}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn bins_are_means_and_no_step_is_left_out() {
        let lines: Vec<_> = (1..=10).map(line).collect();
        let columns = of_lines(&lines, 4);
        assert_eq!(columns.step, [3, 6, 9, 10]);
        assert_eq!(columns.loss_d, [2.0, 5.0, 8.0, 10.0]);
        let all = of_lines(&lines, 1000);
        assert_eq!(all.step, (1..=10).collect::<Vec<u64>>());
        assert_eq!(of_lines(&[], 4), Columns::default());
    }
}
