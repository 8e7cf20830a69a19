//! The settings of saving. They do not affect what a run learns.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Length};

/// When checkpoints are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// After each step whose number is a multiple of this.
    Steps(u64),
    /// After the first step that ends at least this long after the last checkpoint.
    Time(Duration),
}

/// What the training does when a file cannot be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnWriteError {
    /// It stops, and can be resumed from the newest checkpoint.
    #[default]
    Stop,
    /// It continues, and tries again with the next report and the next checkpoint.
    Continue,
}

/// The settings of saving, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavingOptions {
    /// When checkpoints are written; `None` for one with every report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Every>,
    /// The number of newest checkpoints to keep, besides the best one: 1 to 1,000,000.
    pub keep: usize,
    /// What the training does when a file cannot be written.
    pub on_write_error: OnWriteError,
}

impl Default for SavingOptions {
    /// How runs of schema 1 were saved.
    fn default() -> Self {
        Self {
            checkpoint_every: None,
            keep: 3,
            on_write_error: OnWriteError::Stop,
        }
    }
}

impl SavingOptions {
    /// Checks the settings.
    ///
    /// # Errors
    /// If no checkpoint would be kept, or more than any disk has room for.
    pub fn build(self) -> Result<SavingConfig, ConfigError> {
        ConfigError::check_range("checkpoints to keep", self.keep as u64, 1, 1_000_000)?;
        Ok(SavingConfig(self))
    }
}

/// How a run is saved. Always valid; made by [`SavingOptions::build`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "SavingOptions", into = "SavingOptions")]
pub struct SavingConfig(SavingOptions);

impl SavingConfig {
    /// The settings, to be changed and built again.
    pub fn into_options(self) -> SavingOptions {
        self.0
    }
}

impl Deref for SavingConfig {
    type Target = SavingOptions;

    fn deref(&self) -> &SavingOptions {
        &self.0
    }
}

impl TryFrom<SavingOptions> for SavingConfig {
    type Error = ConfigError;

    fn try_from(options: SavingOptions) -> Result<Self, ConfigError> {
        options.build()
    }
}

impl From<SavingConfig> for SavingOptions {
    fn from(config: SavingConfig) -> Self {
        config.0
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
        let wrong = || ConfigError::Every(text.to_owned());
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
            (Ok(count @ 1..=Length::MAX), None) => Ok(Self::Steps(count)),
            (Ok(count @ 1..=Length::MAX), Some(unit)) => {
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
    fn steps_and_times_are_distinguished_and_round_trip() {
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
    fn text_that_is_neither_steps_nor_a_time_is_rejected() {
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
