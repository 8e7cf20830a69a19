//! Rows of the table: runs that differ in nothing but their seed are one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use dcgan::train::Measure;
use serde::Serialize;

use super::entry::Entry;
use crate::commands::train::{command_of, options_of};

/// A run, or several that differ by their seed.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The names of the runs.
    pub runs: Vec<String>,
    /// The settings in which the rows differ.
    pub settings: BTreeMap<String, String>,
    /// The options of `train` that not all rows share and that say what is learned.
    pub options: Vec<String>,
    pub steps: u64,
    pub seconds: Option<Spread>,
    pub newest: Spread,
    pub best: Spread,
    /// The step of the best distance, if there is only one run.
    pub best_step: Option<u64>,
    pub fid: Option<Spread>,
    pub diversity: Option<Spread>,
    pub novelty: Option<Spread>,
    /// What repeats the runs.
    pub commands: Vec<String>,
}

/// Mean and standard deviation over runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    pub mean: f64,
    /// `None` for a single run.
    pub deviation: Option<f64>,
}

impl Spread {
    /// `None` without values.
    fn new(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            deviation: (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()),
        })
    }

    /// Of the runs that have a value, if all have.
    fn of_all(values: impl Iterator<Item = Option<f64>>) -> Option<Self> {
        let values: Option<Vec<f64>> = values.collect();
        Self::new(&values?)
    }
}

/// Settings that say nothing about what was learned.
const NOT_COMPARED: [&str; 4] = ["saving.", "evaluation.", "training.report_every", SEED];

const SEED: &str = "training.seed";

/// The options for [`NOT_COMPARED`].
const OPTIONS_NOT_COMPARED: [&str; 3] = ["--evaluate-every", "--report-every", "--seed"];

/// The rows in the order of the runs.
///
/// # Errors
/// If a configuration has no text form.
pub fn rows(entries: &[Entry], measure: Measure) -> Result<Vec<Row>> {
    let settings = differing_settings(entries)?;
    let mut groups: Vec<(Vec<&Entry>, &BTreeMap<String, String>)> = Vec::new();
    for (entry, settings) in entries.iter().zip(&settings) {
        let is_same = |(group, other): &&mut (Vec<&Entry>, &BTreeMap<String, String>)| {
            let is_new_seed = |one: &&Entry| {
                one.config.training.seed != entry.config.training.seed && one.step() == entry.step()
            };
            *other == settings && group.iter().all(is_new_seed)
        };
        match groups.iter_mut().find(is_same) {
            Some((group, _)) => group.push(entry),
            None => groups.push((vec![entry], settings)),
        }
    }
    let row = |(group, settings): &(Vec<&Entry>, &BTreeMap<String, String>)| {
        row(group, settings, measure)
    };
    let mut rows: Vec<Row> = groups.iter().filter_map(row).collect();
    let all: Vec<Vec<String>> = rows.iter().map(|row| row.options.clone()).collect();
    for row in &mut rows {
        let is_shared = |option: &String| all.iter().all(|other| other.contains(option));
        row.options.retain(|option| !is_shared(option));
    }
    Ok(rows)
}

fn row(group: &[&Entry], settings: &BTreeMap<String, String>, measure: Measure) -> Option<Row> {
    let distances: Option<Vec<_>> = group.iter().map(|one| one.distances(measure)).collect();
    let distances = distances?;
    let scale = if measure == Measure::Kid { 1000.0 } else { 1.0 };
    let scaled = |value: f32| Some(scale * f64::from(value));
    let health = |value: fn(&dcgan::train::Health) -> Option<f32>| {
        let values = group.iter().map(|one| value(&one.health()?).map(f64::from));
        Spread::of_all(values)
    };
    Some(Row {
        runs: group.iter().map(|one| one.name.clone()).collect(),
        settings: settings.clone(),
        options: compared_options(group[0]),
        steps: group[0].step(),
        seconds: Spread::of_all(group.iter().map(|one| one.seconds())),
        newest: Spread::of_all(distances.iter().map(|one| scaled(one.newest)))?,
        best: Spread::of_all(distances.iter().map(|one| scaled(one.best.distance)))?,
        best_step: match distances[..] {
            [only] => Some(only.best.step),
            _ => None,
        },
        fid: Spread::of_all(group.iter().map(|one| one.fid().map(f64::from))),
        diversity: health(|health| Some(health.diversity)),
        novelty: health(|health| health.novelty),
        commands: group.iter().map(|one| command_of(&one.config)).collect(),
    })
}

/// The options that say what a run learns.
fn compared_options(entry: &Entry) -> Vec<String> {
    let mut options = options_of(&entry.config);
    options.retain(|option| {
        let flag = option.split(' ').next();
        !flag.is_some_and(|flag| OPTIONS_NOT_COMPARED.contains(&flag))
    });
    options
}

/// For each run the settings in which any two runs differ, apart from the seed.
fn differing_settings(entries: &[Entry]) -> Result<Vec<BTreeMap<String, String>>> {
    let first = &entries[0].config;
    let mut changes = Vec::new();
    for entry in entries {
        changes.push(first.changes_to(&entry.config)?);
    }
    let is_compared = |key: &str| !NOT_COMPARED.iter().any(|prefix| key.starts_with(prefix));
    let all = changes.iter().flatten();
    let keys: BTreeSet<&str> = all
        .map(|change| change.key.as_str())
        .filter(|key| is_compared(key))
        .collect();
    let value = |key: &str, own: usize| {
        let find = |changes: &[dcgan::config::Change]| {
            changes.iter().find(|change| change.key == key).cloned()
        };
        let unset = || "unset".to_owned();
        match find(&changes[own]) {
            Some(change) => change.new.unwrap_or_else(unset),
            // as in the first run, whose value the changes of another tell
            None => {
                let other = changes.iter().find_map(|changes| find(changes));
                other.and_then(|change| change.old).unwrap_or_else(unset)
            }
        }
    };
    let settings = (0..entries.len()).map(|own| {
        let pairs = keys.iter().map(|key| ((*key).to_owned(), value(key, own)));
        pairs.collect()
    });
    Ok(settings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_has_no_deviation_and_several_have_that_of_a_sample() {
        assert_eq!(Spread::new(&[]), None);
        let one = Spread::new(&[3.0]).unwrap();
        assert_eq!((one.mean, one.deviation), (3.0, None));
        let three = Spread::new(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((three.mean, three.deviation), (2.0, Some(1.0)));
        assert_eq!(Spread::of_all([Some(1.0), None].into_iter()), None);
    }
}
