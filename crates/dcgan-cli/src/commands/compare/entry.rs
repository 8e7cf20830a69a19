//! A run that is compared.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dcgan::config::RunConfig;
use dcgan::train::{
    Best, Measure, MetricsLine, RunDirectory, TrainedTime, best_by, distances, read_metrics,
    read_times,
};
use dcgan_render::plot::comparison::{RunCurve, RunPoint};

use crate::shared::output;

/// What is known of a run.
pub struct Entry {
    pub path: PathBuf,
    /// The name of its directory.
    pub name: String,
    pub config: RunConfig,
    lines: Vec<MetricsLine>,
    times: Vec<TrainedTime>,
}

/// The newest and the best distance of a run.
#[derive(Debug, Clone, Copy)]
pub struct Distances {
    pub newest: f32,
    pub best: Best,
}

impl Entry {
    pub fn read(path: &Path) -> Result<Self> {
        let directory = RunDirectory::open_shared(path)?;
        let lines = read_metrics(&directory.metrics())?;
        if lines.is_empty() {
            bail!(
                "{} has made no step yet, so there is nothing to compare: leave it out",
                path.display()
            );
        }
        let name = path.canonicalize().ok();
        let name = name.as_deref().and_then(Path::file_name);
        Ok(Self {
            name: name
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            path: path.to_owned(),
            config: directory.read_config()?,
            times: read_times(&directory.times()),
            lines,
        })
    }

    /// The last step.
    pub fn step(&self) -> u64 {
        self.lines.last().map_or(0, |line| line.step)
    }

    /// Seconds of training up to the last report; `None` if they are not known.
    pub fn seconds(&self) -> Option<f64> {
        self.times.last().map(|time| time.seconds)
    }

    /// What the last report measured.
    pub fn health(&self) -> Option<dcgan::train::Health> {
        self.lines.iter().rev().find_map(|line| line.health)
    }

    /// Whether it has drawn anything.
    pub fn has_weights(&self) -> bool {
        dcgan::sample::generator_file(&self.path).is_ok()
    }

    /// The last FID.
    pub fn fid(&self) -> Option<f32> {
        self.lines
            .iter()
            .rev()
            .find_map(|line| line.evaluation?.fid)
    }

    /// `None` if it was not measured.
    pub fn distances(&self, measure: Measure) -> Option<Distances> {
        Some(Distances {
            newest: distances(&self.lines, measure).next_back()?.distance,
            best: best_by(&self.lines, measure)?,
        })
    }

    /// Pictures on a side of its evaluations.
    fn evaluated_pictures(&self) -> Option<usize> {
        self.lines
            .iter()
            .rev()
            .find_map(|line| Some(line.evaluation?.pictures))
    }

    /// Its distances for the plot.
    pub fn curve(&self, measure: Measure) -> RunCurve {
        let points = distances(&self.lines, measure).map(|measured| RunPoint {
            step: measured.step,
            seconds: self.seconds_at(measured.step),
            value: measured.distance,
        });
        RunCurve {
            name: self.name.clone(),
            points: points.collect(),
        }
    }

    fn seconds_at(&self, step: u64) -> Option<f64> {
        let time = self.times.iter().find(|time| time.step == step);
        time.map(|time| time.seconds)
    }
}

/// The most reliable measure that all runs have.
///
/// # Errors
/// If they have none in common.
pub fn common_measure(entries: &[Entry]) -> Result<Measure> {
    let measures = [Measure::Kid, Measure::Swd, Measure::Report];
    let all_have = |measure: &Measure| entries.iter().all(|one| one.distances(*measure).is_some());
    let Some(measure) = measures.into_iter().find(all_have) else {
        let without = entries
            .iter()
            .find(|one| one.distances(Measure::Report).is_none());
        bail!(
            "{} has neither an evaluation nor a report yet: leave it out",
            without.map_or("a run", |one| &one.name)
        );
    };
    if measure == Measure::Report {
        output::note(
            "not all runs were evaluated while they trained, so they are compared by 64 pictures of each report \
             at 16x16 pixels, which is coarse: `dcgan evaluate RUN` measures the newest weights, and \
             `dcgan train --evaluate-every 500` measures along the way",
        );
    } else {
        let mut counts: Vec<_> = entries
            .iter()
            .filter_map(Entry::evaluated_pictures)
            .collect();
        counts.sort_unstable();
        counts.dedup();
        if let [first, .., last] = counts[..] {
            output::note(&format!(
                "the runs were evaluated with {first} to {last} pictures: such figures cannot be compared well"
            ));
        }
    }
    Ok(measure)
}

/// What a measure is called.
pub fn name_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Kid => "KID x 1000",
        Measure::Swd => "SWD x 1000",
        Measure::Report => "distance",
    }
}
