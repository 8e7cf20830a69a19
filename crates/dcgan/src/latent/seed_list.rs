//! Lists of seeds such as `0-63,100`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;

/// Seeds and ranges of seeds, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedList {
    ranges: Vec<RangeInclusive<u64>>,
}

/// Why a list of seeds is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SeedListError {
    /// An item is neither a number nor a range.
    #[error("'{0}' is not a seed; a list of seeds looks like 0-63,100")]
    InvalidSeed(String),
    /// A range ends before it begins.
    #[error("the range {first}-{last} runs backwards; write {last}-{first}")]
    Backwards {
        /// The first number as written.
        first: u64,
        /// The second number as written.
        last: u64,
    },
    /// The number of seeds does not fit in 64 bits.
    #[error("the list has more seeds than 64 bits can count")]
    TooMany,
}

impl SeedList {
    /// `count` consecutive seeds.
    ///
    /// # Errors
    /// If the last of them does not fit in 64 bits.
    pub fn from_first(first: u64, count: u64) -> Result<Self, SeedListError> {
        let Some(last_offset) = count.checked_sub(1) else {
            return Ok(Self { ranges: Vec::new() });
        };
        let last = first
            .checked_add(last_offset)
            .ok_or(SeedListError::TooMany)?;
        Ok(Self {
            ranges: vec![first..=last],
        })
    }

    /// The number of seeds, counting repeated ones.
    pub fn len(&self) -> u64 {
        self.ranges
            .iter()
            .map(|range| range.end() - range.start() + 1)
            .sum()
    }

    /// Whether the list has no seeds.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a seed is in the list.
    pub fn contains(&self, seed: u64) -> bool {
        self.ranges.iter().any(|range| range.contains(&seed))
    }

    /// The seeds in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().cloned().flatten()
    }
}

impl FromStr for SeedList {
    type Err = SeedListError;

    fn from_str(text: &str) -> Result<Self, SeedListError> {
        let mut ranges = Vec::new();
        let mut total = 0_u64;
        for item in text.split(',').map(str::trim) {
            let (first, last) = match item.split_once('-') {
                Some((first, last)) => (parse_seed(first.trim())?, parse_seed(last.trim())?),
                None => {
                    let seed = parse_seed(item)?;
                    (seed, seed)
                }
            };
            if last < first {
                return Err(SeedListError::Backwards { first, last });
            }
            total = (last - first)
                .checked_add(1)
                .and_then(|count| total.checked_add(count))
                .ok_or(SeedListError::TooMany)?;
            ranges.push(first..=last);
        }
        Ok(Self { ranges })
    }
}

fn parse_seed(text: &str) -> Result<u64, SeedListError> {
    let invalid = || SeedListError::InvalidSeed(text.to_owned());
    // `u64::from_str` would accept a sign
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    text.parse().map_err(|_| invalid())
}

impl fmt::Display for SeedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, range) in self.ranges.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            if range.start() == range.end() {
                write!(f, "{comma}{}", range.start())?;
            } else {
                write!(f, "{comma}{}-{}", range.start(), range.end())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_keep_their_order() {
        let list: SeedList = "7, 0-3,100,2-2".parse().unwrap();
        assert_eq!(list.iter().collect::<Vec<_>>(), [7, 0, 1, 2, 3, 100, 2]);
        assert_eq!(list.len(), 7);
        assert_eq!(list.to_string(), "7,0-3,100,2");
    }

    #[test]
    fn invalid_items_are_named() {
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
    fn seeds_beyond_64_bits_are_refused() {
        let last = SeedList::from_first(u64::MAX, 1).unwrap();
        assert_eq!(last.iter().collect::<Vec<_>>(), [u64::MAX]);
        assert!(SeedList::from_first(u64::MAX, 2).is_err());
    }
}
