//! `times.jsonl`: how long a run has trained at its reports, so that runs can be compared by time.
//! `metrics.jsonl` holds nothing that differs between two trainings of the same run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::train::TrainError;
use dcgan_support::{atomic_file, regular_file};

/// One line of `times.jsonl`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrainedTime {
    /// The step.
    pub step: u64,
    /// Seconds of training up to it, over all sessions of the run: with reports and checkpoints,
    /// without evaluations.
    pub seconds: f64,
}

/// The times of a run in progress.
pub(super) struct Times {
    path: PathBuf,
    lines: Vec<TrainedTime>,
    /// Seconds of earlier sessions; `None` if nothing says how long they took.
    before: Option<f64>,
    started: Instant,
    /// What does not count.
    excluded: Duration,
}

impl Times {
    /// Continues the times of a run after `step`. If the file says nothing about the time before,
    /// as in runs of earlier versions, nothing is written: a time that leaves out a part would be wrong.
    pub fn open(path: &Path, step: u64) -> Self {
        let mut lines = if step == 0 { Vec::new() } else { read(path) };
        lines.retain(|line| line.step <= step);
        Self {
            path: path.to_owned(),
            before: match lines.last() {
                Some(line) => Some(line.seconds),
                None if step == 0 => Some(0.0),
                None => None,
            },
            lines,
            started: Instant::now(),
            excluded: Duration::ZERO,
        }
    }

    /// Starts the clock, before the first step.
    pub fn start(&mut self) {
        self.started = Instant::now();
    }

    /// Leaves this time out.
    pub fn exclude(&mut self, time: Duration) {
        self.excluded += time;
    }

    /// Notes and writes the time of `step`. Times of later steps, which were undone, are dropped.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, step: u64) -> Result<(), TrainError> {
        let Some(before) = self.before else {
            return Ok(());
        };
        let now = self.started.elapsed().saturating_sub(self.excluded);
        self.lines.retain(|line| line.step < step);
        self.lines.push(TrainedTime {
            step,
            seconds: before + now.as_secs_f64(),
        });
        atomic_file::write(&self.path, |writer| {
            self.lines.iter().try_for_each(|line| {
                serde_json::to_writer(&mut *writer, line)?;
                writer.write_all(b"\n")
            })
        })
        .map_err(|source| TrainError::write(&self.path, source))
    }
}

/// The lines of a `times.jsonl` in the order of their steps; none if it cannot be read, as in runs
/// of earlier versions.
pub fn read(path: &Path) -> Vec<TrainedTime> {
    let text = regular_file::read(path).unwrap_or_default();
    let mut lines: Vec<TrainedTime> = text
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .filter(|line: &TrainedTime| line.seconds.is_finite())
        .collect();
    lines.sort_by_key(|line| line.step);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_goes_on_from_the_time_of_its_last_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("times.jsonl");
        let first = "{\"step\":5,\"seconds\":100.0}\n{\"step\":9,\"seconds\":180.0}\nrubbish\n";
        std::fs::write(&path, first).unwrap();
        let mut times = Times::open(&path, 5);
        times.write(8).unwrap();
        let lines = read(&path);
        let steps: Vec<u64> = lines.iter().map(|line| line.step).collect();
        assert_eq!(steps, [5, 8]);
        assert!((100.0..180.0).contains(&lines[1].seconds));
    }

    #[test]
    fn a_run_whose_earlier_time_is_unknown_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("times.jsonl");
        Times::open(&path, 5).write(8).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn excluded_time_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("times.jsonl");
        let mut times = Times::open(&path, 0);
        times.exclude(Duration::from_secs(3600));
        times.write(1).unwrap();
        assert_eq!(read(&path)[0].seconds, 0.0);
    }
}
