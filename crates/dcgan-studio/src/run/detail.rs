//! A run as its page shows it: the diagnosis, and the steps that have grids and checkpoints.

use std::path::Path;

use dcgan::config::{LatentDistribution, RunConfig};
use dcgan::doctor::{self, Diagnosis, State};
use dcgan::train::{Advice, Condition, RunDirectory};
use serde::Serialize;
use utoipa::ToSchema;

use super::Run;
use crate::failure::Failure;
use crate::program::Words;

/// A run, and what the doctor says of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// The run in a line.
    pub run: Run,
    /// What the doctor says, as `dcgan doctor` prints it, without the table of reports.
    pub lines: Vec<String>,
    /// What was wrong, in the order of its first report.
    pub findings: Vec<Finding>,
    /// The step whose fakes are nearest to the real pictures.
    pub best: Option<Best>,
    /// The steps that have a grid of fakes.
    pub grids: Vec<u64>,
    /// The steps whose weights were kept.
    pub checkpoints: Vec<u64>,
    /// The length of the latent vectors.
    pub z_dim: usize,
    /// How latent vectors are drawn: `normal` or `uniform`; only normal ones can be truncated.
    pub latent: &'static str,
    /// The side of the pictures in pixels.
    pub image_size: usize,
    /// 3 for colours, 1 for grey.
    pub channels: usize,
    /// Its config.toml.
    pub config: String,
    /// Steps that were undone, as their losses were NaN or infinite.
    pub refused: Vec<u64>,
}

/// A condition that held over some time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Its name in a word or two.
    pub name: String,
    /// What is seen, as a sentence without a full stop.
    pub sign: String,
    /// The first report that found it.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// Whether the newest report found it.
    pub ongoing: bool,
    /// What to try, the most promising first.
    pub advice: Vec<AdviceItem>,
}

/// Something to try.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdviceItem {
    /// Its name in requests.
    #[schema(value_type = String)]
    pub id: Advice,
    /// What it is, as a part of a sentence.
    pub words: String,
    /// Whether a new run can do it.
    pub applicable: bool,
    /// The options of `dcgan train` for it.
    pub flags: Vec<String>,
    /// Whether the new run has the same networks, and so can start with the weights of a checkpoint.
    pub keeps_networks: bool,
}

/// The best step.
#[derive(Debug, Serialize, ToSchema)]
pub struct Best {
    /// The step.
    pub step: u64,
    /// What the distance is: `kid`, `swd` or `report`.
    #[schema(value_type = String)]
    pub measure: dcgan::train::Measure,
    /// The distance between fakes and real pictures.
    pub distance: f32,
}

/// Reads a run.
///
/// # Errors
/// If it cannot be read.
pub fn detail(run: Run, path: &Path, words: &Words) -> Result<Detail, Failure> {
    let in_words = |error| Failure::Conflict((words.error)(&error));
    let folder = RunDirectory::open_shared(path).map_err(in_words)?;
    let config = folder.read_config().map_err(in_words)?;
    let diagnosis = doctor::diagnose(path).map_err(in_words)?;
    let mut checkpoints: Vec<u64> = folder
        .list_checkpoints()
        .map_err(in_words)?
        .iter()
        .map(|saved| saved.step)
        .collect();
    checkpoints.sort_unstable();
    let found = findings_of(&diagnosis, &config);
    let findings = found.iter().map(|finding| Finding {
        name: finding.condition.name().to_owned(),
        sign: finding.sign.to_owned(),
        first: *finding.steps.start(),
        last: *finding.steps.end(),
        ongoing: finding.ongoing,
        advice: finding
            .advice
            .iter()
            .map(|&advice| {
                let flags = (words.flags)(advice, &config);
                AdviceItem {
                    id: advice,
                    words: (words.advice)(advice),
                    applicable: flags.is_some(),
                    flags: flags.unwrap_or_default(),
                    keeps_networks: keeps_networks(advice),
                }
            })
            .collect(),
    });
    Ok(Detail {
        lines: (words.story)(&diagnosis),
        findings: findings.collect(),
        best: diagnosis.best.map(|best| Best {
            step: best.step,
            measure: best.measure,
            distance: best.distance,
        }),
        grids: folder.reported_steps(),
        checkpoints,
        z_dim: config.model.z_dim,
        latent: match config.model.latent_distribution() {
            LatentDistribution::Normal => "normal",
            LatentDistribution::Uniform => "uniform",
        },
        image_size: config.model.image_size,
        channels: config.model.channels,
        config: config.to_toml().map_err(Failure::internal)?,
        refused: diagnosis.refused.clone(),
        run,
    })
}

/// What the doctor found, and why the run gave up if it did.
pub fn findings_of(diagnosis: &Diagnosis, config: &RunConfig) -> Vec<doctor::Finding> {
    let mut all = diagnosis.findings.clone();
    let condition = Condition::NotFinite;
    let gave_up = matches!(diagnosis.state, State::GaveUp(_));
    if gave_up && all.iter().all(|finding| finding.condition != condition) {
        all.push(doctor::Finding {
            condition,
            steps: diagnosis.step..=diagnosis.step,
            ongoing: true,
            sign: condition.description(),
            advice: condition.advice(config),
        });
    }
    all
}

/// Whether a run that follows a piece of advice has the same networks, and would want their weights.
pub fn keeps_networks(advice: Advice) -> bool {
    matches!(
        advice,
        Advice::LowerLearningRate
            | Advice::HigherLearningRate
            | Advice::LowerBeta1
            | Advice::LargerBatches
            | Advice::GradientPenalty
            | Advice::Augment
            | Advice::Flip
            | Advice::RandomCrop
    )
}
