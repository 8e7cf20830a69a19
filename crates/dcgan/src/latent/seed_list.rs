//! Lists of seeds, as people write them: `0-63,100`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;

/// Seeds and runs of them, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedList {
    runs: Vec<RangeInclusive<u64>>,
}

/// Why a list of seeds could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SeedListError {
    /// A part is neither a number nor a run.
    #[error("'{0}' is no seed: a list looks like 0-63,100")]
    NoSeed(String),
    /// A run ends before it begins.
    #[error("the run {first}-{last} goes backwards: write {last}-{first}")]
    Backwards {
        /// What it begins with.
        first: u64,
        /// What it ends with.
        last: u64,
    },
    /// There are more seeds than can be counted.
    #[error("the list has more seeds than anyone can draw")]
    TooMany,
}

impl SeedList {
    /// The seeds from `first` on.
    ///
    /// # Errors
    /// If the last of them would be too large for a seed.
    pub fn from_first(first: u64, count: u64) -> Result<Self, SeedListError> {
        let Some(last_offset) = count.checked_sub(1) else {
            return Ok(Self { runs: Vec::new() });
        };
        let last = first.checked_add(last_offset);
        let last = last.ok_or(SeedListError::TooMany)?;
        let runs = vec![first..=last];
        Ok(Self { runs })
    }

    /// How many seeds there are, those that come twice counted twice.
    pub fn len(&self) -> u64 {
        self.runs
            .iter()
            .map(|run| run.end() - run.start() + 1)
            .sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The seeds in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().cloned().flatten()
    }
}

impl FromStr for SeedList {
    type Err = SeedListError;

    fn from_str(text: &str) -> Result<Self, SeedListError> {
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = if digits {
                part.parse::<u64>().ok()
            } else {
                None
            };
            number.ok_or_else(|| SeedListError::NoSeed(part.to_owned()))
        };
        let mut runs = Vec::new();
        let mut total = 0_u64;
        for part in text.split(',').map(str::trim) {
            let run = match part.split_once('-') {
                Some((first, last)) => number(first.trim())?..=number(last.trim())?,
                None => {
                    let seed = number(part)?;
                    seed..=seed
                }
            };
            if run.is_empty() {
                let (first, last) = run.into_inner();
                return Err(SeedListError::Backwards { first, last });
            }
            let count = (run.end() - run.start()).checked_add(1);
            let sum = count.and_then(|count| total.checked_add(count));
            total = sum.ok_or(SeedListError::TooMany)?;
            runs.push(run);
        }
        Ok(Self { runs })
    }
}

impl fmt::Display for SeedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, run) in self.runs.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            match run.start() == run.end() {
                true => write!(f, "{comma}{}", run.start())?,
                false => write!(f, "{comma}{}-{}", run.start(), run.end())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_runs_keep_their_order() {
        let list: SeedList = "7, 0-3,100,2-2".parse().unwrap();
        assert_eq!(list.iter().collect::<Vec<_>>(), [7, 0, 1, 2, 3, 100, 2]);
        assert_eq!(list.len(), 7);
        assert_eq!(list.to_string(), "7,0-3,100,2");
    }

    #[test]
    fn what_is_no_list_is_named() {
        for (text, named) in [
            ("", "''"),
            ("1,,2", "''"),
            ("1,x", "'x'"),
            ("-5", "''"),
            ("1-2-3", "'2-3'"),
            ("1.5", "'1.5'"),
            ("+3", "'+3'"),
            ("99999999999999999999999", "'99999999999999999999999'"),
            ("9-3", "3-9"),
            ("0-18446744073709551615,1", "more seeds"),
        ] {
            let error = text.parse::<SeedList>().unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn seeds_that_pass_the_last_one_are_refused() {
        let last = SeedList::from_first(u64::MAX, 1).unwrap();
        assert_eq!(last.iter().collect::<Vec<_>>(), [u64::MAX]);
        assert!(SeedList::from_first(u64::MAX, 2).is_err());
    }
}
