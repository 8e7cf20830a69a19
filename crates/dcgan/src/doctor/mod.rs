//! Diagnoses a run from its directory: its state, its reports, and what went wrong when.

mod plot;

pub use plot::plot;

use std::ops::RangeInclusive;
use std::path::Path;

use serde::Serialize;

use crate::checkpoint::{FileError, WeightFile};
use crate::config::{Change, Length, RunConfig};
use crate::train::{
    Advice, Best, Condition, Distance, Health, Measure, MetricsLine, RunDirectory, SavedCheckpoint,
    StepMetrics, TrainError, best, check_none_was_saved, damaged_lines, distances, means,
    read_metrics,
};
use dcgan_support::regular_file;

/// The diagnosis of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The run directory.
    pub run: String,
    /// Whether it is training, complete or stopped.
    pub state: State,
    /// The last step in its metrics.
    pub step: u64,
    /// Its number of steps; `None` if that depends on the data and no checkpoint can be read.
    pub total_steps: Option<u64>,
    /// The steps after which the pictures of such a run [usually](RunConfig::usual_steps) show something.
    pub usual_steps: u64,
    /// The number of training pictures, from the newest checkpoint.
    pub pictures: Option<u64>,
    /// The step of the newest checkpoint that the run can be resumed from.
    pub newest_checkpoint: Option<u64>,
    /// Checkpoints that do not verify, and why.
    pub unreadable: Vec<String>,
    /// Newer checkpoints of other runs in its directory, and how their settings differ.
    pub foreign: Vec<String>,
    /// Whether it had checkpoints of which none is left, so that it cannot be resumed.
    pub checkpoints_are_gone: bool,
    /// Lines of `metrics.jsonl` that cannot be read; all else here leaves them out.
    pub damaged_lines: usize,
    /// The step with the smallest distance between fakes and real pictures, by the most reliable
    /// measure that the run has.
    pub best: Option<Best>,
    /// The distances by that measure at all steps that have one.
    pub distances: Vec<Distance>,
    /// All reports.
    pub reports: Vec<ReportLine>,
    /// What was wrong, in the order of its first report.
    pub findings: Vec<Finding>,
    /// Steps that were undone because of non-finite values.
    pub refused: Vec<u64>,
    #[serde(skip)]
    lines: Vec<MetricsLine>,
}

impl Diagnosis {
    /// Whether it is too early to judge: the pictures of such a run usually show nothing yet.
    pub fn is_early(&self) -> bool {
        self.step < self.usual_steps
    }
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A process is training it.
    Running,
    /// It reached its last step.
    Complete,
    /// It was stopped or killed.
    Stopped,
    /// It gave up, for this reason.
    GaveUp(String),
}

/// The measurements of a report.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReportLine {
    /// Its step.
    pub step: u64,
    /// Means over the steps since the previous report.
    #[serde(flatten)]
    pub means: StepMetrics,
    /// The sliced Wasserstein distance between fakes and real pictures.
    pub distance: Option<f32>,
    /// The health of the fakes.
    pub health: Option<Health>,
}

/// A condition that held over some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was wrong.
    pub condition: Condition,
    /// The steps of the first and the last report that found it.
    pub steps: RangeInclusive<u64>,
    /// Whether the newest report found it.
    pub ongoing: bool,
    /// A description of the condition.
    pub sign: &'static str,
    /// What to try.
    pub advice: Vec<Advice>,
}

