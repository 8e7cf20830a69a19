//! `metrics.jsonl`: what each step measured, as one JSON object per line.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lock::is_same_file;
use crate::evaluation::Evaluation;
use crate::train::{Condition, Health, StepMetrics, TrainError};
use dcgan_support::{atomic_file, regular_file};

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsLine {
    /// The step, from 1.
    pub step: u64,
    /// The epoch of the step, from 1.
    pub epoch: u64,
    /// What it measured.
    #[serde(flatten)]
    pub metrics: StepMetrics,
    /// The sliced Wasserstein distance between fakes and real pictures, if the step has a scheduled
    /// report. It is smallest for the best checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f32>,
    /// How the fakes compare with real pictures, if the step has a scheduled report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// The figures of the generator, if the step has an evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    /// What the report found wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Steps that were refused since the step before, because they were NaN or infinite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<u64>,
}

impl MetricsLine {
    /// Whether the step has a scheduled report.
    pub(in crate::train) fn is_report(&self) -> bool {
        self.distance.is_some() || self.health.is_some() // early versions measured only the first
    }
}

/// What checkpoints are compared by. Smaller is better in each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// The kernel Inception distance of an evaluation.
    Kid,
    /// The sliced Wasserstein distance of an evaluation, times 1000.
    Swd,
    /// The sliced Wasserstein distance between the 64 fakes of a report and 64 real pictures, both
    /// reduced to 16×16 pixels: for runs without evaluations.
    Report,
}

impl Measure {
    /// The most reliable measure that a run has.
    pub fn best_of(lines: &[MetricsLine]) -> Self {
        let measures = [Self::Kid, Self::Swd];
        let has = |measure: &Self| lines.iter().any(|line| measure.value(line).is_some());
        measures.into_iter().find(has).unwrap_or(Self::Report)
    }

    /// Its value at a step, if it was measured there.
    fn value(self, line: &MetricsLine) -> Option<f32> {
        match self {
            Self::Kid => line.evaluation?.kid,
            Self::Swd => Some(line.evaluation?.swd),
            Self::Report => line.distance,
        }
    }
}

/// The step whose fakes are nearest to the real pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Best {
    /// The step. Its checkpoint is kept.
    pub step: u64,
    /// What the distance is.
    pub measure: Measure,
    /// The distance between fakes and real pictures.
    pub distance: f32,
}

impl Best {
    /// Whether it is better than pictures at this distance by more than chance: by a tenth, or by a
    /// quarter if the distance is that of a report's 64 pictures.
    pub fn is_clearly_better_than(&self, distance: f32) -> bool {
        let factor = match self.measure {
            Measure::Kid | Measure::Swd => 1.1,
            Measure::Report => 1.25,
        };
        distance > factor * self.distance
    }
}

/// The distance between fakes and real pictures at a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Distance {
    /// The step.
    pub step: u64,
    /// The distance, by one [`Measure`].
    pub distance: f32,
}

/// The distances by a measure, at the steps that have one.
pub fn distances(
    lines: &[MetricsLine],
    measure: Measure,
) -> impl DoubleEndedIterator<Item = Distance> {
    lines.iter().filter_map(move |line| {
        Some(Distance {
            step: line.step,
            distance: measure.value(line)?,
        })
    })
}

/// The step whose fakes are nearest to the real pictures by a measure.
pub fn best_by(lines: &[MetricsLine], measure: Measure) -> Option<Best> {
    let best =
        distances(lines, measure).min_by(|one, other| one.distance.total_cmp(&other.distance))?;
    Some(Best {
        step: best.step,
        measure,
        distance: best.distance,
    })
}

/// The step whose fakes are nearest to the real pictures by the most reliable measure that the run
/// has.
pub fn best(lines: &[MetricsLine]) -> Option<Best> {
    best_by(lines, Measure::best_of(lines))
}

/// `metrics.jsonl`, open to be appended to.
pub(super) struct MetricsLog {
    path: PathBuf,
    file: BufWriter<File>,
    lines: Vec<MetricsLine>,
    /// Whether lines are missing from the file because of a write error.
    is_behind: bool,
}

