//! What a run has been through, told from its folder: `dcgan doctor`.

mod plot;

pub use plot::plot;

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::Serialize;

use crate::checkpoint::WeightFile;
use crate::config::Length;
use crate::train::{
    Advice, Best, Condition, Health, MetricsLine, RunDirectory, StepMetrics, TrainError, best,
    means, read_metrics,
};

/// A run as its directory shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The run's folder.
    pub run: String,
    /// Whether it goes on.
    pub state: State,
    /// The last step that it has written down.
    pub step: u64,
    /// Where it ends; none if no checkpoint tells how many pictures there are.
    pub total_steps: Option<u64>,
    /// Training pictures, as the newest checkpoint has it.
    pub pictures: Option<u64>,
    /// The step of the newest checkpoint that verifies.
    pub newest_checkpoint: Option<u64>,
    /// Checkpoints that do not verify, and why.
    pub unreadable: Vec<String>,
    /// The report whose fakes were nearest to the real pictures.
    pub best: Option<Best>,
    /// All reports.
    pub reports: Vec<ReportLine>,
    /// What was wrong, in the order in which it began.
    pub findings: Vec<Finding>,
    /// Steps that were refused, as they led to what is no number.
    pub refused: Vec<u64>,
    #[serde(skip)]
    lines: Vec<MetricsLine>,
}

/// Whether a run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A process trains in it.
    Running,
    /// It has made its last step.
    Complete,
    /// It was stopped, or killed.
    Stopped,
    /// It gave up, and why.
    GaveUp(String),
}

/// What a report told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReportLine {
    /// Its step.
    pub step: u64,
    /// Means over the steps since the report before.
    #[serde(flatten)]
    pub means: StepMetrics,
    /// The sliced Wasserstein distance between fakes and real pictures.
    pub distance: Option<f32>,
    /// How the fakes were.
    pub health: Option<Health>,
}

/// Something that was wrong for some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub condition: Condition,
    /// The first and the last report that found it.
    pub steps: RangeInclusive<u64>,
    /// Whether the last report of all found it.
    pub goes_on: bool,
    /// What is seen, as a sentence.
    pub sign: &'static str,
    /// What to try.
    pub advice: &'static [Advice],
}

/// Reads what there is of a run. Nothing is changed, and the run may go on meanwhile.
///
/// # Errors
/// A folder that holds no run, a configuration that does not parse, and files that cannot be
/// read.
pub fn diagnose(path: &Path) -> Result<Diagnosis, TrainError> {
    let folder = RunDirectory::open_shared(path)?;
    let config = folder.read_config()?;
    let lines = read_metrics(&folder.metrics())?;
    let step = lines.last().map_or(0, |line| line.step);
    let mut unreadable = Vec::new();
    let newest = newest_checkpoint(&folder, &mut unreadable)?;
    let pictures = newest.map(|(_, pictures)| pictures);
    let total_steps = match (config.training.length, pictures) {
        (Length::Steps(steps), _) => Some(steps),
        (length, Some(pictures)) => {
            let per_epoch = pictures / config.training.batch_size.max(1) as u64;
            Some(length.total_steps(per_epoch.max(1)))
        }
        _ => None,
    };
    Ok(Diagnosis {
        run: path.display().to_string(),
        state: state(&folder, step, total_steps),
        step,
        total_steps,
        pictures,
        newest_checkpoint: newest.map(|(step, _)| step),
        unreadable,
        best: best(&lines),
        reports: reports(&lines),
        findings: findings(&lines),
        refused: lines.iter().flat_map(|line| line.refused.clone()).collect(),
        lines,
    })
}

fn state(folder: &RunDirectory, step: u64, total_steps: Option<u64>) -> State {
    if folder.is_in_use() {
        return State::Running;
    }
    match fs::read_to_string(folder.failure()) {
        Ok(why) => State::GaveUp(why.trim().to_owned()),
        Err(_) if total_steps.is_some_and(|total| step >= total) => State::Complete,
        Err(_) => State::Stopped,
    }
}

/// The step and the number of pictures of the newest checkpoint that verifies, and why newer
/// ones do not.
fn newest_checkpoint(
    folder: &RunDirectory,
    unreadable: &mut Vec<String>,
) -> Result<Option<(u64, u64)>, TrainError> {
    for checkpoint in folder.list_checkpoints()? {
        match WeightFile::open(&checkpoint.path) {
            Ok(file) => {
                let header = file.header();
                return Ok(Some((header.step, header.data.pictures)));
            }
            Err(error) => unreadable.push(error.to_string()),
        }
    }
    Ok(None)
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

/// Conditions of one report after the other are one finding.
fn findings(lines: &[MetricsLine]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for line in lines.iter().filter(|line| line.health.is_some()) {
        for finding in &mut findings {
            finding.goes_on &= line.conditions.contains(&finding.condition);
        }
        for &condition in &line.conditions {
            let known = findings
                .iter_mut()
                .find(|finding| finding.goes_on && finding.condition == condition);
            match known {
                Some(finding) => finding.steps = *finding.steps.start()..=line.step,
                None => findings.push(Finding {
                    condition,
                    steps: line.step..=line.step,
                    goes_on: true,
                    sign: condition.description(),
                    advice: condition.advice(),
                }),
            }
        }
    }
    findings
}
