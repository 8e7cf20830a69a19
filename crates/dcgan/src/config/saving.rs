//! How a run is saved, which changes nothing of what it learns.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Length, in_range};

/// When checkpoints are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// After each step whose number is a multiple of this.
    Steps(u64),
    /// After the first step that ends so much time after the checkpoint before.
    Time(Duration),
}

/// What a file that cannot be written means for the training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnWriteError {
    /// Its end: it goes on with `--resume`, from the newest checkpoint.
    #[default]
    Stop,
    /// Nothing: the next report and the next checkpoint are tried again.
    Continue,
}

/// How a run is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavingConfig {
    /// When checkpoints are written; none for with every report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Every>,
    /// The newest checkpoints that are kept, beside the best.
    pub keep: usize,
    /// What a file that cannot be written means.
    pub on_write_error: OnWriteError,
}

impl Default for SavingConfig {
    /// As runs were saved before there was a choice (schema 1).
    fn default() -> Self {
        Self {
            checkpoint_every: None,
            keep: 3,
            on_write_error: OnWriteError::Stop,
        }
    }
}

impl SavingConfig {
    /// Whether a run can be saved like this.
    ///
    /// # Errors
    /// No checkpoint to keep, or more than any disk has room for.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("keep", self.keep, 1, 1_000_000)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Time(time) => write!(f, "{}s", time.as_secs()),
        }
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        every.to_string()
    }
}

impl TryFrom<String> for Every {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        text.parse()
    }
}

impl FromStr for Every {
    type Err = ConfigError;

    /// `500` steps, or a time such as `30s`, `10m` or `2h`.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || {
            ConfigError(format!(
                "'{text}' says nothing about when: give steps such as 500, or a time such as \
                 30s, 10m or 2h"
            ))
        };
        let (digits, seconds) = match text.strip_suffix(['s', 'm', 'h']) {
            None => (text, None),
            Some(digits) if text.ends_with('s') => (digits, Some(1)),
            Some(digits) if text.ends_with('m') => (digits, Some(60)),
            Some(digits) => (digits, Some(3600)),
        };
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong()); // a sign, which a number could have
        }
        match (digits.parse::<u64>(), seconds) {
            (Ok(count @ 1..=Length::MOST), None) => Ok(Self::Steps(count)),
            (Ok(count @ 1..=Length::MOST), Some(unit)) => {
                Ok(Self::Time(Duration::from_secs(count * unit)))
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_times_are_told_apart_and_read_back() {
        let time = |seconds| Every::Time(Duration::from_secs(seconds));
        for (text, every) in [
            ("500", Every::Steps(500)),
            ("30s", time(30)),
            ("10m", time(600)),
            ("2h", time(7200)),
        ] {
            assert_eq!(text.parse(), Ok(every));
            assert_eq!(every.to_string().parse(), Ok(every));
        }
    }

    #[test]
    fn what_is_no_time_and_no_number_of_steps_is_refused() {
        for text in [
            "",
            "0",
            "0m",
            "m",
            "-5",
            "+5",
            "1.5h",
            "10 m",
            "5d",
            "99999999999999999h",
        ] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
