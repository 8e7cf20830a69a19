//! The arguments of `dcgan train` about saving and evaluating, which may change when a run is resumed.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use dcgan::config::{self, Every};

const SAVING: &str = "Saving";
const EVALUATION: &str = "Evaluation";

/// How a run is saved.
#[derive(Debug, Args)]
pub struct SavingArguments {
    /// Steps between checkpoints, or a time such as 30s, 10m or 2h [default: one with each
    /// report]
    #[arg(long, value_name = "N|TIME", help_heading = SAVING)]
    pub checkpoint_every: Option<Every>,

    /// Number of newest checkpoints to keep, in addition to the best: that of the best evaluation, or
    /// without evaluations of the report whose samples are nearest to the real pictures
    /// [default: 3]
    #[arg(long, value_name = "N", help_heading = SAVING)]
    pub keep: Option<usize>,

    /// What to do when a file cannot be written: stop, or continue and retry at the next report
    /// [default: stop]
    #[arg(long, value_name = "WHAT", value_enum, help_heading = SAVING)]
    pub on_write_error: Option<OnWriteError>,
}

/// How a run is evaluated.
#[derive(Debug, Args)]
pub struct EvaluationArguments {
    /// Steps between evaluations, or a time such as 10m, or `never`: 2,048 drawn pictures are
    /// compared with as many real ones [default: 1000; 5000 with preset small and for
    /// demo]
    #[arg(long, value_name = "N|TIME|never", help_heading = EVALUATION)]
    pub evaluate_every: Option<EvaluateEvery>,

    /// Weights of Inception, to measure KID and FID in evaluations too (see `dcgan evaluate --help`)
    #[arg(long, value_name = "FILE", help_heading = EVALUATION)]
    pub inception: Option<PathBuf>,
}

/// `--evaluate-every`: `None` is `never`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluateEvery(pub Option<Every>);

impl FromStr for EvaluateEvery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let every = text
            .parse()
            .map_err(|error: config::ConfigError| error.to_string());
        every.map(|every| Self(Some(every)))
    }
}

/// `--on-write-error`
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum OnWriteError {
    /// Stop the run.
    Stop,
    /// Continue and retry at the next report.
    Continue,
}

impl From<OnWriteError> for config::OnWriteError {
    fn from(choice: OnWriteError) -> Self {
        match choice {
            OnWriteError::Stop => Self::Stop,
            OnWriteError::Continue => Self::Continue,
        }
    }
}