/// Reads a run. Nothing is changed, and the run may be training.
///
/// # Errors
/// If the directory holds no run, its configuration is invalid, or a file cannot be read.
pub fn diagnose(path: &Path) -> Result<Diagnosis, TrainError> {
    let folder = RunDirectory::open_shared(path)?;
    let config = folder.read_config()?;
    let lines = read_metrics(&folder.metrics())?;
    let step = lines.last().map_or(0, |line| line.step);
    let Checkpoints {
        newest,
        unreadable,
        foreign,
        are_gone,
    } = checkpoints(&folder, &config)?;
    let pictures = newest.as_ref().map(|newest| newest.pictures);
    let total_steps = match (config.training.length, pictures) {
        (Length::Steps(steps), _) => Some(steps),
        (length, Some(pictures)) => {
            let training = &config.training;
            let batches = pictures / training.batch_size.max(1) as u64;
            let per_epoch = batches / u64::from(training.d_steps);
            Some(length.total_steps(per_epoch.max(1)))
        }
        _ => None,
    };
    Ok(Diagnosis {
        run: path.display().to_string(),
        state: state(&folder, step, total_steps),
        step,
        total_steps,
        usual_steps: config.usual_steps(),
        pictures,
        newest_checkpoint: newest.map(|newest| newest.step),
        unreadable,
        foreign,
        checkpoints_are_gone: are_gone,
        damaged_lines: damaged_lines(&folder.metrics()),
        best: best(&lines),
        distances: distances(&lines, Measure::best_of(&lines)).collect(),
        reports: reports(&lines),
        findings: findings(&lines, &config),
        refused: lines.iter().flat_map(|line| line.refused.clone()).collect(),
        lines,
    })
}

fn state(folder: &RunDirectory, step: u64, total_steps: Option<u64>) -> State {
    if folder.is_in_use() {
        return State::Running;
    }
    match regular_file::read_to_string(&folder.failure()) {
        Ok(why) => State::GaveUp(why.trim().to_owned()),
        Err(_) if total_steps.is_some_and(|total| step >= total) => State::Complete,
        Err(_) => State::Stopped,
    }
}

/// What the header of a checkpoint says about the run.
struct NewestCheckpoint {
    step: u64,
    /// Training pictures.
    pictures: u64,
}

/// The checkpoints that a run would be resumed from, until one can be used.
#[derive(Default)]
struct Checkpoints {
    newest: Option<NewestCheckpoint>,
    unreadable: Vec<String>,
    foreign: Vec<String>,
    /// There were some, and none is left.
    are_gone: bool,
}

fn checkpoints(folder: &RunDirectory, config: &RunConfig) -> Result<Checkpoints, TrainError> {
    let mut found = Checkpoints::default();
    let saved = folder.list_checkpoints()?;
    found.are_gone = saved.is_empty() && check_none_was_saved(folder, config).is_err();
    for SavedCheckpoint { path, .. } in saved {
        let read = WeightFile::open(&path).and_then(|file| Ok((file.run()?, file)));
        let (run, file) = match read {
            Ok(read) => read,
            Err(error) => {
                found.unreadable.push(error.to_string());
                continue;
            }
        };
        let changes = run.changes_to(config)?;
        if changes.iter().all(Change::is_free) {
            let header = file.header();
            found.newest = Some(NewestCheckpoint {
                step: header.step,
                pictures: header.data.pictures,
            });
            break;
        }
        let error = FileError::OtherRun { path, changes };
        found.foreign.push(error.to_string());
    }
    Ok(found)
}

fn reports(lines: &[MetricsLine]) -> Vec<ReportLine> {
    let mut previous = 0;
    let mut reports = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if line.distance.is_none() && line.health.is_none() {
            continue;
        }
        reports.push(ReportLine {
            step: line.step,
            means: means(&lines[previous..=place], 0),
            distance: line.distance,
            health: line.health,
        });
        previous = place + 1;
    }
    reports
}

/// A condition of consecutive reports is one finding.
fn findings(lines: &[MetricsLine], config: &RunConfig) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for line in lines.iter().filter(|line| line.health.is_some()) {
        for finding in &mut findings {
            finding.ongoing &= line.conditions.contains(&finding.condition);
        }
        for &condition in &line.conditions {
            let known = findings
                .iter_mut()
                .find(|finding| finding.ongoing && finding.condition == condition);
            match known {
                Some(finding) => finding.steps = *finding.steps.start()..=line.step,
                None => findings.push(Finding {
                    condition,
                    steps: line.step..=line.step,
                    ongoing: true,
                    sign: condition.description(),
                    advice: condition.advice(config),
                }),
            }
        }
    }
    findings
}
