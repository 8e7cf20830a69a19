//! Vector arithmetic on latent vectors (the paper, section 6.3.2).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::seed_list::{SeedList, SeedListError};

/// Groups that are added and taken away: `3,7,12 - 20,21,25 + 40,41,44`, or
/// `smiling woman - neutral woman + neutral man`.
///
/// Of each group the latent vectors are averaged; the paper averages three, since single ones did
/// not give the same result twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The groups in order.
    pub terms: Vec<Term>,
}

/// One group and its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether the group is taken away.
    pub minus: bool,
    /// Which pictures it is made of.
    pub group: Group,
}

/// What stands between two signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// The seeds of its pictures.
    Seeds(SeedList),
    /// Words that say what its pictures look like, one space between them.
    Words(String),
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seeds(seeds) => seeds.fmt(f),
            Self::Words(words) => words.fmt(f),
        }
    }
}

impl FromStr for Group {
    type Err = SeedListError;

    /// What has a letter is words, all else a list of seeds.
    fn from_str(text: &str) -> Result<Self, SeedListError> {
        let words: Vec<_> = text.split_whitespace().collect();
        match text.contains(char::is_alphabetic) {
            true => Ok(Self::Words(words.join(" "))),
            false => words.concat().parse().map(Self::Seeds),
        }
    }
}

/// Why an expression could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// A group is missing.
    #[error("a group is missing {0}: an expression looks like \"3,7,12 - 20,21,25 + 40,41,44\"")]
    NoGroup(String),
    /// A group is no list of seeds.
    #[error(transparent)]
    Seeds(#[from] SeedListError),
}

impl FromStr for Expression {
    type Err = ExpressionError;

    /// Signs stand between spaces; a `-` without them makes a run of seeds.
    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let mut terms = Vec::new();
        let (mut minus, mut group) = (false, String::new());
        let mut finish = |minus, group: &mut String, before: &str| {
            if group.is_empty() {
                return Err(ExpressionError::NoGroup(before.to_owned()));
            }
            let group = std::mem::take(group).parse()?;
            terms.push(Term { minus, group });
            Ok(())
        };
        for word in text.split_whitespace() {
            match word {
                "+" | "-" | "−" => {
                    finish(minus, &mut group, &format!("before '{word}'"))?;
                    minus = word != "+";
                }
                _ => {
                    group.push(' ');
                    group.push_str(word);
                }
            }
        }
        finish(minus, &mut group, "at the end")?;
        Ok(Self { terms })
    }
}

/// The mean of latent vectors, coordinate by coordinate.
///
/// # Panics
/// If there are none, or their lengths differ.
pub fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
    let mut sums = vec![0.0_f64; vectors[0].len()];
    for vector in vectors {
        assert_eq!(vector.len(), sums.len(), "lengths of latent vectors");
        for (sum, &value) in sums.iter_mut().zip(vector) {
            *sum += f64::from(value);
        }
    }
    let count = vectors.len() as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

/// The sum of vectors, each with its sign.
///
/// # Panics
/// If there are none, or their lengths differ.
pub fn signed_sum(terms: &[(bool, Vec<f32>)]) -> Vec<f32> {
    let mut sum = vec![0.0; terms[0].1.len()];
    for (minus, vector) in terms {
        assert_eq!(vector.len(), sum.len(), "lengths of latent vectors");
        for (sum, value) in sum.iter_mut().zip(vector) {
            *sum += if *minus { -value } else { *value };
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_between_spaces_separate_groups() {
        let expression: Expression = "3,7, 12 - 20-22 + 40".parse().unwrap();
        let terms: Vec<_> = expression
            .terms
            .iter()
            .map(|term| (term.minus, term.group.to_string()))
            .collect();
        let expected = [(false, "3,7,12"), (true, "20-22"), (false, "40")];
        assert_eq!(
            terms,
            expected.map(|(minus, seeds)| (minus, seeds.to_owned()))
        );
    }

    #[test]
    fn what_has_letters_is_words() {
        let expression: Expression = "smiling  woman − 5_o_Clock_Shadow + 4, 5".parse().unwrap();
        let groups: Vec<_> = expression
            .terms
            .into_iter()
            .map(|term| term.group)
            .collect();
        let words = |words: &str| Group::Words(words.to_owned());
        assert_eq!(
            groups[..2],
            [words("smiling woman"), words("5_o_Clock_Shadow")]
        );
        assert_eq!(groups[2], Group::Seeds("4,5".parse().unwrap()));
    }

    #[test]
    fn what_is_no_expression_says_where() {
        for (text, named) in [
            ("", "at the end"),
            ("1 -", "at the end"),
            ("- 1", "before '-'"),
            ("1 + - 2", "before '-'"),
            ("1 + 2.5", "'2.5'"),
        ] {
            let error = text.parse::<Expression>().unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn groups_are_averaged_and_added_with_their_signs() {
        assert_eq!(mean(&[vec![1.0, 4.0], vec![3.0, 0.0]]), [2.0, 2.0]);
        let terms = [
            (false, vec![1.0, 2.0]),
            (true, vec![0.5, 0.5]),
            (false, vec![4.0, 0.0]),
        ];
        assert_eq!(signed_sum(&terms), [4.5, 1.5]);
    }
}
