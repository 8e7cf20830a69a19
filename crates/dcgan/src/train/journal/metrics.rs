//! `metrics.jsonl`: what every step measured, one JSON object a line.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::TrainError;
use super::health::{Condition, Health};
use super::measured::StepMetrics;
use dcgan_support::atomic_file;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsLine {
    /// The step, counted from 1.
    pub step: u64,
    /// The epoch it belongs to, counted from 1.
    pub epoch: u64,
    /// What it measured.
    #[serde(flatten)]
    pub metrics: StepMetrics,
    /// How far the fakes of this step's report are from real pictures (the sliced
    /// Wasserstein distance): the smallest one is the best checkpoint's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f32>,
    /// How this step's report found the fakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// What this step's report found wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Steps that were refused before this one, as they led to what is no number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<u64>,
}

/// The step with the smallest distance from real pictures, and this distance.
pub fn best(lines: &[MetricsLine]) -> Option<(u64, f32)> {
    let measured = lines
        .iter()
        .filter_map(|line| Some((line.step, line.distance?)));
    measured.min_by(|(_, one), (_, other)| one.total_cmp(other))
}

/// The file with the lines of all steps so far.
pub struct MetricsLog {
    path: PathBuf,
    /// None where another rank has it.
    file: Option<BufWriter<File>>,
    lines: Vec<MetricsLine>,
    /// Whether the file lacks lines, as the disk did not take them.
    behind: bool,
}

impl MetricsLog {
    /// Opens the file at `path` and cuts it back to the steps up to `step`, so
    /// that it never holds a step twice; 0 begins anew.
    ///
    /// # Errors
    /// What the disk has against it.
    pub fn open(path: &Path, step: u64) -> Result<Self, TrainError> {
        let lines = match step {
            0 => Vec::new(),
            _ => read(path)?
                .into_iter()
                .filter(|line| line.step <= step)
                .collect(),
        };
        Ok(Self {
            path: path.to_owned(),
            file: Some(write_all(path, &lines)?),
            lines,
            behind: false,
        })
    }

    /// The log of a rank that writes none.
    pub(super) fn of_another_rank() -> Self {
        Self {
            path: PathBuf::new(),
            file: None,
            lines: Vec::new(),
            behind: false,
        }
    }

    /// All lines, in the order of their steps.
    pub fn lines(&self) -> &[MetricsLine] {
        &self.lines
    }

    /// Adds a line, for others to read at once; it is safe from a crash with the
    /// next [`MetricsLog::sync`].
    ///
    /// # Errors
    /// What the disk has against it; the line then waits for the next [`MetricsLog::sync`],
    /// with all that come after it.
    pub fn push(&mut self, line: MetricsLine) -> Result<(), TrainError> {
        self.lines.push(line);
        let (Some(line), Some(file), false) = (self.lines.last(), &mut self.file, self.behind)
        else {
            return Ok(());
        };
        let written = write_line(file, line).and_then(|()| file.flush());
        self.behind = written.is_err();
        written.map_err(|source| TrainError::write(&self.path, source))
    }

    /// Brings all lines to the disk.
    ///
    /// # Errors
    /// What the disk has against it.
    pub fn sync(&mut self) -> Result<(), TrainError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        if self.behind || !self.path.exists() {
            self.behind = true;
            *file = write_all(&self.path, &self.lines)?;
            self.behind = false;
        }
        let synced = file.get_ref().sync_data();
        synced.map_err(|source| TrainError::write(&self.path, source))
    }
}

/// Writes the file anew, and opens it for more.
fn write_all(path: &Path, lines: &[MetricsLine]) -> Result<BufWriter<File>, TrainError> {
    let write = |source| TrainError::write(path, source);
    atomic_file::write(path, |writer| {
        lines.iter().try_for_each(|line| write_line(writer, line))
    })
    .map_err(write)?;
    let file = OpenOptions::new().append(true).open(path).map_err(write)?;
    Ok(BufWriter::new(file))
}

fn write_line(writer: &mut (impl Write + ?Sized), line: &MetricsLine) -> std::io::Result<()> {
    serde_json::to_writer(&mut *writer, line)?;
    writer.write_all(b"\n")
}

/// The lines of a `metrics.jsonl`; none if there is no file. One that a crash has cut off is
/// left out, and so is one that a disk has damaged: those after it are still true.
///
/// # Errors
/// What the disk has against it.
pub fn read(path: &Path) -> Result<Vec<MetricsLine>, TrainError> {
    let text = match fs::read(path) {
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
            conditions: Vec::new(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn resuming_cuts_back_to_the_checkpoint_and_drops_half_a_line() {
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
