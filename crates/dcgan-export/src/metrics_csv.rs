//! The metrics of a run as a table, for spreadsheets and pandas.

use std::io::{self, Write};

use dcgan::train::{Condition, MetricsLine};

/// The first line of every table.
const NAMES: &str = "step,epoch,loss_d,loss_g,accuracy_real,accuracy_fake,logit_real,logit_fake,\
    gradient_d,gradient_g,distance,diversity,diversity_features,twins,change,novelty,contrast,colours,\
    saturated_fake,saturated_real,swd,kid,fid,evaluated_pictures,conditions,refused";

/// Writes one row for each step; what a step did not measure is empty.
///
/// # Errors
/// If `writer` fails.
pub fn write(mut writer: impl Write, lines: &[MetricsLine]) -> io::Result<()> {
    writeln!(writer, "{NAMES}")?;
    lines
        .iter()
        .try_for_each(|line| writeln!(writer, "{}", row(line).join(",")))
}

/// Whether a file begins as these tables do.
pub fn is_ours(head: &[u8]) -> bool {
    head.starts_with(NAMES.as_bytes())
}

fn row(line: &MetricsLine) -> Vec<String> {
    fn cell(value: Option<impl ToString>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let (metrics, health) = (&line.metrics, line.health.as_ref());
    let (signals, evaluation) = (metrics.signals.as_ref(), line.evaluation.as_ref());
    let conditions = line.conditions.iter().copied().map(Condition::name);
    let conditions: Vec<&str> = conditions.collect();
    let refused: Vec<String> = line.refused.iter().map(u64::to_string).collect();
    vec![
        line.step.to_string(),
        line.epoch.to_string(),
        metrics.loss_d.to_string(),
        metrics.loss_g.to_string(),
        metrics.accuracy_real.to_string(),
        metrics.accuracy_fake.to_string(),
        cell(signals.map(|signals| signals.logit_real)),
        cell(signals.map(|signals| signals.logit_fake)),
        cell(signals.map(|signals| signals.gradient_d)),
        cell(signals.map(|signals| signals.gradient_g)),
        cell(line.distance),
        cell(health.map(|health| health.diversity)),
        cell(health.map(|health| health.diversity_features)),
        cell(health.map(|health| health.twins)),
        cell(health.and_then(|health| health.change)),
        cell(health.and_then(|health| health.novelty)),
        cell(health.and_then(|health| health.contrast)),
        cell(health.and_then(|health| health.colours)),
        cell(health.map(|health| health.saturated_fake)),
        cell(health.map(|health| health.saturated_real)),
        cell(evaluation.map(|evaluation| evaluation.swd)),
        cell(evaluation.and_then(|evaluation| evaluation.kid)),
        cell(evaluation.and_then(|evaluation| evaluation.fid)),
        cell(evaluation.map(|evaluation| evaluation.pictures)),
        conditions.join("; "), // without commas
        refused.join(" "),
    ]
}
