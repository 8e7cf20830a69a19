//! `--checkpoint`: which weights of a run are used.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;
use dcgan::train::{Measure, RunDirectory, best, distances, read_metrics};

use crate::shared::output;

/// `--checkpoint`
#[derive(Debug, Args)]
pub struct CheckpointArguments {
    /// The weights of a run: newest (of its last report), best (of its best evaluation), or the
    /// number of a step whose checkpoint was kept [default: newest]
    #[arg(long, value_name = "newest|best|STEP")]
    pub checkpoint: Option<Choice>,
}

/// Which weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Newest,
    Best,
    Step(u64),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "newest" => Ok(Self::Newest),
            "best" => Ok(Self::Best),
            _ => text
                .parse()
                .map(Self::Step)
                .map_err(|_| "expected newest, best or the number of a step".to_owned()),
        }
    }
}

impl CheckpointArguments {
    /// The run directory or weight file that these arguments choose.
    ///
    /// # Errors
    /// If `run` is no run directory but a choice was made, or has no such checkpoint.
    pub fn resolve(&self, run: &Path) -> Result<PathBuf> {
        let directory = RunDirectory::open_shared(run).ok();
        let (Some(directory), Some(choice)) = (&directory, self.checkpoint) else {
            if self.checkpoint.is_some() {
                bail!(
                    "--checkpoint chooses among the checkpoints of a run, and {} is not the directory of a run: \
                     omit it",
                    run.display()
                );
            }
            if let Some(directory) = directory {
                recommend_best(&directory);
            }
            return Ok(run.to_owned());
        };
        let step = match choice {
            Choice::Newest => return Ok(run.to_owned()),
            Choice::Step(step) => step,
            Choice::Best => match best(&read_metrics(&directory.metrics())?) {
                Some(best) => best.step,
                None => bail!(
                    "{} has no evaluation or report yet, so no checkpoint is known to be the best: omit --checkpoint",
                    run.display()
                ),
            },
        };
        let path = directory.checkpoint(step);
        if path.exists() {
            return Ok(path);
        }
        let saved = directory.list_checkpoints()?;
        let mut steps: Vec<u64> = saved.iter().map(|checkpoint| checkpoint.step).collect();
        steps.sort_unstable();
        let steps: Vec<String> = steps.iter().map(u64::to_string).collect();
        let kept = if steps.is_empty() {
            "it has none yet".to_owned()
        } else {
            format!("give one of {}", steps.join(", "))
        };
        bail!("{} has no checkpoint of step {step}: {kept}", run.display());
    }
}

/// Says so if the best checkpoint is clearly better than the newest weights.
fn recommend_best(directory: &RunDirectory) {
    // drawing needs no metrics
    let lines = read_metrics(&directory.metrics()).unwrap_or_default();
    let Some(best) = best(&lines) else {
        return;
    };
    if best.measure == Measure::Report {
        return; // 64 pictures are too few to judge by
    }
    let newest = distances(&lines, best.measure).next_back();
    if newest.is_some_and(|newest| best.is_clearly_better_than(newest.distance))
        && directory.checkpoint(best.step).exists()
    {
        output::note(&format!(
            "these are the newest weights; at step {} the pictures were clearly better, which --checkpoint best draws",
            best.step
        ));
    }
}