impl MetricsLog {
    /// Opens the file at `path` and cuts it back to the steps up to `step`, so that no step is in
    /// it twice. 0 starts a new file.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn open(path: &Path, step: u64) -> Result<Self, TrainError> {
        let mut lines = if step == 0 { Vec::new() } else { read(path)? };
        lines.retain(|line| (1..=step).contains(&line.step));
        lines.sort_by_key(|line| line.step);
        lines.dedup_by_key(|line| line.step);
        Ok(Self {
            path: path.to_owned(),
            file: write_all(path, &lines)?,
            lines,
            is_behind: false,
        })
    }

    /// All lines, in the order of their steps.
    pub fn lines(&self) -> &[MetricsLine] {
        &self.lines
    }

    /// Appends a line, which others can read at once. It is safe from a crash after the next
    /// [`sync`](Self::sync).
    ///
    /// # Errors
    /// If the file cannot be written. This line and all later ones are then written by the next
    /// [`sync`](Self::sync).
    pub fn push(&mut self, line: MetricsLine) -> Result<(), TrainError> {
        let written = if self.is_behind {
            Ok(())
        } else {
            write_line(&mut self.file, &line).and_then(|()| self.file.flush())
        };
        self.lines.push(line);
        written.map_err(|source| {
            self.is_behind = true;
            TrainError::write(&self.path, source)
        })
    }

    /// Takes out the lines after `step`. The file follows with the next [`sync`](Self::sync).
    pub fn cut_back(&mut self, step: u64) -> Vec<MetricsLine> {
        let kept = self.lines.partition_point(|line| line.step <= step);
        self.is_behind = true;
        self.lines.split_off(kept)
    }

    /// Whether another file is now where this one was.
    pub fn is_replaced(&self) -> bool {
        is_same_file(self.file.get_ref(), &self.path).is_ok_and(|same| !same)
    }

    /// Brings all lines to the disk.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn sync(&mut self) -> Result<(), TrainError> {
        if self.is_behind || !self.path.exists() || self.is_replaced() {
            self.is_behind = true;
            self.file = write_all(&self.path, &self.lines)?;
            self.is_behind = false;
        }
        let synced = self.file.get_ref().sync_data();
        synced.map_err(|source| TrainError::write(&self.path, source))
    }
}

/// Writes the whole file and opens it to be appended to.
fn write_all(path: &Path, lines: &[MetricsLine]) -> Result<BufWriter<File>, TrainError> {
    write_lines(path, lines)?;
    let file = regular_file::open_or_create(path);
    let file = file.map_err(|source| TrainError::write(path, source))?;
    Ok(BufWriter::new(file))
}

/// Writes these lines as a file.
pub(super) fn write_lines(path: &Path, lines: &[MetricsLine]) -> Result<(), TrainError> {
    atomic_file::write(path, |writer| {
        lines.iter().try_for_each(|line| write_line(writer, line))
    })
    .map_err(|source| TrainError::write(path, source))
}

fn write_line(writer: &mut (impl Write + ?Sized), line: &MetricsLine) -> std::io::Result<()> {
    serde_json::to_writer(&mut *writer, line)?;
    writer.write_all(b"\n")
}

/// How many bytes of a `metrics.jsonl` are no lines of metrics. The last line does not count if it
/// is not complete: a process that is killed leaves one like that.
pub(super) fn damaged_bytes(path: &Path) -> usize {
    let text = regular_file::read(path).unwrap_or_default();
    damaged(&text).map(<[u8]>::len).sum()
}

/// How many complete lines of a `metrics.jsonl` cannot be read.
pub fn damaged_lines(path: &Path) -> usize {
    let text = regular_file::read(path).unwrap_or_default();
    damaged(&text).filter(|line| !line.is_empty()).count()
}

fn damaged(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let complete = text.rsplitn(2, |&byte| byte == b'\n').nth(1);
    let lines = complete.unwrap_or_default().split(|&byte| byte == b'\n');
    lines.filter(|line| serde_json::from_slice::<MetricsLine>(line).is_err())
}

/// The lines of a `metrics.jsonl`; none if there is no file. A truncated or corrupt line is left
/// out.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path) -> Result<Vec<MetricsLine>, TrainError> {
    let text = match regular_file::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(TrainError::read(path, error)),
    };
    Ok(text
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn line(step: u64) -> MetricsLine {
        let metrics = StepMetrics {
            loss_d: 0.5,
            loss_g: 2.0,
            accuracy_real: 0.75,
            accuracy_fake: 1.0,
            signals: None,
        };
        MetricsLine {
            step,
            epoch: 1,
            metrics,
            distance: None,
            health: None,
            evaluation: None,
            conditions: Vec::new(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn opening_cuts_the_file_back_and_drops_a_truncated_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut log = MetricsLog::open(&path, 0).unwrap();
        for step in 1..=5 {
            log.push(line(step)).unwrap();
        }
        log.sync().unwrap();
        fs::write(
            &path,
            fs::read_to_string(&path).unwrap() + "{\"step\":6,\"ep",
        )
        .unwrap();

        let mut log = MetricsLog::open(&path, 3).unwrap();
        log.push(line(4)).unwrap();
        log.sync().unwrap();
        let steps: Vec<u64> = read(&path).unwrap().iter().map(|line| line.step).collect();
        assert_eq!(steps, [1, 2, 3, 4]);
        assert_eq!(log.lines().len(), 4);
    }
}
